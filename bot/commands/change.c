/* SPDX-License-Identifier: MIT */
/* Writes additions into stored items. Knows nothing of how an item came to be; decisions on items are in decide.c. */
#include "change.h"

#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"
#include "itemref.h"
#include "share.h"

/* How much of an old text a question or proposal shows. */
#define SHOWN_GRAPHEMES 200
/* Most items a question offers. */
#define CHOICES_MAX 6
/* An album comes as one message a file: its later files join silently. */
#define ALBUM_MS (10 * SECOND_MS)

struct change {
	struct item *i;
	GString *labels;     /* what was written, for people */
	cJSON *conflicts;    /* key -> new text: somebody wrote another one before */
	enum change_why why;
	bool is_overwriting; /* no conflicts: the new text stands, but see may_replace */
	bool is_proposal;    /* nothing is written, proposals are collected */
	GString *proposals;
	struct cmd_ctx *ctx;
	const char *asked_id; /* the message that holds the text, if a question kept it; NULL: the turn's own */
};

static const char *label_of(const char *key)
{
	const char *label;

	if (strcmp(key, "nhanrong") == 0)
		return wording_raw(MSG_LABEL_SPREAD_LONG);
	label = reader_label_name(key);
	return label ? label : key;
}

static void add_label(struct change *c, const char *key)
{
	g_string_append_printf(c->labels, "%s%s", c->labels->len ? ", " : "", label_of(key));
}

static bool is_same(const char *a, const char *b)
{
	g_autofree char *fa = text_fold(a ? a : "");
	g_autofree char *fb = text_fold(b ? b : "");

	return strcmp(fa, fb) == 0;
}

static const char *value_of(const struct item *i, const char *key)
{
	const char *v;

	if (strcmp(key, "ten") == 0)
		v = i->title;
	else if (strcmp(key, "noidung") == 0)
		v = i->body;
	else if (strcmp(key, "donvi") == 0)
		v = i->unit ? i->unit : i->unit_text;
	else
		v = item_field_get(i, key);
	return v ? v : "";
}

static void set_value(struct item *i, const char *key, const char *value)
{
	char **text = strcmp(key, "ten") == 0 ? &i->title : strcmp(key, "noidung") == 0 ? &i->body : NULL;

	if (text) {
		g_free(*text);
		*text = g_strdup(value);
	} else {
		item_field_set(i, key, value);
	}
}

static void propose(struct change *c, const char *key, const char *old, const char *new)
{
	g_autofree char *id = itemref_id(c->i);
	g_autofree char *was = text_ellipsize(old, SHOWN_GRAPHEMES);
	g_autofree char *part = wording_format(NULL, *old ? MSG_CHANGE_PROPOSAL_PART : MSG_CHANGE_PROPOSAL_NEW, "label",
					       label_of(key), "old", was, "id", id, "new", new, NULL);

	g_string_append_printf(c->proposals, "%s%s", c->proposals->len ? "\n" : "", part);
}

/* The content is the item: an addition never takes its place unasked. */
static bool may_replace(const struct change *c, const char *key)
{
	return c->is_overwriting && (c->why == CHANGE_EDITED || strcmp(key, "noidung") != 0);
}

/* One text of the item. Same text (folded): nothing. */
static void take(struct change *c, const char *key, const char *value)
{
	const char *old = value_of(c->i, key);

	if (!value || !*value || is_same(old, value))
		return;
	if (c->is_proposal) {
		propose(c, key, old, value);
		add_label(c, key);
	} else if (*old && !may_replace(c, key)) {
		json_add_str(c->conflicts, key, value);
	} else {
		set_value(c->i, key, value);
		add_label(c, key);
	}
}

/* Unit, field and type are names, not texts: the new one stands, nothing is lost by it. */
static void take_names(struct change *c, const struct share_draft *d)
{
	g_autofree char *unit = g_strdup(c->i->unit);
	g_autofree char *unit_text = g_strdup(c->i->unit_text);
	g_autofree char *field = g_strdup(c->i->field);
	g_autofree char *type = g_strdup(c->i->type);

	if (c->is_proposal) {
		take(c, "donvi", d->unit);
		take(c, "linhvuc", d->field);
		take(c, "loai", d->type);
		return;
	}
	if (d->unit) {
		share_draft_unit(c->ctx, c->i, d->unit, c->ctx->member);
		if (g_strcmp0(unit, c->i->unit) != 0 || g_strcmp0(unit_text, c->i->unit_text) != 0)
			add_label(c, "donvi");
	}
	if (d->field && share_draft_field(c->ctx, c->i, d->field) && g_strcmp0(field, c->i->field) != 0)
		add_label(c, "linhvuc");
	if (d->type && share_draft_type(c->i, d->type) && g_strcmp0(type, c->i->type) != 0)
		add_label(c, "loai");
}

static void take_addition(struct change *c, const char *addition)
{
	g_autofree char *joined = NULL;

	if (!*addition || strstr(c->i->body, addition))
		return;
	joined = share_draft_join(c->i->body, addition);
	if (c->is_proposal) {
		propose(c, "noidung", c->i->body, joined);
	} else {
		set_value(c->i, "noidung", joined);
	}
	add_label(c, "noidung");
}

static void take_draft(struct change *c, const struct share_draft *d)
{
	/* A line above "nội dung:" belongs to it; neither is written without the other. */
	g_autofree char *body = *d->body ? share_draft_join(d->addition, d->body) : NULL;

	take(c, "ten", d->title);
	take(c, "noidung", body);
	if (!body)
		take_addition(c, d->addition);
	take_names(c, d);
	for (guint n = 0; n < d->fields->len; n++) {
		const struct item_field *f = g_ptr_array_index(d->fields, n);

		take(c, f->key, f->value);
	}
	if (!c->is_proposal)
		share_draft_guess(c->ctx, c->i);
}

/* --- Saying --- */

static enum cmd_status say_not_yours(struct cmd_ctx *ctx, const struct item *i)
{
	g_autofree char *id = itemref_id(i);
	const char *unit = itemref_unit(ctx, i);

	if (unit)
		return cmd_say(ctx, MSG_CHANGE_NOT_YOURS, "id", id, "unit", unit, NULL);
	return cmd_say(ctx, MSG_CHANGE_NOT_YOURS_NO_UNIT, "id", id, NULL);
}

/* In the group one line, in private the same words; never both. */
static void say_done(struct cmd_ctx *ctx, const char *id, enum msg msg, const char *labels)
{
	if (cmd_in_group(ctx))
		cmd_line(ctx, id, msg, "id", id, "labels", labels, NULL);
	else
		cmd_say(ctx, msg, "id", id, "labels", labels, NULL);
}

/* The text that a question kept has got its place, and /luu must not find it again. Not before: an item decided meanwhile takes
 * nothing. */
static void took_asked_text(const struct change *c)
{
	if (c->asked_id)
		cmd_took(c->ctx, c->asked_id);
}

static enum cmd_status say_proposal(struct change *c)
{
	struct cmd_ctx *ctx = c->ctx;
	g_autofree char *id = itemref_id(c->i);

	if (!c->proposals->len)
		return cmd_say(ctx, MSG_CHANGED_NOTHING, "id", id, NULL);
	cmd_tell_moderators(ctx, MSG_CHANGE_PROPOSAL, "name", itemref_actor(ctx), "id", id, "title", c->i->title, "changes",
			    c->proposals->str, NULL);
	if (!cmd_audit(ctx, "item.propose", id, NULL, c->labels->str))
		return CMD_BROKEN;
	took_asked_text(c);
	return cmd_say(ctx, MSG_CHANGE_PROPOSED, "id", id, NULL);
}

static enum cmd_status ask_overwrite(struct change *c)
{
	struct cmd_ctx *ctx = c->ctx;
	g_autoptr(cJSON) data = cJSON_CreateObject();
	g_autofree char *id = itemref_id(c->i);
	g_autofree char *text = NULL;
	const cJSON *one;

	cJSON_ArrayForEach (one, c->conflicts) {
		g_autofree char *old = text_ellipsize(value_of(c->i, one->string), SHOWN_GRAPHEMES);
		g_autofree char *new = text_ellipsize(one->valuestring, SHOWN_GRAPHEMES);

		cmd_say(ctx, MSG_CHANGE_CONFLICT, "id", id, "label", label_of(one->string), "old", old, "new", new, NULL);
	}
	json_add_int64(data, "item", c->i->id);
	json_add_str(data, "message", c->asked_id ? c->asked_id : ctx->u->message_id);
	cJSON_AddItemToObject(data, "set", g_steal_pointer(&c->conflicts));
	text = json_text(data);
	cmd_ask_for(ctx, &cmd_bosung, "overwrite", text);
	return cmd_say(ctx, MSG_CHANGE_ASK_OVERWRITE, NULL);
}

/* After a save: a draft or returned item that has become complete goes to the moderators. */
static enum cmd_status after_save(struct cmd_ctx *ctx, enum item_status was, int64_t row)
{
	g_autoptr(item_t) now = NULL;
	g_autofree char *id = NULL;

	if (store_item_by_row(ctx->db, row, &now, &ctx->error) != STORE_OK)
		return cmd_broken(ctx, g_steal_pointer(&ctx->error));
	if (now->status != ITEM_WAITING || was == ITEM_WAITING)
		return CMD_DONE;
	if (was == ITEM_DRAFT)
		return share_submitted(ctx, now, NULL);
	id = itemref_id(now);
	cmd_tell_moderators(ctx, MSG_SHARE_AGAIN_TO_MODERATORS, "id", id, "title", now->title, NULL);
	return cmd_say(ctx, MSG_CHANGED_CLEARED_UP, "id", id, NULL);
}

/* A draft that somebody else captured goes on only by its author's word (/luu), not by an addition. */
static bool goes_on(const struct cmd_ctx *ctx, const struct item *i)
{
	return *i->title && *i->body &&
	       (i->status == ITEM_RETURNED || (i->status == ITEM_DRAFT && i->author_id == ctx->member->id));
}

static enum cmd_status save(struct change *c, const struct update *u, enum change_why why)
{
	struct cmd_ctx *ctx = c->ctx;
	g_autofree char *id = itemref_id(c->i);
	enum item_status was = c->i->status;
	bool has_text = c->labels->len;
	enum cmd_status asked;
	unsigned n_files = 0;

	if (share_draft_item_len(c->i) > SHARE_TEXT_MAX)
		return cmd_say(ctx, MSG_CHANGE_TOO_LONG, "id", id, NULL);
	cmd_about(ctx, c->i->id);
	cmd_expect_files(ctx, c->i->id);
	took_asked_text(c);
	if (has_text && store_item_save(ctx->db, c->i, goes_on(ctx, c->i), ctx->member, ctx->now_ms, &ctx->error) != STORE_OK)
		return cmd_broken(ctx, g_steal_pointer(&ctx->error));
	if (u && itemref_is_open(c->i) && !share_attach_all(ctx, u, c->i->id, &n_files))
		return CMD_BROKEN;
	if (n_files)
		g_string_append_printf(c->labels, "%s%s", has_text ? ", " : "", wording_raw(MSG_LABEL_FILES));
	if (!c->labels->len)
		return why == CHANGE_EDITED ? CMD_DONE : cmd_say(ctx, MSG_CHANGED_NOTHING, "id", id, NULL);
	say_done(ctx, id, why == CHANGE_EDITED ? MSG_CHANGED_EDIT : MSG_CHANGED, c->labels->str);
	asked = after_save(ctx, was, c->i->id);
	if (asked == CMD_DONE && was != ITEM_DRAFT)
		asked = share_ask_unit(ctx, c->i);
	return asked == CMD_PASS ? CMD_DONE : asked;
}

static enum cmd_status apply(struct change *c, const struct share_draft *d, const struct update *u, enum change_why why)
{
	struct cmd_ctx *ctx = c->ctx;
	enum cmd_status done;

	take_draft(c, d);
	if (c->is_proposal)
		return say_proposal(c);
	/* Conflicts or words that were not understood alone: nothing to save, what is said of them is all. */
	done = (c->conflicts->child || share_draft_is_unclear(ctx, d)) && !c->labels->len && !(u && u->attachments->len)
		       ? CMD_DONE
		       : save(c, u, why);
	if (done != CMD_DONE)
		return done;
	share_draft_say_unclear(ctx, d, c->i);
	return c->conflicts->child ? ask_overwrite(c) : CMD_DONE;
}

static enum cmd_status apply_kept(struct cmd_ctx *ctx, struct item *i, const struct share_draft *d, const struct update *u,
				  enum change_why why, const char *asked_id)
{
	struct change c = { .i = i, .ctx = ctx, .why = why, .asked_id = asked_id };
	bool is_author;
	enum cmd_status done;

	if (!ctx->member || !item_editable_by(i, ctx->member))
		return say_not_yours(ctx, i);
	if (!itemref_is_open(i) && i->status != ITEM_APPROVED)
		return itemref_say_state(ctx, i);
	is_author = i->author_id && i->author_id == ctx->member->id;
	/* The author corrects his own words freely until somebody else may have written beside him (version 1 = as sent). Under a line
	 * without a label they may be another item's. */
	c.is_overwriting = why == CHANGE_EDITED || (is_author && i->version <= 1 && !d->starts_unlabelled);
	c.is_proposal = i->status == ITEM_APPROVED && ctx->member->role < ROLE_MODERATOR;
	c.labels = g_string_new(NULL);
	c.proposals = g_string_new(NULL);
	c.conflicts = cJSON_CreateObject();
	done = apply(&c, d, u, why);
	g_string_free(c.labels, TRUE);
	g_string_free(c.proposals, TRUE);
	cJSON_Delete(c.conflicts);
	return done;
}

enum cmd_status change_apply(struct cmd_ctx *ctx, struct item *i, const struct share_draft *d, const struct update *u,
			     enum change_why why)
{
	return apply_kept(ctx, i, d, u, why, NULL);
}

enum cmd_status change_attach(struct cmd_ctx *ctx, const struct item *i, const struct update *u)
{
	g_autofree char *id = itemref_id(i);
	g_autofree char *n = NULL;
	bool is_rest_of_album = u->album_id && i->attachments->len && ctx->now_ms - i->touched_ms < ALBUM_MS;
	unsigned n_files;

	if (!ctx->member || !item_editable_by(i, ctx->member))
		return say_not_yours(ctx, i);
	if (!itemref_is_open(i) && ctx->member->role < ROLE_MODERATOR)
		return cmd_say(ctx, MSG_FILES_CLOSED, "id", id, "state", itemref_state(i->status), NULL);
	if (!share_attach_all(ctx, u, i->id, &n_files))
		return CMD_BROKEN;
	cmd_about(ctx, i->id);
	cmd_expect_files(ctx, i->id);
	if (!n_files || is_rest_of_album)
		return CMD_DONE;
	n = g_strdup_printf("%u", n_files);
	if (cmd_in_group(ctx))
		return cmd_line(ctx, id, MSG_FILES_ADDED, "id", id, "n", n, NULL);
	return cmd_say(ctx, MSG_FILES_ADDED, "id", id, "n", n, NULL);
}

/* --- Which item --- */

bool change_contradicts(const struct item *i, const struct share_draft *d)
{
	for (guint n = 0; n < d->fields->len; n++) {
		const struct item_field *f = g_ptr_array_index(d->fields, n);
		const char *old = value_of(i, f->key);

		if (*old && !is_same(old, f->value))
			return true;
	}
	return false;
}

GPtrArray *change_candidates(struct cmd_ctx *ctx)
{
	int64_t window_ms = config_int(ctx->config, "bot", "window");
	g_autoptr(GPtrArray) recent = store_item_open_of(ctx->db, ctx->member->id, ctx->now_ms - window_ms, &ctx->error);
	g_autoptr(GPtrArray) all = NULL;

	if (!recent || recent->len)
		return g_steal_pointer(&recent);
	all = store_item_open_of(ctx->db, ctx->member->id, 0, &ctx->error);
	if (!all)
		return NULL;
	for (guint n = all->len; n-- > 0;) {
		const struct item *i = g_ptr_array_index(all, n);

		if (i->status != ITEM_RETURNED && i->touched_ms < ctx->now_ms - DAY_MS)
			g_ptr_array_remove_index(all, n);
	}
	return g_steal_pointer(&all);
}

enum cmd_status change_ask_which(struct cmd_ctx *ctx, const GPtrArray *items, const char *text_or_null)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(cJSON) data = cJSON_CreateObject();
	cJSON *rows = cJSON_AddArrayToObject(data, "items");
	g_autofree char *json = NULL, *choices = NULL, *numbers = NULL, *n_files = NULL, *files = NULL;
	guint n_items = MIN(items->len, CHOICES_MAX);

	for (guint n = 0; n < n_items; n++) {
		const struct item *i = g_ptr_array_index(items, n);
		g_autofree char *id = itemref_id(i);
		g_autofree char *title = text_ellipsize(i->title, 60);

		cJSON_AddItemToArray(rows, cJSON_CreateNumber((double)i->id)); /* row ids stay far below 2^53 */
		g_ptr_array_add(names, g_strdup_printf("%s %s", id, title));
	}
	g_ptr_array_add(names, NULL);
	choices = itemref_choices((char **)names->pdata);
	numbers = itemref_numbers(n_items);
	files = text_or_null ? NULL : update_serialize(ctx->u);
	json_add_str(data, "text", text_or_null);
	json_add_str(data, "message", ctx->u->message_id);
	json_add_str(data, "files", files);
	json = json_text(data);
	cmd_ask_for(ctx, &cmd_bosung, "which", json);
	if (text_or_null)
		return cmd_say(ctx, MSG_CHANGE_WHICH, "choices", choices, "numbers", numbers, NULL);
	n_files = g_strdup_printf("%u", ctx->u->attachments->len);
	return cmd_say(ctx, MSG_FILES_WHICH, "n", n_files, "choices", choices, "numbers", numbers, NULL);
}

/* --- Answers --- */

static enum cmd_status answer_which(struct cmd_ctx *ctx, const cJSON *data)
{
	const cJSON *rows = json_at(data, "items");
	int n_rows = cJSON_GetArraySize(rows);
	unsigned choice = reader_choice(ctx->u->text, (unsigned)n_rows);
	g_autofree char *path = g_strdup_printf("items[%u]", choice - 1);
	g_autofree char *numbers = itemref_numbers((size_t)n_rows);
	g_autoptr(item_t) i = NULL;
	g_auto(share_draft_t) d = { 0 };
	const char *text, *asked_id = NULL;
	int64_t row;

	if (!choice || !json_int64(data, path, &row))
		return cmd_say(ctx, MSG_CHANGE_WHICH_AGAIN, "numbers", numbers, NULL);
	cmd_asked_done(ctx);
	if (store_item_by_row(ctx->db, row, &i, &ctx->error) == STORE_BROKEN)
		return CMD_BROKEN;
	if (!i)
		return cmd_say(ctx, MSG_WINDOW_EMPTY, NULL);
	if (json_str(data, "text", &text)) {
		json_str(data, "message", &asked_id);
		share_draft_read(text, false, &d);
		return apply_kept(ctx, i, &d, NULL, CHANGE_ADDED, asked_id);
	}
	if (json_str(data, "files", &text)) {
		g_autoptr(update_t) u = update_parse(text, &ctx->error);

		return u ? change_attach(ctx, i, u) : CMD_BROKEN;
	}
	return cmd_say(ctx, MSG_WINDOW_EMPTY, NULL);
}

static void overwrite(struct item *i, const cJSON *set, bool is_joined, GString *labels)
{
	const cJSON *one;

	cJSON_ArrayForEach (one, set) {
		g_autofree char *joined = NULL;

		if (!cJSON_IsString(one))
			continue;
		/* A title is one line: joining would make it none. */
		if (is_joined && strcmp(one->string, "ten") != 0)
			joined = share_draft_join(value_of(i, one->string), one->valuestring);
		set_value(i, one->string, joined ? joined : one->valuestring);
		g_string_append_printf(labels, "%s%s", labels->len ? ", " : "", label_of(one->string));
	}
}

static enum cmd_status answer_overwrite(struct cmd_ctx *ctx, const cJSON *data)
{
	struct change c = { .ctx = ctx };
	unsigned choice = reader_choice(ctx->u->text, 3);
	g_autoptr(GString) labels = g_string_new(NULL);
	g_autoptr(item_t) i = NULL;
	g_autofree char *id = NULL;
	int64_t row = 0;

	json_int64(data, "item", &row);
	if (store_item_by_row(ctx->db, row, &i, &ctx->error) == STORE_BROKEN)
		return CMD_BROKEN;
	if (!choice && reader_yes_no(ctx->u->text) != ANSWER_OTHER)
		choice = reader_yes_no(ctx->u->text) == ANSWER_YES ? 1 : 3;
	if (!choice)
		return cmd_say(ctx, MSG_CHANGE_OVERWRITE_AGAIN, NULL);
	cmd_asked_done(ctx);
	if (!i || !ctx->member || !item_editable_by(i, ctx->member))
		return CMD_PASS;
	id = itemref_id(i);
	if (choice == 3)
		return cmd_say(ctx, MSG_CHANGE_KEPT, "id", id, NULL);
	/* Decided meanwhile: the answer would change an approved text behind the moderators' back. */
	if (!itemref_is_open(i) && ctx->member->role < ROLE_MODERATOR)
		return itemref_say_state(ctx, i);
	overwrite(i, json_at(data, "set"), choice == 2, labels);
	c.i = i;
	c.labels = labels;
	json_str(data, "message", &c.asked_id);
	return save(&c, NULL, CHANGE_ADDED);
}

enum cmd_status change_answer(struct cmd_ctx *ctx)
{
	g_autoptr(cJSON) data = NULL;

	if (!ctx->member || !ctx->pending->data || !ctx->u->text || !*ctx->u->text)
		return CMD_PASS;
	data = json_parse(ctx->pending->data, strlen(ctx->pending->data), &ctx->error);
	if (!data)
		return CMD_BROKEN;
	if (strcmp(ctx->pending->step, "overwrite") == 0)
		return answer_overwrite(ctx, data);
	return answer_which(ctx, data);
}
