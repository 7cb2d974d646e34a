/* SPDX-License-Identifier: MIT */
/* The pure part of the suite: decode of anything, encode at the limits, judge of what every platform's transport can do. */
#include <string.h>

#include "base/clock.h"
#include "tests/conformance/suite.h"

/* Decode */

static guint decode_count(struct adapter *a, const char *bytes, size_t len)
{
	g_autoptr(GPtrArray) updates = g_ptr_array_new_with_free_func((GDestroyNotify)update_free);
	g_autoptr(GError) error = NULL;
	/* Exactly as long as told: reading past it shows under ASan. */
	g_autofree char *exact = len > 0 ? g_memdup2(bytes, len) : NULL;
	bool is_json = a->ops->codec->decode(a, exact ? exact : "", len, updates, &error);

	g_assert_true(is_json == (error == NULL));
	if (!is_json)
		g_assert_cmpuint(updates->len, ==, 0);
	for (guint i = 0; i < updates->len; i++)
		suite_update_check(a->ops, updates->pdata[i]);
	return updates->len;
}

static void test_decode_samples(const void *arg)
{
	const struct adapter_ops *ops = arg;
	g_autoptr(cJSON) samples = suite_samples(ops);
	struct adapter *a = suite_codec_open(ops, samples);
	const cJSON *sample;

	g_assert_cmpint(cJSON_GetArraySize(json_at(samples, "updates")), >, 2);
	cJSON_ArrayForEach(sample, json_at(samples, "updates")) {
		g_autofree char *body = suite_body(sample);
		int64_t count = -1;

		g_assert_true(json_int64(sample, "count", &count));
		g_test_message("%s", body);
		g_assert_cmpint(decode_count(a, body, strlen(body)), ==, count);
	}
	suite_codec_close(a);
}

static void test_decode_takes_any_bytes(const void *arg)
{
	static const char *const rubbish[] = {
		"", " ", "null", "true", "[]", "{}", "0", "\"\"", "{", "}", "[[[", "<html>", "{\"a\":}", "\xff\xfe", "{\"\xff\":\"\xc3\"}", "[{}]",
		"{\"update_id\":1}", "{\"ok\":true,\"result\":[null]}", "nul", "{\"a\":\"\\ud800\"}", "{\"a\":1e999}", "-", "\xef\xbb\xbf{}",
	};
	const struct adapter_ops *ops = arg;
	g_autoptr(cJSON) samples = suite_samples(ops);
	struct adapter *a = suite_codec_open(ops, samples);
	g_autofree char *deep_arrays = g_strnfill(100000, '[');
	g_autoptr(GString) deep_objects = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(rubbish); i++)
		g_assert_cmpuint(decode_count(a, rubbish[i], strlen(rubbish[i])), ==, 0);
	g_assert_cmpuint(decode_count(a, "{\0}", 3), ==, 0);
	g_assert_cmpuint(decode_count(a, deep_arrays, 100000), ==, 0);
	for (int i = 0; i < 20000; i++)
		g_string_append(deep_objects, "{\"message\":");
	g_assert_cmpuint(decode_count(a, deep_objects->str, deep_objects->len), ==, 0);
	suite_codec_close(a);
}

/* Cut at every byte, and every byte replaced by a few nasty ones. */
static void body_mangle(struct adapter *a, const char *body)
{
	static const char nasty[] = { '\0', '\xff', '"', '{', ']', '\\', '9', '-' };
	size_t len = strlen(body);

	for (size_t cut = 0; cut < len; cut++)
		decode_count(a, body, cut);
	for (size_t i = 0; i < len; i++) {
		g_autofree char *copy = g_strdup(body);

		copy[i] = nasty[i % sizeof(nasty)];
		decode_count(a, copy, len);
	}
}

static cJSON *other_value(unsigned kind)
{
	switch (kind) {
	case 0:
		return cJSON_CreateNull();
	case 1:
		return cJSON_CreateNumber(-1.5e300);
	case 2:
		return cJSON_CreateString("\xC3\xA0\n<x>");
	case 3:
		return cJSON_CreateArray();
	case 4:
		return cJSON_CreateObject();
	case 5:
		return cJSON_CreateNumber(9007199254740991.0);
	case 6:
		return cJSON_CreateString("");
	default:
		return cJSON_CreateTrue();
	}
}

/* Every value of the tree in turn becomes something else, or goes. */
static void values_mangle(struct adapter *a, cJSON *root, cJSON *parent)
{
	int n = cJSON_GetArraySize(parent);

	for (int i = 0; i < n; i++) {
		cJSON *child = cJSON_GetArrayItem(parent, i);
		cJSON *kept = cJSON_Duplicate(child, true);
		g_autofree char *name = g_strdup(child->string);

		for (unsigned kind = 0; kind < 8; kind++) {
			g_autofree char *text = NULL;

			if (name)
				cJSON_ReplaceItemInObjectCaseSensitive(parent, name, other_value(kind));
			else
				cJSON_ReplaceItemInArray(parent, i, other_value(kind));
			text = json_text(root);
			decode_count(a, text, strlen(text));
		}
		if (name)
			cJSON_ReplaceItemInObjectCaseSensitive(parent, name, kept);
		else
			cJSON_ReplaceItemInArray(parent, i, kept);
		values_mangle(a, root, cJSON_GetArrayItem(parent, i));
	}
}

static void test_decode_never_yields_half_an_update(const void *arg)
{
	const struct adapter_ops *ops = arg;
	g_autoptr(cJSON) samples = suite_samples(ops);
	struct adapter *a = suite_codec_open(ops, samples);
	const cJSON *sample;

	cJSON_ArrayForEach(sample, json_at(samples, "updates")) {
		g_autofree char *body = suite_body(sample);
		g_autoptr(cJSON) tree = cJSON_Parse(body);

		body_mangle(a, body);
		if (tree)
			values_mangle(a, tree, tree);
	}
	suite_codec_close(a);
}

/* Encode */

static bool holds_string(const cJSON *node, const char *text)
{
	const cJSON *child;

	if (cJSON_IsString(node) && strcmp(node->valuestring, text) == 0)
		return true;
	cJSON_ArrayForEach(child, node) {
		if (holds_string(child, text))
			return true;
	}
	return false;
}

/* Whatever looks like a span (offset with length) lies inside the text. */
static void spans_check(const cJSON *node, size_t limit)
{
	int64_t offset, length;
	const cJSON *child;

	if (cJSON_IsObject(node) && json_int64(node, "offset", &offset) && json_int64(node, "length", &length)) {
		g_assert_cmpint(offset, >=, 0);
		g_assert_cmpint(length, >, 0);
		g_assert_cmpint(offset + length, <=, (int64_t)limit);
	}
	cJSON_ArrayForEach(child, node) {
		spans_check(child, limit);
	}
}

static void encode_check(struct adapter *a, const struct outgoing *m)
{
	struct http_request request = { 0 };
	const char *reason = NULL;
	g_autoptr(GError) error = NULL;

	g_assert_true(a->ops->codec->encode(a, m, 0, &request, &reason));
	g_assert_true(request.method && request.url && request.timeout_ms > 0);
	http_url_allowed(request.url, &error);
	g_assert_no_error(error);
	if (request.content_type && strstr(request.content_type, "json")) {
		g_autoptr(cJSON) body = cJSON_ParseWithLength(request.body, request.body_len);

		g_assert_nonnull(body);
		g_assert_true(g_utf8_validate(request.body, (gssize)request.body_len, NULL));
		g_assert_true(holds_string(body, m->text));
		spans_check(body, text_len(m->text, a->ops->caps.text_unit));
	}
	http_request_clear(&request);
}

static char *text_of_length(const char *grapheme, size_t limit, enum text_unit unit)
{
	g_autoptr(GString) text = g_string_new(NULL);
	size_t one = text_len(grapheme, unit);

	for (size_t n = 0; n + one <= limit; n += one)
		g_string_append(text, grapheme);
	for (size_t n = text_len(text->str, unit); n < limit; n++)
		g_string_append_c(text, 'x');
	g_assert_cmpuint(text_len(text->str, unit), ==, limit);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static void test_encode_at_exactly_the_limit(const void *arg)
{
	/* Plain, precomposed, an emoji outside the BMP, a family with joiners, a letter that has no precomposed form, "&<" */
	static const char *const graphemes[] = { "a", "ộ", "\xF0\x9F\x98\x80", "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7",
						 "x\xCC\xA3\xCC\x82", "<&>" };
	const struct adapter_ops *ops = arg;
	g_autoptr(cJSON) samples = suite_samples(ops);
	struct adapter *a = suite_codec_open(ops, samples);
	struct attachment file = { .kind = ATTACHMENT_FILE, .file_id = (char *)"file-1", .name = (char *)"a.pdf", .size = 10 };

	for (size_t i = 0; i < G_N_ELEMENTS(graphemes); i++) {
		g_autofree char *text = text_of_length(graphemes[i], ops->caps.text_limit, ops->caps.text_unit);
		g_autofree char *caption = text_of_length(graphemes[i], ops->caps.caption_limit, ops->caps.text_unit);
		size_t one = strlen(graphemes[i]), len = strlen(text);
		const struct span spans[] = { { SPAN_BOLD, 0, one }, { SPAN_ITALIC, one, one }, { SPAN_BOLD, len - 1, 1 } };
		struct outgoing m = { .delivery_id = 1, .chat_id = "1001", .chat_kind = CHAT_PRIVATE, .text = text };

		encode_check(a, &m);
		m.spans = spans;
		m.n_spans = text[len - 1] == 'x' || one == 1 ? 3 : 2;
		encode_check(a, &m);
		m.chat_kind = ops->caps.groups ? CHAT_GROUP : CHAT_PRIVATE;
		m.user_id = "1002";
		m.reply_to_id = "55";
		m.thread_id = "7";
		encode_check(a, &m);
		if (!ops->caps.files || ops->caps.caption_limit == 0)
			continue;
		m = (struct outgoing){ .delivery_id = 1, .chat_id = "1001", .text = caption, .file = &file };
		encode_check(a, &m);
	}
	suite_codec_close(a);
}

/* Judge */

struct judged {
	enum send_status status;
	int64_t retry_ms;
	bool is_again;
};

static struct judged judge(struct adapter *a, struct http_response r)
{
	const struct outgoing m = { .delivery_id = 9, .chat_id = "1001", .chat_kind = CHAT_PRIVATE, .text = "xin chào" };
	g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
	struct send_result result = { .status = SEND_LATER, .retry_ms = -1 };
	bool is_again;

	r.body = r.body ? r.body : "";
	r.body_len = strlen(r.body);
	r.retry_after_ms = r.retry_after_ms ? r.retry_after_ms : -1;
	is_again = a->ops->codec->judge(a, &m, CODEC_ATTEMPTS_MAX - 1, &r, &result, scratch);
	if (result.status != SEND_OK)
		g_assert_true(result.reason && *result.reason);
	if (result.status != SEND_LATER)
		g_assert_null(result.moved_to);
	return (struct judged){ result.status, result.retry_ms, is_again };
}

static void test_judge_what_every_transport_can_do(const void *arg)
{
#define ON(status) (1u << (status))
	static const struct {
		const char *name;
		struct http_response r;
		unsigned allowed;
	} t[] = {
		{ "not written", { .trouble = HTTP_BEFORE_WRITE, .reason = "refused" }, ON(SEND_LATER) },
		{ "written, no answer", { .trouble = HTTP_AFTER_WRITE, .reason = "timeout" }, ON(SEND_UNCERTAIN) },
		{ "half an answer", { .trouble = HTTP_AFTER_WRITE, .reason = "partial", .status = 200, .body = "{\"ok\":tr" },
		  ON(SEND_UNCERTAIN) },
		{ "502 with HTML", { .status = 502, .body = "<html>Bad Gateway</html>" }, ON(SEND_LATER) | ON(SEND_UNCERTAIN) },
		{ "503 empty", { .status = 503 }, ON(SEND_LATER) | ON(SEND_UNCERTAIN) },
		{ "504 with HTML", { .status = 504, .body = "<html>" }, ON(SEND_UNCERTAIN) },
		{ "500 with foreign JSON", { .status = 500, .body = "{\"message\":\"no\"}" }, ON(SEND_LATER) | ON(SEND_UNCERTAIN) },
		{ "429 with a header alone", { .status = 429, .retry_after_ms = 7000 }, ON(SEND_LATER) },
		{ "200 with HTML", { .status = 200, .body = "<html>login</html>" }, ON(SEND_UNCERTAIN) },
		{ "200 empty", { .status = 200 }, ON(SEND_UNCERTAIN) },
		{ "200 cut", { .status = 200, .body = "{\"ok\":tru" }, ON(SEND_UNCERTAIN) },
		{ "200 with an array", { .status = 200, .body = "[]" }, ON(SEND_UNCERTAIN) },
		{ "302 of a captive portal", { .status = 302, .body = "" }, ON(SEND_LATER) | ON(SEND_UNCERTAIN) },
	};
	const struct adapter_ops *ops = arg;
	g_autoptr(cJSON) samples = suite_samples(ops);

	for (size_t i = 0; i < G_N_ELEMENTS(t); i++) {
		struct adapter *a = suite_codec_open(ops, samples);
		struct judged j = judge(a, t[i].r);

		g_test_message("%s: %s", t[i].name, send_status_name(j.status));
		g_assert_true(t[i].allowed & ON(j.status));
		g_assert_false(j.is_again);
		if (t[i].r.retry_after_ms > 0) {
			g_assert_cmpint(j.retry_ms, >=, t[i].r.retry_after_ms);
			g_assert_cmpint(j.retry_ms, <=, t[i].r.retry_after_ms + 5000);
		}
		suite_codec_close(a);
	}
}

static void test_judge_poll_takes_rubbish_for_nothing(const void *arg)
{
	static const struct http_response t[] = {
		{ .trouble = HTTP_BEFORE_WRITE, .reason = "refused" },
		{ .trouble = HTTP_AFTER_WRITE, .reason = "timeout" },
		{ .status = 200, .body = "<html>" },
		{ .status = 200, .body = "" },
		{ .status = 200, .body = "{\"ok\":tr" },
		{ .status = 200, .body = "7" },
		{ .status = 502, .body = "<html>Bad Gateway</html>" },
		{ .status = 503, .body = "" },
		{ .status = 429, .body = "", .retry_after_ms = 3000 },
		{ .status = 401, .body = "" },
		{ .status = 409, .body = "" },
	};
	const struct adapter_ops *ops = arg;
	g_autoptr(cJSON) samples = suite_samples(ops);

	for (size_t i = 0; i < G_N_ELEMENTS(t); i++) {
		struct adapter *a = suite_codec_open(ops, samples);
		struct update_batch *batch = update_batch_new();
		struct poll_outcome outcome = { .verdict = POLL_WAIT, .wait_ms = -1 };
		struct http_response r = t[i];

		r.body = r.body ? r.body : "";
		r.body_len = strlen(r.body);
		r.retry_after_ms = r.retry_after_ms ? r.retry_after_ms : -1;
		ops->codec->judge_poll(a, &r, batch, &outcome);
		g_test_message("%ld %s", r.status, r.body);
		g_assert_cmpint(outcome.verdict, !=, POLL_UPDATES);
		g_assert_cmpuint(batch->updates->len, ==, 0);
		if (outcome.verdict == POLL_ERRAND)
			g_assert_nonnull(outcome.errand);
		if (outcome.verdict == POLL_WAIT && r.status == 429)
			g_assert_cmpint(outcome.wait_ms, >=, 3000);
		update_batch_free(batch);
		g_free(outcome.reason);
		suite_codec_close(a);
	}
}

/* A codec that names an errand as due is asked for it; then it must either make a request, or no longer name it as due: else the driver
 * would have to slow down something that can never end. */
static void test_upkeep_that_has_nothing_to_do_is_not_due(const void *arg)
{
	const struct adapter_ops *ops = arg;
	g_autoptr(cJSON) samples = suite_samples(ops);
	struct adapter *a = suite_codec_open(ops, samples);
	int64_t now = clock_wall_ms(), due = 0, again = 0;
	const char *name = NULL, *same = NULL;

	for (int i = 0; i < 20 && ops->codec->next_errand(a, now, &name, &due) && due <= now; i++) {
		struct http_request request = { 0 };
		bool asks;

		g_assert_true(name && *name);
		g_assert_true(ops->codec->next_errand(a, now, &same, &again)); /* pure: asked twice, the same */
		g_assert_cmpstr(same, ==, name);
		asks = ops->codec->errand(a, name, &request);
		http_request_clear(&request);
		if (asks) {
			suite_codec_close(a);
			return;
		}
		g_assert_cmpint(i, <, 19);
	}
	suite_codec_close(a);
}

/* Another holder's settings may be anything, also nothing. */
static void test_saved_changes_are_taken(const void *arg)
{
	const struct adapter_ops *ops = arg;
	g_autoptr(cJSON) samples = suite_samples(ops);
	g_autoptr(GHashTable) none = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	struct adapter *a = suite_codec_open(ops, samples);
	GHashTable *before = a->env.saved;

	a->env.saved = none;
	ops->codec->saved_changed(a);
	g_hash_table_insert(none, g_strdup("unknown"), g_strdup("\x7f"));
	ops->codec->saved_changed(a);
	a->env.saved = before;
	suite_codec_close(a);
}

void suite_pure_add(const struct adapter_ops *ops)
{
	if (!ops->codec)
		return;
	if (ops->codec->decode) {
		suite_add(ops, "decode-samples", test_decode_samples);
		suite_add(ops, "decode-takes-any-bytes", test_decode_takes_any_bytes);
		suite_add(ops, "decode-never-yields-half-an-update", test_decode_never_yields_half_an_update);
	}
	suite_add(ops, "encode-at-exactly-the-limit", test_encode_at_exactly_the_limit);
	suite_add(ops, "judge-what-every-transport-can-do", test_judge_what_every_transport_can_do);
	if (ops->codec->judge_poll)
		suite_add(ops, "judge-poll-takes-rubbish-for-nothing", test_judge_poll_takes_rubbish_for_nothing);
	if (ops->codec->next_errand)
		suite_add(ops, "upkeep-that-has-nothing-to-do-is-not-due", test_upkeep_that_has_nothing_to_do_is_not_due);
	if (ops->codec->saved_changed)
		suite_add(ops, "saved-changes-are-taken", test_saved_changes_are_taken);
}
