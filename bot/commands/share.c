/* SPDX-License-Identifier: MIT */
/* From a message to a stored item and its answer. The questions are asked in share_ask.c, changes to a stored item are made in
 * change.c. */
#include "share.h"

#include <string.h>

#include "base/log.h"
#include "base/macros.h"
#include "base/text.h"
#include "itemref.h"

/* --- Text and files of a message --- */

char *share_window_text(const struct update *u)
{
	GString *s = g_string_new(NULL);

	for (guint n = 0; u->window && n < u->window->len; n++) {
		const struct update *part = g_ptr_array_index(u->window, n);

		if (part->text && *part->text)
			g_string_append_printf(s, "%s%s", s->len ? "\n" : "", part->text);
	}
	return g_string_free(s, FALSE);
}

bool share_is_paste(const char *text)
{
	return strchr(text, '\n') || text_len(text, TEXT_CODE_POINTS) > SHARE_GUESSED_TITLE_MAX;
}

bool share_is_file(const struct attachment *a)
{
	return a->kind == ATTACHMENT_PHOTO || a->kind == ATTACHMENT_FILE || a->kind == ATTACHMENT_VIDEO;
}

static bool attach(struct cmd_ctx *ctx, const struct update *u, int64_t item_id, unsigned *ret_n)
{
	g_autoptr(GError) error = NULL;

	for (guint n = 0; u->attachments && n < u->attachments->len; n++) {
		const struct attachment *a = g_ptr_array_index(u->attachments, n);

		if (!share_is_file(a))
			continue;
		switch (store_item_attach(ctx->db, item_id, a, u->adapter, ctx->member, ctx->now_ms, &error)) {
		case STORE_OK:
			++*ret_n;
			break;
		case STORE_DUPLICATE:
			break; /* the same file again */
		case STORE_NOT_FOUND:
		case STORE_WRONG_STATE:
		case STORE_DENIED:
		case STORE_BROKEN:
			cmd_broken(ctx, g_steal_pointer(&error));
			return false;
		}
	}
	return true;
}

bool share_attach_all(struct cmd_ctx *ctx, const struct update *u, int64_t item_id, unsigned *ret_n)
{
	*ret_n = 0;
	for (guint n = 0; u->window && n < u->window->len; n++)
		if (!attach(ctx, g_ptr_array_index(u->window, n), item_id, ret_n))
			return false;
	return attach(ctx, u, item_id, ret_n);
}

static bool has_files(const struct update *u)
{
	for (guint n = 0; u->attachments && n < u->attachments->len; n++)
		if (share_is_file(g_ptr_array_index(u->attachments, n)))
			return true;
	for (guint n = 0; u->window && n < u->window->len; n++)
		if (has_files(g_ptr_array_index(u->window, n)))
			return true;
	return false;
}

bool share_refuses(struct cmd_ctx *ctx, const char *text)
{
	size_t len = text_len(text, TEXT_CODE_POINTS);

	if (reader_sensitive(text) != SENSITIVE_NONE) {
		cmd_say(ctx, MSG_SENSITIVE_STAMP, NULL);
		cmd_tell_moderators(ctx, MSG_SENSITIVE_TO_MODERATORS, "name", itemref_actor(ctx), NULL);
		return true;
	}
	if (len > SHARE_TEXT_MAX) {
		g_autofree char *n = g_strdup_printf("%zu", len);

		cmd_say(ctx, MSG_SHARE_TOO_LONG, "n", n, NULL);
		return true;
	}
	return false;
}

/* --- Storing --- */

static void fill(struct cmd_ctx *ctx, struct item *i, const struct share_draft *d, const struct member *author)
{
	i->kind = ITEM_INITIATIVE;
	i->title = g_strdup(d->title);
	i->body = g_strdup(d->body);
	i->author_id = author ? author->id : 0;
	i->source = g_strdup(d->source);
	if (d->unit)
		share_draft_unit(ctx, i, d->unit, author);
	else
		i->unit = author ? g_strdup(author->unit) : NULL;
	/* What was not recognised is said after the summary, once. */
	if (!d->field || !share_draft_field(ctx, i, d->field))
		share_draft_guess(ctx, i);
	share_draft_type(i, d->type);
	for (guint n = 0; n < d->fields->len; n++) {
		const struct item_field *f = g_ptr_array_index(d->fields, n);

		item_field_set(i, f->key, f->value);
	}
}

enum store_result share_store(struct cmd_ctx *ctx, const struct share_source *from, const struct share_draft *d,
			      const struct member *author, bool is_confirmed, struct item **ret_item)
{
	g_autoptr(item_t) i = item_new();
	enum store_result r;
	unsigned n_files;
	int64_t id;

	fill(ctx, i, d, author);
	i->status = is_confirmed && *i->title && *i->body ? ITEM_WAITING : ITEM_DRAFT;
	r = store_item_add(ctx->db, i, ctx->member, ctx->now_ms, &ctx->error);
	if (r != STORE_OK)
		return r;
	id = i->id;
	if (from->chat_id && from->message_id &&
	    !store_item_link_message(ctx->db, id, from->chat_id, from->message_id, "source", &ctx->error))
		return STORE_BROKEN;
	if (!share_attach_all(ctx, from->u, id, &n_files))
		return STORE_BROKEN;
	cmd_about(ctx, id);
	cmd_expect_files(ctx, id);
	/* Read again: with its files, as later commands will see it. */
	return store_item_by_row(ctx->db, id, ret_item, &ctx->error);
}

/* The same text from the same person within a day is the same item (domain §5.4). CMD_PASS: it is new. */
static enum cmd_status answer_same(struct cmd_ctx *ctx, const struct share_source *from, const struct share_draft *d)
{
	g_autoptr(item_t) same = NULL;
	g_autofree char *id = NULL;
	unsigned n_files;

	switch (store_item_same(ctx->db, ctx->member->id, d->title, d->body, ctx->now_ms, &same, &ctx->error)) {
	case STORE_OK:
		break;
	case STORE_NOT_FOUND:
	case STORE_DUPLICATE:
	case STORE_WRONG_STATE:
	case STORE_DENIED:
		return CMD_PASS;
	case STORE_BROKEN:
		return CMD_BROKEN;
	}
	if (same->status == ITEM_REJECTED || same->status == ITEM_WITHDRAWN)
		return CMD_PASS;
	if (from->chat_id && from->message_id &&
	    !store_item_link_message(ctx->db, same->id, from->chat_id, from->message_id, "source", &ctx->error))
		return CMD_BROKEN;
	if (itemref_is_open(same) && !share_attach_all(ctx, from->u, same->id, &n_files))
		return CMD_BROKEN;
	cmd_about(ctx, same->id);
	if (same->status == ITEM_DRAFT && !*same->title)
		return share_ask_title(ctx, same, MSG_ASK_TITLE);
	if (same->status == ITEM_DRAFT && !*same->body)
		return share_ask_content(ctx, same);
	if (same->status == ITEM_MERGED)
		return itemref_say_state(ctx, same);
	id = itemref_id(same);
	return cmd_say(ctx, MSG_SHARE_SAME, "id", id, "title", same->title, NULL);
}

enum cmd_status share_new(struct cmd_ctx *ctx, const struct share_source *from, struct share_draft *d)
{
	g_autoptr(item_t) i = NULL;
	enum cmd_status same;

	if (share_draft_is_empty(d) && !has_files(from->u))
		return share_ask_title(ctx, NULL, MSG_ASK_TITLE_FIRST);
	if (*d->title || *d->body) {
		same = answer_same(ctx, from, d);
		if (same != CMD_PASS)
			return same;
	}
	if (share_store(ctx, from, d, ctx->member, true, &i) != STORE_OK)
		return cmd_broken(ctx, g_steal_pointer(&ctx->error));
	if (!*i->title)
		return share_ask_title(ctx, i, *i->body ? MSG_ASK_TITLE : MSG_ASK_TITLE_FIRST);
	if (!*i->body)
		return share_ask_content(ctx, i);
	share_submitted(ctx, i, d);
	return ctx->error ? CMD_BROKEN : CMD_DONE;
}

/* --- Telling --- */

/* The unit itself confirms what somebody else proposes in its name; its moderators hear of it as moderators, who may also approve. */
static void tell_unit(struct cmd_ctx *ctx, const struct item *i, const char *id)
{
	g_autoptr(GPtrArray) people = store_member_of_unit(ctx->db, i->unit, true, &ctx->error);
	const char *unit = itemref_unit(ctx, i);

	for (guint n = 0; people && n < people->len; n++) {
		const struct member *m = g_ptr_array_index(people, n);

		if (m->role < ROLE_MODERATOR && (!ctx->member || m->id != ctx->member->id))
			cmd_tell(ctx, m->id, MSG_SHARE_ON_BEHALF, "name", itemref_actor(ctx), "unit", unit, "id", id, "title",
				 i->title, NULL);
	}
}

enum cmd_status share_submitted(struct cmd_ctx *ctx, struct item *i, const struct share_draft *unclear_or_null)
{
	g_autofree char *id = itemref_id(i);
	const char *unit = itemref_unit(ctx, i);
	g_autofree char *typed = !unit && i->unit_text ? cmd_text(ctx, MSG_UNIT_TYPED_SHORT, "typed", i->unit_text, NULL) : NULL;
	const char *shown = unit ? unit : typed ? typed : wording_raw(MSG_UNIT_UNKNOWN_SHORT);

	cmd_about(ctx, i->id);
	cmd_expect_files(ctx, i->id);
	if (unit)
		cmd_line(ctx, id, MSG_SHARE_LINE, "id", id, "unit", unit, NULL);
	else
		cmd_line(ctx, id, MSG_SHARE_LINE_NO_UNIT, "id", id, NULL);
	cmd_tell_moderators(ctx, MSG_SHARE_TO_MODERATORS, "id", id, "unit", shown, "title", i->title, NULL);
	if (i->on_behalf && i->unit)
		tell_unit(ctx, i, id);
	if (ctx->error)
		return CMD_BROKEN;
	return share_ask_first(ctx, i, unclear_or_null);
}

static void say_unit(struct cmd_ctx *ctx, const struct item *i)
{
	const char *unit = itemref_unit(ctx, i);

	if (unit)
		cmd_say(ctx, i->on_behalf ? MSG_CARD_UNIT_ON_BEHALF : MSG_CARD_UNIT, "unit", unit, NULL);
	else if (i->unit_text)
		cmd_say(ctx, MSG_CARD_UNIT_TYPED, "typed", i->unit_text, NULL);
	else
		cmd_say(ctx, MSG_CARD_UNIT_NONE, NULL);
}

static void say_field(struct cmd_ctx *ctx, const struct item *i)
{
	const struct field *f = i->field ? registry_field(ctx->registry, i->field) : NULL;

	if (f)
		cmd_say(ctx, i->field_guessed ? MSG_CARD_FIELD_GUESSED : MSG_CARD_FIELD, "field", f->name, NULL);
	else
		cmd_say(ctx, MSG_CARD_FIELD_NONE, NULL);
}

/* In the order in which they are read; `is_wanted`: named as missing where it is not there (domain §5.3). */
static const struct {
	const char *key;
	bool is_wanted;
} shown_keys[] = {
	{ "thuctrang", true }, { "noidung", false }, { "hieuqua", true }, { "nhanrong", true }, { "dieukien", false },
	{ "chiphi", true },    { "baihoc", false },  { "tungay", false }, { "tacgia", false },  { "diaban", false },
	{ "nhiemvu", false },  { "tailieu", true },  { "lienhe", false },
};

static bool has_key(const struct item *i, const char *key)
{
	if (strcmp(key, "noidung") == 0)
		return *i->body;
	if (strcmp(key, "tailieu") == 0 && i->attachments->len)
		return true;
	return item_field_get(i, key) != NULL;
}

static const char *label_of(const char *key)
{
	return strcmp(key, "nhanrong") == 0 ? wording_raw(MSG_LABEL_SPREAD) : reader_label_name(key);
}

static void say_labels(struct cmd_ctx *ctx, const struct item *i)
{
	g_autoptr(GString) has = g_string_new(NULL);
	g_autoptr(GString) lacks = g_string_new(NULL);
	g_autofree char *minutes = g_strdup_printf("%d", (int)(config_int(ctx->config, "bot", "window") / MINUTE_MS));
	const char *first = NULL;

	for (size_t n = 0; n < ARRAY_SIZE(shown_keys); n++) {
		bool is_there = has_key(i, shown_keys[n].key);
		const char *label = label_of(shown_keys[n].key);
		GString *s = is_there ? has : lacks;

		if (!label || (!is_there && !shown_keys[n].is_wanted))
			continue;
		g_string_append_printf(s, "%s%s", s->len ? ", " : "", label);
		if (!is_there && !first)
			first = label;
	}
	if (has->len)
		cmd_say(ctx, MSG_CARD_HAS, "labels", has->str, NULL);
	if (lacks->len)
		cmd_say(ctx, MSG_CARD_LACKS, "labels", lacks->str, NULL);
	if (!itemref_is_open(i))
		return;
	if (first)
		cmd_say(ctx, MSG_CARD_OFFER, "label", first, "minutes", minutes, NULL);
	else
		cmd_say(ctx, MSG_CARD_OFFER_FILES, "minutes", minutes, NULL);
}

static void say_status(struct cmd_ctx *ctx, const struct item *i)
{
	g_autofree char *id = itemref_id(i);

	switch (i->status) {
	case ITEM_DRAFT:
		cmd_say(ctx, MSG_CARD_DRAFT, "id", id, "title", i->title, NULL);
		break;
	case ITEM_WAITING:
		cmd_say(ctx, MSG_CARD_WAITING, "id", id, NULL);
		break;
	case ITEM_RETURNED:
		cmd_say(ctx, MSG_CARD_RETURNED, "id", id, "reason", i->reason ? i->reason : "…", NULL);
		break;
	case ITEM_APPROVED:
		cmd_say(ctx, MSG_CARD_APPROVED, "id", id, NULL);
		break;
	case ITEM_REJECTED:
	case ITEM_WITHDRAWN:
	case ITEM_MERGED:
		itemref_say_state(ctx, i);
		break;
	}
}

void share_summary(struct cmd_ctx *ctx, const struct item *i)
{
	say_status(ctx, i);
	say_unit(ctx, i);
	say_field(ctx, i);
	if (share_draft_type_is_told(i))
		cmd_say(ctx, MSG_CARD_TYPE, "type", i->type, NULL);
	say_labels(ctx, i);
	if (item_field_get(i, "lienhe"))
		cmd_say(ctx, MSG_CARD_CONTACT, NULL);
	if (reader_has_phone(i->body))
		cmd_say(ctx, MSG_CARD_PHONE, NULL);
}

/* --- Held content of a person who is not registered --- */

enum cmd_status share_resume(struct cmd_ctx *ctx, const char *held_data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(update_t) u = update_parse(held_data, &error);
	g_auto(share_draft_t) d = { 0 };
	g_autoptr(chat_t) chat = NULL;
	struct reading r = { 0 };
	struct share_source from = { 0 };
	const char *text;

	if (!u) {
		log_warn("share", "held content does not parse: %s, ignoring", error->message);
		return cmd_say(ctx, MSG_SHARE_HELD_LOST, NULL);
	}
	if (store_chat_find(ctx->db, u->adapter, u->chat_id, &chat, &ctx->error) == STORE_BROKEN)
		return CMD_BROKEN;
	from = (struct share_source){ .u = u, .chat_id = chat ? chat->id : 0, .message_id = u->message_id };
	/* Read as addressed: it was a command when it came, whatever mark it had. */
	text = u->text ? u->text : "";
	reader_read(command_table, text, true, true, false, &r);
	share_read_command(u, r.kind == READING_COMMAND ? r.args : text, &d);
	reading_clear(&r);
	return share_new(ctx, &from, &d);
}

void share_read_command(const struct update *u, const char *args, struct share_draft *ret)
{
	g_autofree char *before = share_window_text(u);

	if (!*args && *before) {
		share_draft_read(before, true, ret);
		return;
	}
	share_draft_read(args, true, ret);
	/* A message that has its content needs none of what was said before it. */
	if (!*ret->body && *before)
		share_draft_set_body(ret, before);
}
