/* SPDX-License-Identifier: MIT */
/* From a typed text to an update: what it answers, the file it names, whether it speaks to the bot (console.h). It neither reads
 * input nor hands up. */
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "console_state.h"

#define AREA "console"
#define SEEN_MAX 64 /* messages of a chat that `^` reaches */

struct seen {
	char *id, *user, *text; /* user NULL: the bot */
};

static void on_seen_free(void *seen)
{
	struct seen *s = seen;

	g_free(s->id);
	g_free(s->user);
	g_free(s->text);
	g_free(s);
}

static void on_chat_free(void *chat)
{
	g_queue_free_full(chat, on_seen_free);
}

void console_seen_add(struct console *c, const char *chat_id, const char *id, const char *user, const char *text)
{
	GQueue *chat = g_hash_table_lookup(c->seen, chat_id);
	struct seen *s = g_new0(struct seen, 1);

	s->id = g_strdup(id);
	s->user = g_strdup(user);
	s->text = g_strdup(text ? text : "");
	if (!chat) {
		chat = g_queue_new();
		g_hash_table_insert(c->seen, g_strdup(chat_id), chat);
	}
	g_queue_push_head(chat, s);
	if (chat->length > SEEN_MAX)
		on_seen_free(g_queue_pop_tail(chat));
}

void console_message_open(struct console *c)
{
	c->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, on_chat_free);
	c->id_prefix = g_strdup_printf("c%" G_GINT64_FORMAT, clock_wall_ms());
}

void console_message_free(struct console *c)
{
	g_hash_table_unref(c->seen);
	g_free(c->id_prefix);
}

/* Unique beyond this run, so that the same data directory can be used again. */
char *console_id_next(struct console *c)
{
	return g_strdup_printf("%s-%u", c->id_prefix, ++c->n_ids);
}

/* `^3 rest`: fills the reply; false if there is no such message. */
static bool reply_take(struct console *c, struct update *u, const char **text)
{
	const struct seen *s;
	const char *end;
	GQueue *chat;
	guint64 n = 1;

	if ((*text)[0] != '^')
		return true;
	end = *text + 1 + strspn(*text + 1, "0123456789");
	if (*end && *end != ' ')
		return true;
	if (end > *text + 1)
		n = g_ascii_strtoull(*text + 1, NULL, 10);
	chat = g_hash_table_lookup(c->seen, u->chat_id);
	s = chat && n >= 1 && n <= chat->length ? g_queue_peek_nth(chat, (guint)n - 1) : NULL;
	if (!s) {
		log_warn(AREA, "there is no such message here to answer, ignoring");
		return false;
	}
	*text = end + strspn(end, " ");
	u->reply_to_id = g_strdup(s->id);
	u->reply_text = g_strdup(s->text);
	u->reply_user_id = g_strdup(s->user ? s->user : CONSOLE_BOT);
	u->reply_user_name = g_strdup(u->reply_user_id);
	u->replies_to_bot = s->user == NULL;
	return true;
}

static bool is_picture(const char *name)
{
	static const char *const endings[] = { ".jpg", ".jpeg", ".png", ".webp" };
	g_autofree char *lower = g_ascii_strdown(name, -1);

	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		if (g_str_has_suffix(lower, endings[i]))
			return true;
	}
	return false;
}

/* `+path rest` */
static void attachment_take(struct update *u, const char **text)
{
	size_t len = strcspn(*text, " \n");
	g_autofree char *path = len > 1 ? g_strndup(*text + 1, len - 1) : NULL;
	struct attachment *a;
	struct stat st;

	if ((*text)[0] != '+' || !path || !strpbrk(path, "./"))
		return;
	a = g_new0(struct attachment, 1);
	a->name = g_path_get_basename(path);
	a->kind = is_picture(a->name) ? ATTACHMENT_PHOTO : ATTACHMENT_FILE;
	a->size = stat(path, &st) == 0 ? (int64_t)st.st_size : -1;
	a->unique_id = g_strdup(path);
	a->file_id = g_steal_pointer(&path);
	g_ptr_array_add(u->attachments, a);
	*text += len + strspn(*text + len, " \n");
}

/* "@bot" as a word of its own. */
static bool names_bot(const char *text)
{
	for (const char *at = text; (at = strstr(at, "@" CONSOLE_BOT)); at++) {
		char after = at[1 + strlen(CONSOLE_BOT)];

		if ((at == text || g_ascii_isspace(at[-1])) && (!after || g_ascii_isspace(after) || strchr(",:;?!", after)))
			return true;
	}
	return false;
}

/* "@bot" before the text (also "@bot,"), "@name" after a command. */
static char *mention_take(struct update *u, const char *text)
{
	size_t word = strcspn(text, " \n");
	const char *at = memchr(text, '@', word);
	size_t name = at ? strcspn(at, " \n,:;") : 0;
	bool is_ours = at && name == 1 + strlen(CONSOLE_BOT) && g_ascii_strncasecmp(at + 1, CONSOLE_BOT, strlen(CONSOLE_BOT)) == 0;

	if (is_ours && at == text) {
		u->mentions_bot = true;
		return g_strdup(text + name + strspn(text + name, " \n,:;"));
	}
	if (at && text[0] == '/') {
		u->mentions_bot = is_ours;
		u->for_other_bot = !is_ours;
		if (is_ours)
			return g_strdup_printf("%.*s%s", (int)(at - text), text, at + name);
	}
	u->mentions_bot |= names_bot(text);
	return g_strdup(text);
}

struct update *console_update_new(struct console *c, const char *text)
{
	g_autoptr(update_t) u = update_new(UPDATE_MESSAGE);

	u->adapter = g_strdup(c->adapter->ops->name);
	u->bot_id = g_strdup(c->adapter->bot_id);
	u->message_id = console_id_next(c);
	u->key = g_strdup(u->message_id);
	u->chat_kind = c->group ? CHAT_GROUP : CHAT_PRIVATE;
	u->chat_id = g_strdup(c->group ? c->group : c->who);
	u->chat_title = g_strdup(c->group);
	u->user_id = g_strdup(c->who);
	u->user_name = g_strdup(c->who);
	u->sent_ms = clock_wall_ms();
	if (!reply_take(c, u, &text))
		return NULL;
	attachment_take(u, &text);
	u->text = mention_take(u, text);
	console_seen_add(c, u->chat_id, u->message_id, u->user_id, u->text);
	return g_steal_pointer(&u);
}
