/* SPDX-License-Identifier: MIT */
/* An adapter with a known bot for the tests of the Zalo Bot codec, and answers to judge. No network. */
#ifndef CDSBOT_TESTS_ZALO_BOT_HELP_H
#define CDSBOT_TESTS_ZALO_BOT_HELP_H

#include <string.h>

#include "adapters/zalo_bot.h"
#include "adapters/zalo_bot_mention.h"
#include "base/json.h"
#include "base/macros.h"

extern const struct adapter_ops adapter_zalo_bot;

#define HELP_TOKEN "12345689012345678:abc-xyz"
#define HELP_BASE "https://zb.example"
#define HELP_BOT "12345689012345678"

static inline struct adapter *help_adapter_new(void)
{
	struct adapter *a = g_new0(struct adapter, 1);
	struct zalo_bot *z = g_new0(struct zalo_bot, 1);

	a->ops = &adapter_zalo_bot;
	a->bot_id = g_strdup(HELP_BOT);
	a->state = z;
	a->env.saved = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	z->token = g_strdup(HELP_TOKEN);
	z->base = g_strdup(HELP_BASE);
	z->poll_timeout_s = 30;
	z->flood_pause_ms = 600000;
	z->names = g_ptr_array_new_with_free_func(g_free);
	z->commands = g_ptr_array_new();
	z->unstored = g_ptr_array_new_with_free_func((GDestroyNotify)update_free);
	zalo_bot_mention_add(z->names, "Bot Sổ Trực");
	z->n_own_names = z->names->len;
	return a;
}

static inline void help_webhook(struct adapter *a)
{
	struct zalo_bot *z = a->state;

	z->is_webhook = true;
	z->webhook_url = g_strdup("https://cds.example/zalo-bot");
	z->webhook_path = g_strdup("/zalo-bot");
	z->webhook_secret = g_strdup("bi-mat_1234567890");
}

static inline void help_adapter_free(struct adapter *a)
{
	a->ops->codec->release(a);
	g_hash_table_destroy(a->env.saved);
	g_free(a->bot_id);
	g_free(a->alarm);
	g_free(a->notice);
	g_free(a);
}
typedef struct adapter adapter_t; /* for g_autoptr alone */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(adapter_t, help_adapter_free)

static inline struct http_response help_answer(long status, const char *body)
{
	return (struct http_response){
		.trouble = HTTP_ANSWERED,
		.status = status,
		.body = body,
		.body_len = strlen(body),
		.retry_after_ms = -1,
		.elapsed_ms = 20,
	};
}

#define FAIL(code, description) "{\"ok\":false,\"error_code\":" #code ",\"description\":\"" description "\"}"

static inline cJSON *help_body(const struct http_request *r)
{
	g_autoptr(GError) error = NULL;
	cJSON *json = json_parse(r->body, r->body_len, &error);

	g_assert_no_error(error);
	return json;
}

/* The compact JSON at a path, or "-" if it is missing; caller frees. */
static inline char *help_at(const cJSON *json, const char *path)
{
	const cJSON *node = json_at(json, path);

	return node ? json_text(node) : g_strdup("-");
}

#define assert_at(json, path, expected)                                                                                            \
	do {                                                                                                                       \
		g_autofree char *found_ = help_at(json, path);                                                                     \
		g_assert_cmpstr(found_, ==, expected);                                                                             \
	} while (0)

#endif
