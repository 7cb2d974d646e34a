/* SPDX-License-Identifier: MIT */
/* "đã nhận", "rõ", "ok ạ": counted silently for the announcement they answer (domain §5.3 /thongbao). And the report. */
#ifndef CDSBOT_BOT_COMMANDS_RECEIPT_H
#define CDSBOT_BOT_COMMANDS_RECEIPT_H

#include "bot/command.h"
#include "store/announcement.h"

/* CMD_PASS: this text is no receipt, or there is nothing it could answer. */
enum cmd_status receipt_free_text(struct cmd_ctx *ctx);

/* "TB7: 8/10 đã nhận. Chưa: …" with what could not be delivered; caller frees. NULL + error. */
char *receipt_report(struct db *db, const struct registry *r, const char *address, const struct announcement *a, GError **error);

/* "16h30 thứ Sáu 27/11/2026"; caller frees. */
char *receipt_due_text(const char *address, int64_t due_ms);

/* There is none, or none for this person: he is told what he can do. */
enum cmd_status receipt_say_none(struct cmd_ctx *ctx, int64_t tb_number);
/* /x TB7 and /tb TB7: the announcement for those it was sent to, and for moderators its report. */
enum cmd_status receipt_show(struct cmd_ctx *ctx, int64_t tb_number);

#endif
