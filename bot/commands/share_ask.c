/* SPDX-License-Identifier: MIT */
/* The questions of sharing, one at a time, and their answers: title, content, which unit, near duplicate, and the two that may be
 * skipped. The item is saved and numbered before any of them; a question that is never answered loses nothing. */
#include "share.h"

#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"
#include "contribution.h"
#include "itemref.h"
#include "luu.h"
#include "store/search/search.h"

/* "Vâng ạ" is no answer to an optional question; "giảm nửa thời gian" is. */
#define SENTENCE_WORDS_MIN 3

static enum cmd_status answer_title(struct cmd_ctx *ctx, struct item *i);
static enum cmd_status answer_content(struct cmd_ctx *ctx, struct item *i);
static enum cmd_status answer_unit(struct cmd_ctx *ctx, struct item *i);
static enum cmd_status answer_similar(struct cmd_ctx *ctx, struct item *i);
static enum cmd_status answer_optional(struct cmd_ctx *ctx, struct item *i);

static const struct {
	const char *step;
	enum cmd_status (*answer)(struct cmd_ctx *ctx, struct item *i);
	bool takes_labels; /* else labelled lines are additions: share_free_text */
} steps[] = {
	{ "title", answer_title, true },      { "content", answer_content, true },     { "unit", answer_unit, false },
	{ "similar", answer_similar, false }, { "thuctrang", answer_optional, false }, { "hieuqua", answer_optional, false },
};

/* --- Asking --- */

/* {"item":12} and perhaps {"other":9}. */
static void ask(struct cmd_ctx *ctx, const char *step, const struct item *i, int64_t other)
{
	g_autoptr(cJSON) data = cJSON_CreateObject();
	g_autofree char *text = NULL;

	if (i)
		json_add_int64(data, "item", i->id);
	if (other)
		json_add_int64(data, "other", other);
	text = json_text(data);
	cmd_ask_for(ctx, &cmd_chiase, step, text);
}

enum cmd_status share_ask_title(struct cmd_ctx *ctx, const struct item *item_or_null, enum msg id)
{
	ask(ctx, "title", item_or_null, 0);
	return cmd_say(ctx, id, NULL);
}

enum cmd_status share_ask_content(struct cmd_ctx *ctx, const struct item *i)
{
	ask(ctx, "content", i, 0);
	return cmd_say(ctx, MSG_ASK_CONTENT, "title", i->title, NULL);
}

static char *unit_choices(const struct cmd_ctx *ctx, const GPtrArray *codes)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	for (guint n = 0; n < codes->len; n++)
		g_ptr_array_add(names, registry_unit(ctx->registry, g_ptr_array_index(codes, n))->name);
	g_ptr_array_add(names, NULL);
	return itemref_choices((char **)names->pdata);
}

enum cmd_status share_ask_unit(struct cmd_ctx *ctx, const struct item *i)
{
	g_autoptr(GPtrArray) codes = share_draft_units_near(ctx, i);
	g_autofree char *choices = NULL, *numbers = NULL;

	if (!codes)
		return CMD_PASS;
	choices = unit_choices(ctx, codes);
	numbers = itemref_numbers(codes->len);
	ask(ctx, "unit", i, 0);
	return cmd_say(ctx, MSG_ASK_UNIT, "typed", i->unit_text, "choices", choices, "numbers", numbers, NULL);
}

/* Which item the near-duplicate question would name; only ones that the person may see. NULL: none, or broken. */
static struct item *similar_of(struct cmd_ctx *ctx, const struct item *i)
{
	g_autoptr(GPtrArray) hits = store_search_similar(ctx->db, ctx->registry, i->title, ctx->member, i->id, 1, &ctx->error);
	struct item *other = NULL;

	if (!hits || !hits->len)
		return NULL;
	/* NOT_FOUND cannot be: the index is in step with the table; then there is nothing to ask about. */
	if (store_item_by_row(ctx->db, ((const struct search_hit *)g_ptr_array_index(hits, 0))->item_id, &other, &ctx->error) !=
	    STORE_OK)
		return NULL;
	if (other->status == ITEM_DRAFT) /* its author has not even sent it in */
		g_clear_pointer(&other, item_free);
	return other;
}

static enum cmd_status ask_similar(struct cmd_ctx *ctx, const struct item *i)
{
	g_autoptr(item_t) other = similar_of(ctx, i);
	g_autofree char *id = NULL, *other_id = NULL;

	if (ctx->error)
		return CMD_BROKEN;
	if (!other)
		return CMD_PASS;
	id = itemref_id(i);
	other_id = itemref_id(other);
	ask(ctx, "similar", i, other->id);
	cmd_say(ctx, MSG_ASK_SIMILAR, "id", id, "other", other_id, NULL);
	return cmd_say(ctx, MSG_SIMILAR_TITLE, "other", other_id, "title", other->title, NULL);
}

static const struct {
	const char *key;
	enum msg question;
} optional[] = { { "thuctrang", MSG_ASK_BEFORE }, { "hieuqua", MSG_ASK_EFFECT } };

/* The first of the optional questions from `from` on that the item does not answer yet; else all is done. */
static enum cmd_status ask_optional(struct cmd_ctx *ctx, const struct item *i, size_t from)
{
	for (size_t n = from; n < ARRAY_SIZE(optional); n++) {
		if (item_field_get(i, optional[n].key))
			continue;
		ask(ctx, optional[n].key, i, 0);
		return cmd_say(ctx, optional[n].question, NULL);
	}
	cmd_asked_done(ctx);
	return CMD_DONE;
}

enum cmd_status share_ask_first(struct cmd_ctx *ctx, const struct item *i, const struct share_draft *unclear_or_null)
{
	enum cmd_status asked;

	share_summary(ctx, i);
	if (unclear_or_null)
		share_draft_say_unclear(ctx, unclear_or_null, i);
	asked = share_ask_unit(ctx, i);
	if (asked == CMD_PASS)
		asked = ask_similar(ctx, i);
	return asked == CMD_PASS ? ask_optional(ctx, i, 0) : asked;
}

/* --- Answering --- */

static bool is_skip(const char *text)
{
	static const char *const words[] = { "bo qua", "bo", "thoi", "khong co", "chua co", "de sau", "huy", "skip" };
	g_autofree char *said = text_fold(text);

	for (size_t n = 0; n < ARRAY_SIZE(words); n++)
		if (strcmp(said, words[n]) == 0)
			return true;
	return reader_yes_no(text) == ANSWER_NO;
}

static enum cmd_status stop(struct cmd_ctx *ctx, const struct item *i)
{
	g_autofree char *id = i ? itemref_id(i) : NULL;

	cmd_asked_done(ctx);
	return id ? cmd_say(ctx, MSG_ASK_STOPPED, "id", id, NULL) : cmd_say(ctx, MSG_ASK_STOPPED_NOTHING, NULL);
}

/* Takes into the item what an answer brought beside the thing asked for. */
static void take_rest(struct cmd_ctx *ctx, struct item *i, const struct share_draft *d)
{
	if (d->unit)
		share_draft_unit(ctx, i, d->unit, ctx->member);
	if (d->field)
		share_draft_field(ctx, i, d->field);
	if (d->type)
		share_draft_type(i, d->type);
	for (guint n = 0; n < d->fields->len; n++) {
		const struct item_field *f = g_ptr_array_index(d->fields, n);

		item_field_set(i, f->key, f->value);
	}
	share_draft_guess(ctx, i);
}

/* Stores the item as it stands; files that came with the answer too. */
static enum cmd_status save(struct cmd_ctx *ctx, struct item *i)
{
	unsigned n_files;

	if (store_item_save(ctx->db, i, true, ctx->member, ctx->now_ms, &ctx->error) != STORE_OK)
		return cmd_broken(ctx, g_steal_pointer(&ctx->error));
	if (!share_attach_all(ctx, ctx->u, i->id, &n_files))
		return CMD_BROKEN;
	cmd_about(ctx, i->id);
	cmd_expect_files(ctx, i->id);
	return CMD_DONE;
}

/* Saves a draft that has got its title or content, and goes on with what it still lacks. */
static enum cmd_status save_draft(struct cmd_ctx *ctx, struct item *changed)
{
	g_autoptr(item_t) i = NULL;
	enum cmd_status saved = save(ctx, changed);

	if (saved != CMD_DONE)
		return saved;
	if (store_item_by_row(ctx->db, changed->id, &i, &ctx->error) != STORE_OK)
		return cmd_broken(ctx, g_steal_pointer(&ctx->error));
	if (!*i->title)
		return share_ask_title(ctx, i, MSG_ASK_TITLE);
	if (!*i->body)
		return share_ask_content(ctx, i);
	return share_submitted(ctx, i, NULL);
}

static enum cmd_status answer_title(struct cmd_ctx *ctx, struct item *i)
{
	const struct share_source from = { .u = ctx->u,
					   .chat_id = ctx->chat ? ctx->chat->id : 0,
					   .message_id = ctx->u->message_id };
	g_auto(share_draft_t) d = { 0 };
	g_autofree char *body = NULL;

	if (is_skip(ctx->u->text))
		return stop(ctx, i);
	share_draft_read(ctx->u->text, true, &d);
	if (!*d.title)
		return cmd_say(ctx, MSG_ASK_TITLE_AGAIN, NULL);
	if (!i)
		return share_new(ctx, &from, &d);
	g_free(i->title);
	i->title = g_strdup(d.title);
	body = share_draft_join(i->body, d.body);
	g_free(i->body);
	i->body = g_steal_pointer(&body);
	take_rest(ctx, i, &d);
	return save_draft(ctx, i);
}

static enum cmd_status answer_content(struct cmd_ctx *ctx, struct item *i)
{
	g_auto(share_draft_t) d = { 0 };
	g_autofree char *more = NULL, *body = NULL;

	if (!i)
		return CMD_PASS;
	if (is_skip(ctx->u->text))
		return stop(ctx, i);
	share_draft_read(ctx->u->text, false, &d);
	more = share_draft_join(d.addition, d.body);
	body = share_draft_join(i->body, more);
	g_free(i->body);
	i->body = g_steal_pointer(&body);
	take_rest(ctx, i, &d);
	return save_draft(ctx, i);
}

static enum cmd_status answer_unit(struct cmd_ctx *ctx, struct item *i)
{
	g_autoptr(GPtrArray) codes = i ? share_draft_units_near(ctx, i) : NULL;
	g_autofree char *id = NULL, *numbers = NULL, *typed = NULL;
	unsigned choice;
	enum cmd_status next;

	if (!codes) {
		cmd_asked_done(ctx);
		return CMD_PASS;
	}
	id = itemref_id(i);
	choice = reader_choice(ctx->u->text, codes->len);
	typed = g_strdup(choice ? registry_unit(ctx->registry, g_ptr_array_index(codes, choice - 1))->name : ctx->u->text);
	if (!choice && is_skip(typed)) {
		cmd_asked_done(ctx);
		return CMD_DONE;
	}
	if (!share_draft_unit(ctx, i, typed, ctx->member)) {
		g_autoptr(GPtrArray) others = share_draft_units_near(ctx, i);

		/* Nothing near: the first choices stand, and the item keeps the first text. */
		if (!others) {
			numbers = itemref_numbers(codes->len);
			return cmd_say(ctx, MSG_ASK_UNIT_AGAIN, "typed", typed, "numbers", numbers, NULL);
		}
	}
	next = save(ctx, i);
	if (next != CMD_DONE)
		return next;
	if (!i->unit)
		return share_ask_unit(ctx, i);
	cmd_say(ctx, MSG_UNIT_SET, "id", id, "unit", itemref_unit(ctx, i), NULL);
	next = ask_similar(ctx, i);
	return next == CMD_PASS ? ask_optional(ctx, i, 0) : next;
}

/* Where it is none after all it is asked on like any other. */
static enum cmd_status part_of(struct cmd_ctx *ctx, const struct item *i, const struct item *other, bool adopt)
{
	enum cmd_status said;

	cmd_asked_done(ctx);
	said = contribution_propose(ctx, i, other, adopt);
	return said == CMD_PASS ? ask_optional(ctx, i, 0) : said;
}

static enum cmd_status answer_similar(struct cmd_ctx *ctx, struct item *i)
{
	g_autoptr(cJSON) data = json_parse(ctx->pending->data, strlen(ctx->pending->data), &ctx->error);
	g_autoptr(item_t) other = NULL;
	g_autofree char *id = NULL;
	int64_t row = 0;

	if (!data)
		return CMD_BROKEN;
	json_int64(data, "other", &row);
	if (store_item_by_row(ctx->db, row, &other, &ctx->error) == STORE_BROKEN)
		return CMD_BROKEN;
	if (!i || !other) {
		cmd_asked_done(ctx);
		return CMD_PASS;
	}
	id = itemref_id(i);
	switch (reader_choice(ctx->u->text, 3)) {
	case 1:
		return part_of(ctx, i, other, false);
	case 2:
		cmd_say(ctx, MSG_SIMILAR_NOT, "id", id, NULL);
		return ask_optional(ctx, i, 0);
	case 3:
		return part_of(ctx, i, other, true);
	default:
		return cmd_say(ctx, MSG_ASK_SIMILAR_AGAIN, NULL);
	}
}

static bool is_courtesy(const char *folded)
{
	static const char *const starts[] = { "cam on", "xin cam on", "xin chao", "chao ", "alo ", "chuc mung" };

	for (size_t n = 0; n < ARRAY_SIZE(starts); n++)
		if (g_str_has_prefix(folded, starts[n]))
			return true;
	return false;
}

/* Looks like an answer in words: not a command's short form, an id, thanks or a receipt. */
static bool is_sentence(const struct cmd_ctx *ctx)
{
	struct reading r = { 0 };
	g_autofree char *said = text_fold(ctx->u->text);
	bool is_short_command;
	size_t words = *said ? 1 : 0;

	for (const char *p = said; *p; p++)
		words += *p == ' ';
	if (words < SENTENCE_WORDS_MIN || is_courtesy(said) || reader_is_receipt(ctx->u->text) ||
	    reader_yes_no(ctx->u->text) != ANSWER_OTHER)
		return false;
	reader_read(command_table, ctx->u->text, true, false, false, &r);
	/* Nobody begins a sentence with "t" or "dk": that is /tim and /dangky without their slash. */
	is_short_command = r.kind == READING_ID || (r.kind == READING_COMMAND && r.word && text_len(r.word, TEXT_CODE_POINTS) <= 2);
	reading_clear(&r);
	return !is_short_command;
}

static enum cmd_status answer_optional(struct cmd_ctx *ctx, struct item *i)
{
	size_t at = strcmp(ctx->pending->step, optional[0].key) == 0 ? 0 : 1;
	const char *key = optional[at].key;
	g_autofree char *id = NULL, *value = NULL;
	enum cmd_status saved;

	if (!i) {
		cmd_asked_done(ctx);
		return CMD_PASS;
	}
	/* Sent back since it was asked: what he writes now answers the moderator, not this. */
	if (i->status == ITEM_RETURNED && i->decided_ms > ctx->pending->asked_ms) {
		cmd_asked_done(ctx);
		return CMD_PASS;
	}
	id = itemref_id(i);
	if (is_skip(ctx->u->text)) {
		cmd_asked_done(ctx);
		return cmd_say(ctx, MSG_ASK_SKIPPED, "id", id, "label", reader_label_name(key), NULL);
	}
	if (!is_sentence(ctx) || luu_is_talk(ctx->u->text))
		return CMD_PASS;
	/* Somebody else may have filled it in meanwhile: joined, nothing is lost. */
	value = share_draft_join(item_field_get(i, key), ctx->u->text);
	item_field_set(i, key, value);
	saved = save(ctx, i);
	if (saved != CMD_DONE)
		return saved;
	cmd_say(ctx, MSG_CHANGED, "id", id, "labels", reader_label_name(key), NULL);
	return ask_optional(ctx, i, at + 1);
}

/* The item of the open question; NULL where the question is about none. False = broken. */
static bool load(struct cmd_ctx *ctx, struct item **ret)
{
	g_autoptr(cJSON) data = json_parse(ctx->pending->data, strlen(ctx->pending->data), &ctx->error);
	int64_t row;

	if (!data)
		return false;
	return !json_int64(data, "item", &row) || store_item_by_row(ctx->db, row, ret, &ctx->error) != STORE_BROKEN;
}

/* Decided before the answer came: a bare "2" would else be answered with "not understood". */
static enum cmd_status answer_too_late(struct cmd_ctx *ctx, const struct item *i)
{
	g_autofree char *id = itemref_id(i);

	cmd_asked_done(ctx);
	if (!reader_choice(ctx->u->text, 9) && !is_skip(ctx->u->text))
		return CMD_PASS;
	return cmd_say(ctx, MSG_ASK_TOO_LATE, "id", id, "state", itemref_state(i->status), NULL);
}

enum cmd_status share_ask_answer(struct cmd_ctx *ctx)
{
	g_autoptr(item_t) i = NULL;
	g_auto(share_draft_t) d = { 0 };

	if (!ctx->member || !ctx->pending->data || !ctx->u->text || !*ctx->u->text)
		return CMD_PASS;
	if (!load(ctx, &i))
		return CMD_BROKEN;
	if (i && (!itemref_is_open(i) || !item_editable_by(i, ctx->member)))
		return answer_too_late(ctx, i);
	/* "Đã nhận" speaks of an announcement that came meanwhile; it is no title, content or choice. */
	if (reader_is_receipt(ctx->u->text))
		return CMD_PASS;
	if (share_refuses(ctx, ctx->u->text))
		return CMD_DONE;
	share_draft_read(ctx->u->text, false, &d);
	for (size_t n = 0; n < ARRAY_SIZE(steps); n++)
		if (strcmp(steps[n].step, ctx->pending->step) == 0)
			return d.has_labels && !steps[n].takes_labels ? CMD_PASS : steps[n].answer(ctx, i);
	cmd_asked_done(ctx);
	return CMD_PASS;
}
