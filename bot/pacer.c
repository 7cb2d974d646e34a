/* SPDX-License-Identifier: MIT */
/* Token buckets whose tokens may be reserved a little ahead, in any order of chats. Keeps no time of its own and sends nothing. */
#include <math.h>

#include "base/macros.h"

#include "pacer.h"

/* Buckets are looked through for idle ones when so many more than the busy ones have gathered. */
#define SWEEP_MIN 256
/* Tokens are sums of fractions. */
#define TOKEN_EPSILON 1e-9
#define CLASSES_MAX 32

/* `tokens` is what was there just after the last thing at `at_ms`; `ahead` are the reserved moments after it, ascending. */
struct bucket {
	double per_ms; /* 0 = unlimited */
	double most;
	double tokens;
	int64_t at_ms;
	int64_t paused_until_ms;
	GArray *ahead;
};

struct pacer {
	struct adapter_pace pace;
	int64_t start_ms, now_ms;
	struct bucket all;
	GHashTable *chats; /* chat row -> struct bucket */
	guint sweep_at;
	unsigned passed_over[CLASSES_MAX]; /* choices since the class last went, while it waited */
	unsigned choices;
};

static void bucket_init(struct bucket *b, double per_ms, unsigned burst, double tokens, int64_t at_ms)
{
	b->per_ms = per_ms > 0 ? per_ms : 0;
	b->most = MAX(burst, 1);
	b->tokens = MIN(tokens, b->most);
	b->at_ms = at_ms;
	b->paused_until_ms = 0;
	b->ahead = g_array_new(FALSE, FALSE, sizeof(int64_t));
}

static void bucket_free(void *arg)
{
	struct bucket *b = (struct bucket *)arg;

	g_array_unref(b->ahead);
	g_free(b);
}

static int64_t ahead_at(const struct bucket *b, guint i)
{
	return g_array_index(b->ahead, int64_t, i);
}

/* Tokens at `to_ms` if there were `tokens` at `from_ms`. */
static double filled(const struct bucket *b, double tokens, int64_t from_ms, int64_t to_ms)
{
	return MIN(b->most, tokens + b->per_ms * (double)(to_ms - from_ms));
}

/* Reserved moments that have come are spent. */
static void bucket_advance(struct bucket *b, int64_t now_ms)
{
	guint n = 0;

	while (n < b->ahead->len && ahead_at(b, n) <= now_ms) {
		b->tokens = filled(b, b->tokens, b->at_ms, ahead_at(b, n)) - 1;
		b->at_ms = ahead_at(b, n++);
	}
	if (n > 0)
		g_array_remove_range(b->ahead, 0, n);
}

/* Does every reservation from the i-th on still find its token, if `tokens` are left at `at`? */
static bool is_enough(const struct bucket *b, guint i, double tokens, int64_t at)
{
	for (; i < b->ahead->len; i++) {
		tokens = filled(b, tokens, at, ahead_at(b, i));
		if (tokens < 1 - TOKEN_EPSILON)
			return false;
		if (tokens >= b->most)
			return true; /* full: what was taken before no longer matters */
		tokens -= 1;
		at = ahead_at(b, i);
	}
	return true;
}

/* The earliest moment from from_ms on that has a token and takes none from a reservation after it. Within one gap between
 * reservations only the earliest such moment needs a look: a later one leaves no more. */
static int64_t bucket_earliest(const struct bucket *b, int64_t from_ms)
{
	double tokens = b->tokens;
	int64_t at = b->at_ms, x = MAX(from_ms, b->paused_until_ms);

	if (b->per_ms <= 0)
		return x;
	for (guint i = 0;; i++) {
		x = MAX(x, at);
		if (filled(b, tokens, at, x) < 1 - TOKEN_EPSILON)
			x = MAX(x, at + (int64_t)ceil((1 - TOKEN_EPSILON - tokens) / b->per_ms));
		if (i == b->ahead->len)
			return x;
		if (x < ahead_at(b, i) && is_enough(b, i, filled(b, tokens, at, x) - 1, x))
			return x;
		tokens = filled(b, tokens, at, ahead_at(b, i)) - 1;
		at = ahead_at(b, i);
		x = MAX(from_ms, b->paused_until_ms);
	}
}

static void bucket_take(struct bucket *b, int64_t at_ms)
{
	guint i = b->ahead->len;

	if (b->per_ms <= 0)
		return;
	while (i > 0 && ahead_at(b, i - 1) > at_ms)
		i--;
	g_array_insert_val(b->ahead, i, at_ms);
}

static bool bucket_is_idle(struct bucket *b, int64_t now_ms)
{
	bucket_advance(b, now_ms);
	if (b->ahead->len > 0 || b->paused_until_ms > now_ms)
		return false;
	return b->per_ms <= 0 || filled(b, b->tokens, b->at_ms, now_ms) >= b->most - TOKEN_EPSILON;
}

struct pacer *pacer_new(const struct adapter_pace *pace, int64_t start_ms)
{
	struct pacer *p = g_new0(struct pacer, 1);

	p->pace = *pace;
	p->start_ms = p->now_ms = start_ms;
	bucket_init(&p->all, pace->per_second / SECOND_MS, pace->burst, 0, start_ms);
	p->chats = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, bucket_free);
	p->sweep_at = SWEEP_MIN;
	return p;
}

void pacer_free(struct pacer *p)
{
	if (!p)
		return;
	g_array_unref(p->all.ahead);
	g_hash_table_unref(p->chats);
	g_free(p);
}

static gboolean is_idle_entry(gpointer key, gpointer value, gpointer arg)
{
	return bucket_is_idle((struct bucket *)value, *(const int64_t *)arg);
}

/* Looking through all costs as much as there are, so it is done only after as many new ones came: constant on average. */
static void sweep(struct pacer *p, int64_t now_ms)
{
	if (g_hash_table_size(p->chats) < p->sweep_at)
		return;
	g_hash_table_foreach_remove(p->chats, is_idle_entry, &now_ms);
	p->sweep_at = MAX(SWEEP_MIN, 2 * g_hash_table_size(p->chats));
}

static struct bucket *chat_add(struct pacer *p, int64_t chat_row, double per_ms, unsigned burst, int64_t now_ms)
{
	struct bucket *b = g_new(struct bucket, 1);
	int64_t *key = g_new(int64_t, 1);

	*key = chat_row;
	bucket_init(b, per_ms, burst, per_ms * (double)MAX(now_ms - p->start_ms, 0), now_ms);
	g_hash_table_insert(p->chats, key, b);
	return b;
}

/* The chat's bucket with its limits set; NULL where the chat has none and is not paused. */
static struct bucket *chat_get(struct pacer *p, int64_t chat_row, enum chat_kind kind, int64_t now_ms)
{
	struct bucket *b = g_hash_table_lookup(p->chats, &chat_row);
	bool is_private = kind == CHAT_PRIVATE;
	double per_ms = is_private ? p->pace.chat_per_second / SECOND_MS : p->pace.group_per_minute / MINUTE_MS;
	unsigned burst = is_private ? p->pace.chat_burst : p->pace.group_burst;

	if (!b && per_ms <= 0)
		return NULL;
	if (!b) {
		sweep(p, now_ms);
		return chat_add(p, chat_row, per_ms, burst, now_ms);
	}
	if (b->per_ms <= 0 && per_ms > 0) {
		/* Made by a pause, before the kind of chat was known. */
		b->per_ms = per_ms;
		b->most = MAX(burst, 1);
		b->tokens = MIN(b->most, per_ms * (double)MAX(now_ms - p->start_ms, 0));
		b->at_ms = now_ms;
	}
	return b;
}

bool pacer_reserve(struct pacer *p, int64_t chat_row, enum chat_kind kind, int64_t now_ms, int64_t horizon_ms, int64_t *ret_at_ms)
{
	struct bucket *chat = chat_get(p, chat_row, kind, now_ms);
	int64_t at = now_ms, last;

	p->now_ms = MAX(p->now_ms, now_ms);
	bucket_advance(&p->all, now_ms);
	if (chat)
		bucket_advance(chat, now_ms);
	do {
		last = at;
		at = bucket_earliest(&p->all, at);
		if (chat)
			at = bucket_earliest(chat, at);
	} while (at != last);
	*ret_at_ms = at;
	if (at > now_ms + horizon_ms)
		return false;
	bucket_take(&p->all, at);
	if (chat)
		bucket_take(chat, at);
	return true;
}

void pacer_pause(struct pacer *p, int64_t chat_row, int64_t until_ms)
{
	struct bucket *b;

	if (chat_row == 0) {
		p->all.paused_until_ms = MAX(p->all.paused_until_ms, until_ms);
		return;
	}
	b = g_hash_table_lookup(p->chats, &chat_row);
	if (!b) {
		sweep(p, p->now_ms);
		b = chat_add(p, chat_row, 0, 1, p->start_ms);
	}
	b->paused_until_ms = MAX(b->paused_until_ms, until_ms);
}

int64_t pacer_paused_until(const struct pacer *p)
{
	return p->all.paused_until_ms;
}

void pacer_forget(struct pacer *p, int64_t chat_row)
{
	g_hash_table_remove(p->chats, &chat_row);
}

size_t pacer_buckets(const struct pacer *p)
{
	return g_hash_table_size(p->chats);
}

unsigned pacer_next_class(struct pacer *p, unsigned waiting)
{
	unsigned lowest = CLASSES_MAX, hungriest = CLASSES_MAX, chosen;

	for (unsigned i = 0; i < CLASSES_MAX; i++) {
		if (!(waiting & (1u << i)))
			p->passed_over[i] = 0;
		else if (lowest == CLASSES_MAX)
			lowest = i;
		else if (hungriest == CLASSES_MAX || p->passed_over[i] >= p->passed_over[hungriest])
			hungriest = i;
	}
	if (lowest == CLASSES_MAX)
		return 0;
	chosen = lowest;
	if (hungriest != CLASSES_MAX && ++p->choices >= PACER_TURN) {
		p->choices = 0;
		chosen = hungriest;
	}
	for (unsigned i = 0; i < CLASSES_MAX; i++) {
		if (waiting & (1u << i))
			p->passed_over[i]++;
	}
	p->passed_over[chosen] = 0;
	return chosen;
}

int64_t pacer_backoff_ms(unsigned tries, int64_t first_ms, int64_t max_ms)
{
	int64_t wait = MIN(first_ms, max_ms);

	for (unsigned i = 1; i < tries && wait < max_ms; i++)
		wait = wait > max_ms / 2 ? max_ms : wait * 2;
	return (int64_t)((double)wait * g_random_double_range(0.75, 1.25));
}
