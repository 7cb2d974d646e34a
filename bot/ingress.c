/* SPDX-License-Identifier: MIT */
/* Admission, privacy screen, one store job a batch. Runs no command and reads no database. */
#include "ingress.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "command.h"
#include "commands/share.h"
#include "reader.h"
#include "store/audit.h"
#include "store/inbox.h"

struct ingress {
	struct store *store;
	struct window *window;
	ingress_row_fn *on_row;
	void *arg;
	bool is_closed;
	unsigned under_way;
	struct ingress_stats stats;
};

/* One batch on its way through the writer. */
struct intake {
	struct ingress *in;
	struct update_batch *batch;
	int64_t *ids; /* row of each update; 0 = known before */
};

struct ingress *ingress_new(struct store *store, struct window *window, ingress_row_fn *on_row, void *arg)
{
	struct ingress *i = g_new0(struct ingress, 1);

	i->store = store;
	i->window = window;
	i->on_row = on_row;
	i->arg = arg;
	return i;
}

void ingress_free(struct ingress *i)
{
	g_free(i);
}

void ingress_set_closed(struct ingress *i, bool closed)
{
	i->is_closed = closed;
}

bool ingress_is_idle(const struct ingress *i)
{
	return !i->under_way;
}

const struct ingress_stats *ingress_get_stats(const struct ingress *i)
{
	return &i->stats;
}

/* Does it speak to the bot? */
static bool is_addressed(struct ingress *in, struct update *u, int64_t now)
{
	const char *text = u->text ? u->text : "";

	/* An edit of ordinary talk is ordinary talk; whether a commanding message is known to us, the turn finds out. */
	if (u->kind == UPDATE_EDIT)
		return u->chat_kind == CHAT_PRIVATE || u->mentions_bot || u->replies_to_bot || reader_is_marked(text);
	if (u->kind != UPDATE_MESSAGE)
		return true;
	if (u->for_other_bot || u->is_forwarded)
		return u->chat_kind == CHAT_PRIVATE && !u->for_other_bot;
	if (u->chat_kind == CHAT_PRIVATE || u->mentions_bot || u->replies_to_bot || reader_is_marked(text) || reader_is_receipt(text))
		return true;
	if (u->attachments->len && window_expects_files(in->window, u, now))
		return true;
	u->is_continuation = *text && window_expects_text(in->window, u, now);
	return u->is_continuation;
}

/* The turn sees it now; what follows within the window may take it along. */
static void keep_copy(struct ingress *in, const struct update *u, bool is_paste, int64_t now)
{
	g_autofree char *text = update_serialize(u);
	struct update *copy = update_parse(text, NULL);

	if (copy && is_paste)
		window_keep_paste(in->window, copy, now);
	else if (copy)
		window_keep(in->window, copy, now);
}

/* Takes what the message needs from the window along, so that a crash does not part them. */
static void collect(struct ingress *in, struct update *u, int64_t now)
{
	struct reading r;

	if (u->kind != UPDATE_MESSAGE || !u->text || !*u->text)
		return;
	reader_read(command_table, u->text, u->chat_kind == CHAT_PRIVATE, u->mentions_bot, false, &r);
	if (r.kind == READING_COMMAND && (r.command->flags & CMD_COLLECTS)) {
		window_find_reply(in->window, u, now);
		window_join(in->window, u, now);
		if ((r.command->flags & CMD_PASTES) && u->chat_kind == CHAT_PRIVATE)
			window_join_paste(in->window, u, now);
		window_expect(in->window, u, true, text_len(u->text, TEXT_CODE_POINTS) >= WINDOW_LONG_CHARS, now);
	} else if (u->chat_kind == CHAT_PRIVATE && r.kind == READING_TEXT && share_is_paste(u->text)) {
		keep_copy(in, u, true, now);
	} else if (u->is_continuation) {
		window_expect(in->window, u, true, text_len(u->text, TEXT_CODE_POINTS) >= WINDOW_LONG_CHARS, now);
	}
	reading_clear(&r);
}

/* In text that is no TCVN3 the soft hyphen is invisible rubbish of word processors. */
static void drop_soft_hyphens(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		if ((unsigned char)from[0] == 0xC2 && (unsigned char)from[1] == 0xAD) {
			from++;
			continue;
		}
		*to++ = *from;
	}
	*to = '\0';
}

/* What other programs made of a text, before anything reads it. */
static void mend(char **text)
{
	char *converted = *text ? reader_convert_legacy(*text) : NULL;

	if (converted) {
		g_free(*text);
		*text = converted;
	} else if (*text) {
		drop_soft_hyphens(*text);
	}
}

static bool is_sensitive(const char *text_or_null)
{
	return text_or_null && reader_sensitive(text_or_null) != SENSITIVE_NONE;
}

/* What a message carries beside its text may not be stored either (domain §4): the text it replies to, names of files. */
static void screen_surroundings(struct update *u)
{
	if (is_sensitive(u->reply_text))
		g_clear_pointer(&u->reply_text, g_free);
	for (guint i = 0; i < u->attachments->len; i++) {
		struct attachment *a = u->attachments->pdata[i];

		if (is_sensitive(a->name))
			g_clear_pointer(&a->name, g_free);
	}
}

/* Removes what must not be stored. */
static void screen(struct ingress *in, struct update *u)
{
	if (!is_sensitive(u->text))
		return;
	u->is_withheld = true;
	g_free(u->text);
	u->text = g_strdup("");
	g_clear_pointer(&u->reply_text, g_free);
	g_ptr_array_set_size(u->attachments, 0);
	in->stats.withheld++;
}

static const char *text_or_empty(const struct update *u)
{
	return u->text ? u->text : "";
}

/* Talk that is not for the bot: some of it may be asked for within the window, none of it is stored. */
static void drop_talk(struct ingress *in, struct update *u, int64_t now)
{
	in->stats.dropped_talk++;
	if (is_sensitive(u->text))
		update_free(u);
	else
		window_keep(in->window, u, now);
}

/* Rows cannot be made of it: an adapter's fault that must not come back with every poll. */
static bool is_unusable(const struct update *u)
{
	if (u->adapter && u->key && u->chat_id)
		return false;
	log_error("ingress", "an update of %s without key or chat is dropped", u->adapter ? u->adapter : "an unnamed adapter");
	return true;
}

/* What stays in the batch is what must be stored. */
static void sift(struct ingress *in, GPtrArray *updates)
{
	int64_t now = clock_mono_ms();
	guint kept = 0;

	for (guint n = 0; n < updates->len; n++) {
		struct update *u = updates->pdata[n];

		updates->pdata[n] = NULL;
		if (u->user_is_bot || is_unusable(u)) {
			update_free(u);
			continue;
		}
		mend(&u->text);
		mend(&u->reply_text);
		screen_surroundings(u);
		if (!is_addressed(in, u, now)) {
			drop_talk(in, u, now);
			continue;
		}
		screen(in, u);
		if (!u->is_withheld)
			collect(in, u, now);
		/* A file sent to the bot before its text. */
		if (u->kind == UPDATE_MESSAGE && u->attachments->len && !*text_or_empty(u))
			keep_copy(in, u, false, now);
		updates->pdata[kept++] = u;
	}
	g_ptr_array_set_size(updates, (gint)kept);
}

/* Not stored after all: the platform sends them again, and then they must find their parts. */
static void give_parts_back(struct ingress *in, GPtrArray *updates)
{
	for (guint n = 0; n < updates->len; n++) {
		struct update *u = updates->pdata[n];

		for (guint i = 0; u->window && i < u->window->len; i++)
			window_keep(in->window, g_steal_pointer(&u->window->pdata[i]), clock_mono_ms());
		if (u->window)
			g_ptr_array_set_size(u->window, 0);
	}
}

static bool intake_run(struct db *db, void *arg, GError **error)
{
	struct intake *k = arg;
	GPtrArray *updates = k->batch->updates;
	int64_t now = clock_wall_ms();

	for (guint n = 0; n < updates->len; n++) {
		k->ids[n] = 0;
		if (store_inbox_add(db, updates->pdata[n], now, &k->ids[n], error) == STORE_BROKEN)
			return false;
	}
	if (!k->batch->cursor || !updates->len)
		return true;
	return store_setting_set(db, ((struct update *)updates->pdata[0])->adapter, "cursor", k->batch->cursor, error);
}

static void intake_done(void *arg, enum job_end end, const GError *error)
{
	struct intake *k = arg;
	struct ingress *in = k->in;
	struct update_batch *batch = k->batch;
	GPtrArray *updates = g_steal_pointer(&batch->updates);

	batch->updates = g_ptr_array_new_with_free_func((GDestroyNotify)update_free);
	if (end == JOB_FAILED)
		log_error("ingress", "updates could not be stored: %s, the platform keeps them", error ? error->message : "");
	in->under_way--;
	if (end != JOB_COMMITTED) {
		give_parts_back(in, updates);
		g_ptr_array_unref(batch->updates);
		batch->updates = g_ptr_array_ref(updates); /* whoever cannot read them again keeps them (an errand) */
	}
	batch->done(batch, end == JOB_COMMITTED);
	update_batch_free(batch);
	for (guint n = 0; n < updates->len && end == JOB_COMMITTED; n++) {
		if (!k->ids[n]) {
			in->stats.duplicates++;
			continue;
		}
		in->stats.stored++;
		in->on_row(in->arg, k->ids[n], g_steal_pointer(&updates->pdata[n]));
	}
	g_ptr_array_unref(updates);
	g_free(k->ids);
	g_free(k);
}

static size_t update_bytes(const struct update *u)
{
	size_t bytes = sizeof(*u) + 512 + (u->text ? strlen(u->text) : 0) + (u->reply_text ? strlen(u->reply_text) : 0);

	for (guint n = 0; u->window && n < u->window->len; n++)
		bytes += update_bytes(u->window->pdata[n]);
	return bytes;
}

static size_t batch_bytes(const struct update_batch *batch)
{
	size_t bytes = 512;

	for (guint n = 0; n < batch->updates->len; n++)
		bytes += update_bytes(batch->updates->pdata[n]);
	return bytes;
}

static void end_batch(struct update_batch *batch, bool committed)
{
	batch->done(batch, committed);
	update_batch_free(batch);
}

void ingress_take(struct ingress *in, struct update_batch *batch)
{
	struct intake *k;

	/* Before sifting: what is pushed back comes again and must find its parts still in the window. */
	if (in->is_closed || store_is_full(in->store)) {
		in->stats.pushed_back++;
		end_batch(batch, false);
		return;
	}
	sift(in, batch->updates);
	if (!batch->updates->len) {
		/* Nothing worth keeping: acknowledged without a row, the poll position moves in memory only (design §2). */
		end_batch(batch, true);
		return;
	}
	k = g_new0(struct intake, 1);
	k->in = in;
	k->batch = batch;
	k->ids = g_new0(int64_t, batch->updates->len);
	in->under_way++;
	if (!store_submit(in->store, batch_bytes(batch), intake_run, intake_done, k)) {
		in->under_way--;
		in->stats.pushed_back++;
		give_parts_back(in, batch->updates);
		end_batch(batch, false);
		g_free(k->ids);
		g_free(k);
	}
}
