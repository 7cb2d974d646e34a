/* SPDX-License-Identifier: MIT */
/* The outer interface of every platform. Core to platform goes down through adapter_*(); platform to core comes up through the
 * events handed to adapter_open. Everything happens on the loop thread. Core code asks for a capability, never for a name. */
#ifndef CDSBOT_ADAPTERS_ADAPTER_H
#define CDSBOT_ADAPTERS_ADAPTER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/text.h"
#include "config/option.h"
#include "message.h"

struct adapter;
struct config;
struct http_client;
struct http_server;

/* What a platform can do: data, not code. */
struct adapter_caps {
	bool polls, webhook, groups, direct, edit, recall, buttons, files, menu, member_list;
	bool rich_text; /* spans are shown; else they are ignored */
	bool is_local;	/* no network, no quiet hours of its own: the console */
	size_t text_limit;
	enum text_unit text_unit;
	size_t caption_limit; /* 0: a file cannot carry text, it is sent beside it */
};

/* The platform's pace, from its options. 0 = unlimited. The courier alone uses it. */
struct adapter_pace {
	double per_second;	 /* over all chats */
	double chat_per_second;	 /* one private chat */
	double group_per_minute; /* one group */
	unsigned burst, chat_burst, group_burst; /* at least 1 */
	unsigned concurrent;	 /* sends under way at once, at least 1 */
	/* How many messages the platform lets the bot send in a calendar day or month (in the configured time zone); 0 = no limit.
	 * Counted in stored rows, so a restart forgets nothing. budget_private: only private chats count (groups are free). */
	int64_t day_budget, month_budget;
	bool budget_private;
};

/* Updates on their way to being stored. The receiver takes the batch, commits every row (and the cursor, if not NULL) in one
 * commit, then calls done exactly once on the loop: committed = all of it is safe (or was not worth keeping), so the platform may
 * be told so. committed = false: nothing was accepted (full queues, disk trouble): the platform must keep it. */
struct update_batch {
	GPtrArray *updates; /* struct update, freed with the batch; still there when done hears that it was not committed */
	char *cursor;	    /* poll position to store under setting `<adapter>.cursor`, or NULL */
	void (*done)(struct update_batch *batch, bool committed); /* frees nothing; may start the next poll */
	void *done_arg;
};
struct update_batch *update_batch_new(void);
void update_batch_free(struct update_batch *b);

/* Handed to adapter_open; valid until the close callback has run. */
struct adapter_events {
	void *arg;
	void (*on_batch)(void *arg, struct adapter *a, struct update_batch *batch); /* takes */
	/* Keep adapter state that must survive (a menu's hash, a token): done once after the commit's result. */
	void (*on_save)(void *arg, struct adapter *a, const char *key, const char *value,
			void (*done)(void *done_arg, bool committed), void *done_arg);
	/* Both may be NULL where no other process can be (tests): then every lease is granted.
	 * Asks for the lease of an errand that only one holder among all processes may run. done once, on the loop: granted, with
	 * everything saved under this adapter's name as of the grant (taken by done's caller, valid for the call); or not granted: ask
	 * again later. The lease ends by itself after ERRAND_LEASE_MS or with on_release. */
	void (*on_lease)(void *arg, struct adapter *a, const char *errand,
			 void (*done)(void *done_arg, bool granted, GHashTable *saved), void *done_arg);
	void (*on_release)(void *arg, struct adapter *a, const char *errand);
	/* The operator should know: deaf, refused credentials, lost rights. Repeated equal texts are said once. NULL = well again. */
	void (*on_alarm)(void *arg, struct adapter *a, const char *text_or_null);
	/* Direct adapters with an end (console at end of input): nothing more will come. */
	void (*on_end)(void *arg, struct adapter *a);
};

typedef void adapter_send_done_fn(void *arg, const struct send_result *result);

/* One line of `cdsbot check`: what is so, and (if wrong) what to do in which console. In Vietnamese. */
enum finding_level { FINDING_OK, FINDING_NOTE, FINDING_WARN, FINDING_ERROR };
typedef void adapter_finding_fn(void *arg, enum finding_level level, const char *text, const char *advice_or_null);

/* Surroundings of an adapter, borrowed until it is closed. http and server are NULL where nothing of the kind is needed. */
struct adapter_env {
	uv_loop_t *loop;
	const struct config *config;
	struct http_client *http;
	struct http_server *server;
	GHashTable *saved; /* key -> value: what on_save kept under this adapter's name, incl. "cursor", as of the start */
	GPtrArray *menu;   /* struct menu_entry: the command menu for platforms that show one */
	const struct adapter_events *events;
	bool is_check; /* for adapter_check alone: whoever is opened so writes nothing anywhere */
};
struct menu_entry {
	const char *name;	 /* folded Latin, as typed after the slash */
	const char *description; /* Vietnamese */
};

/* The lease of an exclusive errand. Longer than two calls of such an errand may take (its timeouts are cut to half of this), so that a
 * holder that lives never loses it while it asks; short enough that after a crash the next holder is not long without a token. */
#define ERRAND_LEASE_MS INT64_C(60000)

struct codec_ops;

/* Something that an operator gives by hand beside a running daemon, e.g. a first pair of tokens: `cdsbot admin NAME SETTING`. It is read
 * from standard input or a file, never from the command line, and never shown or logged. */
struct adapter_admin_setting {
	const char *name; /* the word after the adapter's name */
	const char *help; /* Vietnamese: what to type and where to get it */
	/* Pure. text: all that was given, valid UTF-8. True: *ret_key and *ret_value (caller frees) are what is saved under the adapter's
	 * name (env.saved). False: error in Vietnamese, which must not repeat the text. */
	bool (*parse)(const char *text, char **ret_key, char **ret_value, GError **error);
};

/* One platform = one of these in its file, one line in table.c. Either codec (HTTP + JSON, see codec.h) or the direct
 * operations are set; an operation that the caps deny is NULL. */
struct adapter_ops {
	const char *name;
	const char *help; /* one sentence for the example configuration's section */
	struct adapter_caps caps;
	const struct option *options; /* section [name] of the configuration; ends with a row whose name is NULL */
	const struct codec_ops *codec;
	const struct adapter_admin_setting *admin_settings; /* ends with a row whose name is NULL; or NULL: none */

	/* Direct kind: */
	bool (*open)(struct adapter *a, GError **error);
	/* Begins to stop; every pending send ends LATER or UNCERTAIN; closed is called once nothing of it is on the loop. */
	void (*close)(struct adapter *a, void (*closed)(struct adapter *a));
	/* done: exactly once, never inside send. */
	void (*send)(struct adapter *a, const struct outgoing *m, adapter_send_done_fn *done, void *arg);
	/* The core has finished everything the last batch caused (turns and deliveries settled): the console reads on. */
	void (*settled)(struct adapter *a);
};

/* An open adapter. Fields are for the adapter's own code and the drivers; others use the functions. */
struct adapter {
	const struct adapter_ops *ops;
	struct adapter_env env;
	struct adapter_pace pace;
	void *state;  /* the direct adapter's, or the codec's */
	void *driver; /* the codec driver's */
	char *bot_id; /* known after the platform told it; "" before */
	/* Counters for /metrics */
	uint64_t n_updates, n_sent, n_later, n_uncertain, n_refused, n_rejected_calls, n_poll_errors;
	int64_t last_heard_mono_ms; /* last successful poll or accepted webhook, 0 never */
	char *alarm;		    /* the operator's alarm in force, or NULL */
	char *notice;		    /* the codec's own, in force while the driver has none, or NULL */
	const char *wants_errand;   /* a codec's judge sets it (static name): the driver runs it soon and holds sends until it is over */
	GHashTable *own_saved;	    /* env.saved where the codec driver made it itself, or NULL */
	/* The front's own: whom to tell that it is closed, sends not yet answered, whether the inner part is closed. */
	void (*on_closed)(void *arg);
	void *on_closed_arg;
	unsigned n_pending;
	bool is_gone;
};

/* Opens one adapter by its row. NULL and error if its configuration cannot work. Network trouble is no error: it is retried
 * and shown by on_alarm. */
struct adapter *adapter_open(const struct adapter_ops *ops, const struct adapter_env *env, GError **error);
/* closed_arg's callback runs on the loop when the adapter is gone; the pointer is dead then. */
/* After this call nothing may be sent through it any more. */
void adapter_close(struct adapter *a, void (*closed)(void *arg), void *arg);
void adapter_send(struct adapter *a, const struct outgoing *m, adapter_send_done_fn *done, void *arg);
void adapter_settled(struct adapter *a);
/* Another process changed what is saved under this adapter's name (an operator's hand, another holder of a lease): fresh is all of it,
 * borrowed. The adapter goes on with it at once. */
void adapter_saved_changed(struct adapter *a, GHashTable *fresh);

/* For the adapters: say an alarm (or NULL: over) through the events, once per change. */
void adapter_set_alarm(struct adapter *a, const char *text_or_null);
/* For the codecs: what the operator must do although messages come and go (a package that ends), or NULL: nothing any more. */
void adapter_set_notice(struct adapter *a, const char *text_or_null);
/* For the adapters: hand a batch up, counting it. */
void adapter_hand_up(struct adapter *a, struct update_batch *batch);

/* `cdsbot check`: what this adapter can do, what is configured, and (online) what the platform says. Calls `say` for every
 * finding, then `done`, on the loop. Opens nothing else and changes nothing on the platform. */
void adapter_check(const struct adapter_ops *ops, const struct adapter_env *env, adapter_finding_fn *say, void *say_arg,
		   void (*done)(void *arg), void *done_arg);

#endif
