/* SPDX-License-Identifier: MIT */
/* The plain vocabulary between platforms, store and core: what came in, what goes out, what became of it.
 * References to chats, people and messages are opaque strings of the platform: compared and stored, never computed. This is
 * the one header of adapters/ that every folder may include. */
#ifndef CDSBOT_ADAPTERS_MESSAGE_H
#define CDSBOT_ADAPTERS_MESSAGE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum chat_kind { CHAT_PRIVATE, CHAT_GROUP, CHAT_CHANNEL };

enum attachment_kind { ATTACHMENT_PHOTO, ATTACHMENT_FILE, ATTACHMENT_VIDEO, ATTACHMENT_VOICE, ATTACHMENT_STICKER };

/* A file that stays on the platform: the bot keeps the platform's id (or address) and hands it back. */
struct attachment {
	enum attachment_kind kind;
	char *file_id;	 /* what this adapter needs to send it on; never NULL */
	char *unique_id; /* stable name for "the same file", or NULL */
	char *name;	 /* or NULL */
	char *mime;	 /* or NULL */
	int64_t size;	 /* bytes, -1 unknown */
};
void attachment_free(struct attachment *a);
struct attachment *attachment_copy(const struct attachment *a);

enum update_kind {
	UPDATE_MESSAGE,	    /* a person wrote */
	UPDATE_EDIT,	    /* a known message changed; text is the new one */
	UPDATE_RECALL,	    /* a message was taken back */
	UPDATE_CHAT_OPEN,   /* the bot can write here (again): added to a group, private chat started or unblocked */
	UPDATE_CHAT_GONE,   /* removed from a group, blocked by a person */
	UPDATE_CHAT_MOVED,  /* the chat has a new id: moved_to */
	UPDATE_MEMBER_JOIN, /* a person (user_id) came into the group */
	UPDATE_MEMBER_LEAVE
};

/* One thing that happened on a platform. Strings are owned; text is text_clean'ed (NFC). Absent = NULL. */
struct update {
	enum update_kind kind;
	char *adapter; /* name of the adapter, e.g. "telegram" */
	char *bot_id;  /* the bot's own id there: dedupe keys of two bots never meet */
	char *key;     /* the platform's dedupe key */

	char *chat_id;
	enum chat_kind chat_kind;
	char *chat_title;
	char *thread_id; /* topic inside the chat, handed back with answers */
	char *moved_to;	 /* UPDATE_CHAT_MOVED */

	char *user_id; /* NULL: nobody (channel post, anonymous admin, service) */
	char *user_name;
	bool user_is_bot;

	char *message_id;
	int64_t sent_ms; /* platform's time, UTC ms */
	char *text;	 /* text or caption, own mention at the start and `@bot` suffix of a command taken off; may be "" */
	bool mentions_bot;
	bool for_other_bot; /* a command that names another bot */
	bool is_forwarded;

	char *reply_to_id; /* the message it answers */
	char *reply_text;
	char *reply_user_id;
	char *reply_user_name;
	bool replies_to_bot;

	char *album_id;
	GPtrArray *attachments; /* struct attachment, never NULL after update_new */

	/* Filled by the core before the row is stored (never by an adapter): */
	bool is_withheld;	/* secrecy stamp or ID number found: text was removed before it was stored */
	bool is_continuation;	/* follows a long shared text of the same sender at once: its next part, not a message of its own */
	GPtrArray *window;	/* struct update: the sender's recent unaddressed parts that belong to this message, or NULL */
};
struct update *update_new(enum update_kind kind);
void update_free(struct update *u);
typedef struct update update_t; /* for g_autoptr alone */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(update_t, update_free)

/* The stored form of an update (one line of JSON) and back. A round trip loses nothing. parse returns NULL and error on
 * bytes that no version of this program wrote. */
char *update_serialize(const struct update *u);
struct update *update_parse(const char *text, GError **error);

/* Formatting: a span of the text in BYTES, never cutting a grapheme. */
enum span_kind { SPAN_BOLD, SPAN_ITALIC, SPAN_CODE };
struct span {
	enum span_kind kind;
	size_t start, len;
};

/* One part of a post on its way to one chat. Borrowed by adapter_send for the call only: copy what you keep. */
struct outgoing {
	int64_t delivery_id; /* for logs */
	const char *chat_id;
	enum chat_kind chat_kind;
	const char *thread_id;	 /* or NULL */
	const char *reply_to_id; /* or NULL; the message may be gone: then send without */
	const char *user_id;	 /* the person it speaks to in a group, or NULL: everybody */
	const char *text;	 /* NFC, within the adapter's limit */
	const struct span *spans;
	size_t n_spans;
	const struct attachment *file; /* or NULL; text is then its caption */
	const char *upload_id; /* set by the codec driver alone: what the platform gave for the file's bytes (codec.h prepare), or NULL */
};
/* A copy that owns everything, for whoever must keep it past the call. Freed by outgoing_free alone. */
struct outgoing *outgoing_copy(const struct outgoing *m);
void outgoing_free(struct outgoing *copy);

enum send_status {
	SEND_OK,	/* accepted, remote_id set if the platform gave one */
	SEND_LATER,	/* certainly not accepted; try again after retry_ms (-1: own back-off) */
	SEND_UNCERTAIN, /* may have been accepted: the courier's policy decides */
	SEND_REFUSED,	/* this content can never be sent */
	SEND_NO_TARGET, /* chat gone or bot removed: park the target */
	SEND_BROKEN,	/* credentials or protocol: stop this adapter */
};
const char *send_status_name(enum send_status status);

/* Strings are borrowed for the callback only. */
struct send_result {
	enum send_status status;
	int64_t retry_ms;      /* SEND_LATER: the platform's own wait, or -1 */
	bool is_platform_wide; /* SEND_LATER: the wait holds the whole adapter, not this chat alone */
	const char *remote_id; /* SEND_OK: the message's id there, or NULL */
	const char *moved_to;  /* SEND_LATER: the chat's new id; the core moves the chat and sends again at once */
	const char *reason;    /* short, masked, for the row and the log; NULL on OK */
};

#endif
