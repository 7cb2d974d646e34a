/* SPDX-License-Identifier: MIT */
/* Everything a codec reads from outside: webhook bodies, polls, answers to sends, errands and checks. The first byte picks the adapter
 * of the table, the second the function, the third the status; the rest is the body. */
#include "fuzz.h"

#include "adapters/table.h"
#include "tests/conformance/suite.h"

#define HEAD 3

/* One codec each, opened for the whole run: an answer may meet the state that another has left. */
static GPtrArray *opened(void)
{
	static GPtrArray *codecs;

	if (codecs)
		return codecs;
	codecs = g_ptr_array_new();
	for (size_t i = 0; adapter_table[i]; i++) {
		g_autoptr(cJSON) samples = adapter_table[i]->codec ? suite_samples(adapter_table[i]) : NULL;

		if (samples)
			g_ptr_array_add(codecs, suite_codec_open(adapter_table[i], samples));
	}
	return codecs;
}

static void decode(struct adapter *a, const struct http_response *r)
{
	g_autoptr(GPtrArray) updates = g_ptr_array_new_with_free_func((GDestroyNotify)update_free);
	g_autoptr(GError) error = NULL;

	if (!a->ops->codec->decode)
		return;
	g_assert_true(a->ops->codec->decode(a, r->body, r->body_len, updates, &error) == (error == NULL));
	for (guint i = 0; i < updates->len; i++)
		suite_update_check(a->ops, updates->pdata[i]);
}

static void poll(struct adapter *a, const struct http_response *r)
{
	struct update_batch *batch = update_batch_new();
	struct poll_outcome outcome = { .verdict = POLL_WAIT, .wait_ms = -1 };

	if (a->ops->codec->judge_poll)
		a->ops->codec->judge_poll(a, r, batch, &outcome);
	for (guint i = 0; i < batch->updates->len; i++)
		suite_update_check(a->ops, batch->updates->pdata[i]);
	if (outcome.verdict == POLL_UPDATES && a->ops->codec->poll_committed)
		a->ops->codec->poll_committed(a, batch);
	g_free(outcome.reason);
	update_batch_free(batch);
}

static void send_answer(struct adapter *a, const struct http_response *r)
{
	const struct outgoing m = { .delivery_id = 9, .chat_id = "1001", .chat_kind = CHAT_PRIVATE, .text = "xin chào" };
	g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
	struct send_result result = { .status = SEND_LATER, .retry_ms = -1 };

	a->ops->codec->judge(a, &m, 0, r, &result, scratch);
	g_assert_cmpint(result.status, <=, SEND_BROKEN);
}

static void errand(struct adapter *a, const char *name, const struct http_response *r)
{
	struct errand_outcome o = { .verdict = ERRAND_LATER, .wait_ms = -1 };

	a->ops->codec->judge_errand(a, name, r, &o);
	g_free(o.reason);
	g_free(o.save_key);
	g_free(o.save_value);
	if (o.updates)
		g_ptr_array_unref(o.updates);
}

static void on_finding(void *arg, enum finding_level level, const char *text, const char *advice)
{
	(void)arg;
	(void)level;
	g_assert_true(g_utf8_validate(text, -1, NULL));
	g_assert_true(!advice || g_utf8_validate(advice, -1, NULL));
}

/* Start errands first, then those of check. */
static void upkeep(struct adapter *a, unsigned which, const struct http_response *r)
{
	const struct codec_ops *c = a->ops->codec;
	unsigned n = 0;

	for (size_t i = 0; c->start_errands && c->judge_errand && c->start_errands[i]; i++)
		if (strcmp(c->start_errands[i], "listen") && n++ == which)
			errand(a, c->start_errands[i], r);
	for (size_t i = 0; c->check_errands && c->judge_check && c->check_errands[i]; i++)
		if (n++ == which)
			c->judge_check(a, c->check_errands[i], r, on_finding, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const long statuses[] = { 200, 400, 401, 403, 404, 408, 413, 429, 500, 503 };
	GPtrArray *codecs = opened();

	if (size < HEAD || !codecs->len)
		return 0;
	g_autofree char *body = fuzz_text(data + HEAD, size - HEAD);
	struct adapter *a = codecs->pdata[data[0] % codecs->len];
	const struct http_response r = { .status = statuses[data[2] % G_N_ELEMENTS(statuses)], .body = body, .body_len = size - HEAD, .retry_after_ms = -1 };

	switch (data[1] % 16) {
	case 0:
	case 1:
		decode(a, &r);
		break;
	case 2:
	case 3:
		poll(a, &r);
		break;
	case 4:
	case 5:
		send_answer(a, &r);
		break;
	default:
		upkeep(a, data[1] % 16u - 6, &r);
		break;
	}
	return 0;
}
