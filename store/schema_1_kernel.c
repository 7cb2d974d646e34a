/* SPDX-License-Identifier: MIT */
/* First migration: the tables every message passes through (inbox, chats, people, posts, deliveries) and the small ones of the kernel.
 * It is never edited after a release; it knows nothing of items, units or search, which are the second migration's. */
#include "schema.h"

const char schema_1_kernel[] =
	/* --- audit.c --- */
	"CREATE TABLE setting ("
	" scope TEXT NOT NULL,"		    /* an adapter's name, or the part of the program that remembers */
	" key TEXT NOT NULL,"
	" value TEXT NOT NULL,"
	" PRIMARY KEY (scope, key)"
	") WITHOUT ROWID;"
	"CREATE TABLE audit ("		    /* append-only */
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" at_ms INTEGER NOT NULL,"
	" member_id INTEGER,"		    /* NULL: the system or the command line; no reference: a deleted person keeps a number here */
	" actor TEXT,"			    /* cli, system; NULL = the member */
	" action TEXT NOT NULL,"
	" subject TEXT,"
	" before TEXT,"
	" after TEXT,"
	" chat_id INTEGER"
	");"

	/* --- inbox.c: one unique key per update, and one index over the few rows that are still to do --- */
	"CREATE TABLE inbox ("
	" id INTEGER PRIMARY KEY,"	    /* order of arrival; the newest row is never deleted, so ids only grow */
	" adapter TEXT NOT NULL,"
	" bot TEXT NOT NULL,"		    /* the bot's own id there */
	" key TEXT NOT NULL,"		    /* the platform's dedupe key */
	" state INTEGER NOT NULL DEFAULT 0," /* 0 unhandled, 1 handled, 2 set aside */
	" tries INTEGER NOT NULL DEFAULT 0,"
	" payload TEXT NOT NULL,"	    /* update_serialize; empty once handled */
	" reason TEXT,"			    /* why it was set aside */
	" received_ms INTEGER NOT NULL,"
	" UNIQUE (adapter, bot, key)"
	");"
	"CREATE INDEX inbox_open ON inbox (state, id) WHERE state <> 1;"

	/* --- chat.c --- */
	"CREATE TABLE chat ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" adapter TEXT NOT NULL,"
	" remote_id TEXT NOT NULL,"	    /* the platform's id */
	" kind INTEGER NOT NULL,"	    /* enum chat_kind */
	" title TEXT,"
	" user_id TEXT,"		    /* private chats: the platform's id of the person, once known */
	" is_core INTEGER NOT NULL DEFAULT 0,"
	" unit TEXT,"			    /* code of the unit whose own group it is */
	" is_parked INTEGER NOT NULL DEFAULT 0," /* the bot cannot write there */
	" parked_reason TEXT,"
	" created_ms INTEGER NOT NULL,"
	" UNIQUE (adapter, remote_id)"
	");"
	"CREATE INDEX chat_core ON chat (id) WHERE is_core = 1;"
	"CREATE INDEX chat_unit ON chat (unit) WHERE unit IS NOT NULL;"
	"CREATE INDEX chat_user ON chat (adapter, user_id) WHERE user_id IS NOT NULL;"

	/* --- member.c --- */
	"CREATE TABLE member ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" name TEXT NOT NULL,"
	" folded TEXT NOT NULL,"	    /* text_fold(name), to be found by */
	" unit TEXT,"			    /* code */
	" job TEXT,"			    /* as typed at /dk */
	" role INTEGER NOT NULL,"	    /* enum role */
	" consent_ms INTEGER NOT NULL,"
	" consent_version TEXT,"
	" left_ms INTEGER"		    /* NULL: still here */
	");"
	"CREATE INDEX member_unit ON member (unit);"
	"CREATE INDEX member_role ON member (role);"
	"CREATE TABLE identity ("	    /* who a member is on a platform; people who are not registered have none */
	" adapter TEXT NOT NULL,"
	" user_id TEXT NOT NULL,"
	" member_id INTEGER NOT NULL REFERENCES member (id),"
	" name TEXT,"			    /* display name there */
	" private_chat_id INTEGER REFERENCES chat (id),"
	" used_ms INTEGER NOT NULL,"
	" PRIMARY KEY (adapter, user_id)"
	") WITHOUT ROWID;"
	"CREATE INDEX identity_member ON identity (member_id, used_ms);"
	"CREATE INDEX identity_chat ON identity (private_chat_id) WHERE private_chat_id IS NOT NULL;"
	"CREATE TABLE group_member ("	    /* who is in a group, for counts of reach: ids only */
	" chat_id INTEGER NOT NULL REFERENCES chat (id),"
	" user_id TEXT NOT NULL,"
	" since_ms INTEGER NOT NULL,"
	" PRIMARY KEY (chat_id, user_id)"
	") WITHOUT ROWID;"
	"CREATE TABLE admin_code ("	    /* at most one row */
	" id INTEGER PRIMARY KEY CHECK (id = 1),"
	" salt TEXT NOT NULL,"
	" hash TEXT NOT NULL,"		    /* SHA-256 of salt and code */
	" made_ms INTEGER NOT NULL,"
	" tries INTEGER NOT NULL"	    /* wrong ones */
	");"

	/* --- pending.c --- */
	"CREATE TABLE pending ("
	" adapter TEXT NOT NULL,"
	" user_id TEXT NOT NULL,"
	" chat_id INTEGER NOT NULL," /* row of chat; 0 = the person's private dialogue, wherever it is held */
	" command TEXT NOT NULL,"
	" step TEXT NOT NULL,"
	" data TEXT,"			    /* the command's own JSON */
	" asked_ms INTEGER NOT NULL,"
	" expires_ms INTEGER NOT NULL,"
	" PRIMARY KEY (adapter, user_id, chat_id)"
	") WITHOUT ROWID;"

	/* --- delivery.c --- */
	"CREATE TABLE post ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" text TEXT NOT NULL,"		    /* NFC, whole */
	" spans TEXT,"			    /* kind:start:length, byte counts, separated by spaces */
	" class INTEGER NOT NULL,"	    /* enum delivery_class */
	" item_id INTEGER,"		    /* what a reply to it speaks of */
	" announcement_id INTEGER,"
	" file_kind INTEGER,"		    /* enum attachment_kind; NULL: no file */
	" file_id TEXT,"
	" file_unique_id TEXT,"
	" file_name TEXT,"
	" file_mime TEXT,"
	" file_size INTEGER,"
	" created_ms INTEGER NOT NULL"
	");"
	"CREATE INDEX post_announcement ON post (announcement_id) WHERE announcement_id IS NOT NULL;"
	"CREATE TABLE delivery ("	    /* post x chat x part */
	" id INTEGER PRIMARY KEY AUTOINCREMENT," /* the order within a line */
	" post_id INTEGER NOT NULL REFERENCES post (id),"
	" chat_id INTEGER NOT NULL REFERENCES chat (id),"
	" member_id INTEGER,"		    /* the member of the audience it is for; NULL: a chat as such, or an answer */
	" part INTEGER NOT NULL,"	    /* 0 .. parts - 1 */
	" parts INTEGER NOT NULL,"
	" start INTEGER NOT NULL,"	    /* bytes of the post's text */
	" len INTEGER NOT NULL,"
	" has_file INTEGER NOT NULL,"
	" adapter TEXT NOT NULL,"	    /* the chat's, here for the index */
	" class INTEGER NOT NULL,"	    /* the post's, likewise */
	" state INTEGER NOT NULL DEFAULT 0," /* enum delivery_state; below 2 = unsettled */
	" is_head INTEGER NOT NULL DEFAULT 0," /* oldest unsettled one of its line (chat, class); kept by the triggers below */
	" is_held INTEGER NOT NULL DEFAULT 0," /* its chat is parked; likewise */
	" tries INTEGER NOT NULL DEFAULT 0,"
	" due_ms INTEGER NOT NULL,"	    /* not before */
	" thread_id TEXT,"
	" reply_to_id TEXT,"
	" user_id TEXT,"		    /* the person spoken to in a group */
	" remote_id TEXT,"		    /* the platform's id of the message, once sent */
	" reason TEXT,"			    /* last trouble */
	" created_ms INTEGER NOT NULL,"
	" settled_ms INTEGER,"
	" UNIQUE (post_id, chat_id, part)"
	");"
	/* The courier's question, "what could go now", must not depend on how much waits: only heads of open lines are in this index. */
	"CREATE INDEX delivery_ready ON delivery (adapter, class, due_ms, id) WHERE state = 0 AND is_head = 1 AND is_held = 0;"
	"CREATE INDEX delivery_line ON delivery (chat_id, class, id) WHERE state < 2;"
	"CREATE INDEX delivery_member ON delivery (post_id, member_id) WHERE member_id IS NOT NULL;"
	"CREATE INDEX delivery_remote ON delivery (chat_id, remote_id) WHERE remote_id IS NOT NULL;"
	"CREATE TRIGGER delivery_new AFTER INSERT ON delivery WHEN NEW.state < 2 BEGIN"
	" UPDATE delivery SET is_held = (SELECT is_parked FROM chat WHERE id = NEW.chat_id), is_head = NOT EXISTS"
	"  (SELECT 1 FROM delivery o WHERE o.chat_id = NEW.chat_id AND o.class = NEW.class AND o.state < 2 AND o.id < NEW.id)"
	" WHERE id = NEW.id;"
	"END;"
	"CREATE TRIGGER delivery_settled AFTER UPDATE OF state ON delivery WHEN OLD.state < 2 AND NEW.state >= 2 BEGIN"
	" UPDATE delivery SET is_head = 0 WHERE id = NEW.id AND is_head = 1;"
	" UPDATE delivery SET is_head = 1 WHERE is_head = 0 AND id = (SELECT o.id FROM delivery o"
	"  WHERE o.chat_id = NEW.chat_id AND o.class = NEW.class AND o.state < 2 ORDER BY o.id LIMIT 1);"
	"END;"
	"CREATE TRIGGER delivery_reopened AFTER UPDATE OF state ON delivery WHEN OLD.state >= 2 AND NEW.state < 2 BEGIN"
	" UPDATE delivery SET is_held = (SELECT is_parked FROM chat WHERE id = NEW.chat_id) WHERE id = NEW.id;"
	" UPDATE delivery SET is_head = 0 WHERE chat_id = NEW.chat_id AND class = NEW.class AND state < 2 AND is_head = 1 AND id > NEW.id;"
	" UPDATE delivery SET is_head = 1 WHERE is_head = 0 AND id = (SELECT o.id FROM delivery o"
	"  WHERE o.chat_id = NEW.chat_id AND o.class = NEW.class AND o.state < 2 ORDER BY o.id LIMIT 1);"
	"END;"
	"CREATE TRIGGER delivery_moved AFTER UPDATE OF chat_id ON delivery WHEN OLD.chat_id <> NEW.chat_id AND NEW.state < 2 BEGIN"
	" UPDATE delivery SET is_held = (SELECT is_parked FROM chat WHERE id = NEW.chat_id), is_head = 0 WHERE id = NEW.id;"
	" UPDATE delivery SET is_head = 0 WHERE chat_id = NEW.chat_id AND class = NEW.class AND state < 2 AND is_head = 1 AND id > NEW.id;"
	" UPDATE delivery SET is_head = 1 WHERE is_head = 0 AND id IN"
	"  (SELECT min(o.id) FROM delivery o WHERE o.chat_id = NEW.chat_id AND o.class = NEW.class AND o.state < 2"
	"  UNION ALL SELECT min(o.id) FROM delivery o WHERE o.chat_id = OLD.chat_id AND o.class = NEW.class AND o.state < 2);"
	"END;"
	"CREATE TRIGGER delivery_gone AFTER DELETE ON delivery WHEN OLD.state < 2 BEGIN"
	" UPDATE delivery SET is_head = 1 WHERE is_head = 0 AND id = (SELECT o.id FROM delivery o"
	"  WHERE o.chat_id = OLD.chat_id AND o.class = OLD.class AND o.state < 2 ORDER BY o.id LIMIT 1);"
	"END;"
	"CREATE TRIGGER chat_parked AFTER UPDATE OF is_parked ON chat WHEN OLD.is_parked <> NEW.is_parked BEGIN"
	" UPDATE delivery SET is_held = NEW.is_parked WHERE chat_id = NEW.id AND state < 2;"
	"END;"

	/* --- fanout.c: posts whose deliveries are not all made yet; the row goes when they are --- */
	"CREATE TABLE fanout ("
	" post_id INTEGER PRIMARY KEY REFERENCES post (id),"
	" core_groups INTEGER NOT NULL,"
	" all_members INTEGER NOT NULL,"
	" followers INTEGER NOT NULL,"
	" skip_chat_id INTEGER NOT NULL"    /* 0 none */
	");"
	"CREATE TABLE fanout_unit ("
	" post_id INTEGER NOT NULL REFERENCES fanout (post_id) ON DELETE CASCADE,"
	" unit TEXT NOT NULL,"
	" PRIMARY KEY (post_id, unit)"
	") WITHOUT ROWID;"
	"CREATE TABLE fanout_part ("	    /* how the post falls into parts on a platform, decided once */
	" post_id INTEGER NOT NULL REFERENCES fanout (post_id) ON DELETE CASCADE,"
	" adapter TEXT NOT NULL,"
	" part INTEGER NOT NULL,"
	" parts INTEGER NOT NULL,"
	" start INTEGER NOT NULL,"
	" len INTEGER NOT NULL,"
	" has_file INTEGER NOT NULL,"
	" PRIMARY KEY (post_id, adapter, part)"
	") WITHOUT ROWID;"

	/* --- bundle.c: confirmations in groups --- */
	"CREATE TABLE confirmation ("	    /* those of the last minute that went at once */
	" chat_id INTEGER NOT NULL REFERENCES chat (id),"
	" at_ms INTEGER NOT NULL"
	");"
	"CREATE INDEX confirmation_chat ON confirmation (chat_id, at_ms);"
	"CREATE TABLE bundle ("		    /* the one line that collects the others */
	" chat_id INTEGER PRIMARY KEY REFERENCES chat (id),"
	" words TEXT NOT NULL,"		    /* one a line */
	" post_id INTEGER,"		    /* NULL until the caller has made it */
	" due_ms INTEGER NOT NULL"
	");";
