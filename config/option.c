/* SPDX-License-Identifier: MIT */
/* Reads the value of one option by its row. Knows no sections and no files. */
#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <math.h>
#include <string.h>

#include "base/log.h"
#include "base/macros.h"
#include "base/text.h"

#include "option.h"

static const struct {
	const char *word;
	bool value;
} bool_words[] = {
	{ "yes", true },  { "no", false }, { "true", true }, { "false", false }, { "on", true },
	{ "off", false }, { "1", true },   { "0", false },   { "co", true },     { "khong", false },
};

/* Longest first where one ends with another. */
static const struct {
	const char *suffix;
	int64_t ms;
} duration_units[] = { { "ms", 1 }, { "s", SECOND_MS }, { "m", MINUTE_MS }, { "h", HOUR_MS }, { "d", DAY_MS } };

void option_value_clear(struct option_value *v)
{
	g_clear_pointer(&v->text, g_free);
	v->number = 0;
	v->real = 0;
}

static char *duration_text(double ms)
{
	int64_t whole = (int64_t)ms;

	for (size_t i = ARRAY_SIZE(duration_units); i-- > 0;) {
		if (whole >= duration_units[i].ms && whole % duration_units[i].ms == 0)
			return g_strdup_printf("%" G_GINT64_FORMAT "%s", (gint64)(whole / duration_units[i].ms),
					       duration_units[i].suffix);
	}
	return g_strdup_printf("%" G_GINT64_FORMAT "ms", (gint64)whole);
}

char *option_describe(const struct option *o)
{
	bool is_limited = o->min != 0 || o->max != 0;

	switch (o->type) {
	case OPTION_STRING:
		return g_strdup("một dòng chữ");
	case OPTION_INT:
		return is_limited ? g_strdup_printf("số nguyên từ %.0f đến %.0f", o->min, o->max) : g_strdup("số nguyên");
	case OPTION_REAL:
		return is_limited ? g_strdup_printf("số từ %g đến %g, dùng dấu chấm thập phân", o->min, o->max)
				  : g_strdup("số, dùng dấu chấm thập phân");
	case OPTION_BOOL:
		return g_strdup("yes hoặc no");
	case OPTION_DURATION: {
		g_autofree char *min = duration_text(o->min);
		g_autofree char *max = duration_text(o->max);

		return is_limited ? g_strdup_printf("thời gian từ %s đến %s (90s, 15m, 24h, 30d)", min, max)
				  : g_strdup("thời gian (90s, 15m, 24h, 30d)");
	}
	case OPTION_CLOCK:
		return g_strdup("giờ trong ngày, ví dụ 21:00");
	case OPTION_CHOICE: {
		g_auto(GStrv) words = g_strsplit(o->choices, "|", -1);
		g_autofree char *list = g_strjoinv(", ", words);

		return g_strdup_printf("một trong: %s", list);
	}
	case OPTION_URL:
		return g_strdup("địa chỉ https://… không có ? và # (http:// chỉ cho chính máy này)");
	case OPTION_ADDRESS:
		return g_strdup("IP:cổng, ví dụ 127.0.0.1:8080, hoặc off");
	case OPTION_PATH:
		return g_strdup("đường dẫn tệp");
	}
	return NULL;
}

static bool parse_number(const struct option *o, const char *typed, struct option_value *v)
{
	char *end = NULL;

	errno = 0;
	v->number = g_ascii_strtoll(typed, &end, 10);
	return errno == 0 && end != typed && *end == '\0' &&
	       ((o->min == 0 && o->max == 0) || ((double)v->number >= o->min && (double)v->number <= o->max));
}

static bool parse_real(const struct option *o, const char *typed, struct option_value *v)
{
	char *end = NULL;

	v->real = g_ascii_strtod(typed, &end);
	return end != typed && *end == '\0' && isfinite(v->real) &&
	       ((o->min == 0 && o->max == 0) || (v->real >= o->min && v->real <= o->max));
}

static bool parse_bool(const char *typed, struct option_value *v)
{
	g_autofree char *folded = text_fold(typed);

	for (size_t i = 0; i < ARRAY_SIZE(bool_words); i++) {
		if (strcmp(folded, bool_words[i].word) == 0) {
			v->number = bool_words[i].value;
			return true;
		}
	}
	return false;
}

static bool parse_duration(const struct option *o, const char *typed, struct option_value *v)
{
	char *end = NULL;
	gint64 n = g_ascii_strtoll(typed, &end, 10);

	if (end == typed || n < 0)
		return false;
	while (*end == ' ')
		end++;
	v->number = -1;
	if (n == 0 && *end == '\0')
		v->number = 0;
	for (size_t i = 0; i < ARRAY_SIZE(duration_units); i++) {
		if (strcmp(end, duration_units[i].suffix) == 0 && n <= INT64_MAX / duration_units[i].ms)
			v->number = n * duration_units[i].ms;
	}
	return v->number >= 0 && ((o->min == 0 && o->max == 0) || ((double)v->number >= o->min && (double)v->number <= o->max));
}

/* "21:00", "21h", "21h30". */
static bool parse_clock(const char *typed, struct option_value *v)
{
	char *end = NULL;
	guint64 hour, minute = 0;

	if (!g_ascii_isdigit(*typed))
		return false;
	hour = g_ascii_strtoull(typed, &end, 10);
	if (*end != ':' && *end != 'h')
		return false;
	if (end[1] || *end == ':') {
		if (!g_ascii_isdigit(end[1]) || !g_ascii_isdigit(end[2]) || end[3])
			return false;
		minute = g_ascii_strtoull(end + 1, NULL, 10);
	}
	if (hour > 23 || minute > 59)
		return false;
	v->number = (int64_t)(hour * 60 + minute);
	return true;
}

static bool parse_choice(const struct option *o, const char *typed, struct option_value *v)
{
	g_auto(GStrv) words = g_strsplit(o->choices, "|", -1);
	g_autofree char *folded = text_fold(typed);

	for (char **w = words; *w; w++) {
		g_autofree char *other = text_fold(*w);

		if (strcmp(other, folded) == 0) {
			v->text = g_strdup(*w);
			return true;
		}
	}
	return false;
}

static bool is_loopback(const char *host)
{
	struct in_addr addr;

	if (strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0)
		return true;
	/* An address, not a name that begins like one: what goes there goes in the clear. */
	return inet_pton(AF_INET, host, &addr) == 1 && ntohl(addr.s_addr) >> 24 == 127;
}

static bool parse_url(const char *typed)
{
	g_autoptr(GUri) uri = g_uri_parse(typed, G_URI_FLAGS_NONE, NULL);
	const char *scheme, *host;

	if (!uri)
		return false;
	scheme = g_uri_get_scheme(uri);
	host = g_uri_get_host(uri);
	/* Paths are put behind it: behind a question or a fragment they would be no path. */
	if (!host || !*host || g_uri_get_query(uri) || g_uri_get_fragment(uri))
		return false;
	return strcmp(scheme, "https") == 0 || (strcmp(scheme, "http") == 0 && is_loopback(host));
}

static bool parse_address(const char *typed)
{
	const char *colon = strrchr(typed, ':');
	g_autofree char *host = NULL;
	guint64 port;
	struct in6_addr addr;

	if (!colon || !g_ascii_string_to_unsigned(colon + 1, 10, 0, 65535, &port, NULL))
		return false;
	host = g_strndup(typed, (gsize)(colon - typed));
	if (host[0] == '[' && strlen(host) > 2 && host[strlen(host) - 1] == ']') {
		host[strlen(host) - 1] = '\0';
		return inet_pton(AF_INET6, host + 1, &addr) == 1;
	}
	return strcmp(host, "localhost") == 0 || inet_pton(AF_INET, host, &addr) == 1;
}

static bool parse_value(const struct option *o, const char *typed, const char *dir, struct option_value *v)
{
	switch (o->type) {
	case OPTION_STRING:
		return true;
	case OPTION_INT:
		return parse_number(o, typed, v);
	case OPTION_REAL:
		return parse_real(o, typed, v);
	case OPTION_BOOL:
		return parse_bool(typed, v);
	case OPTION_DURATION:
		return parse_duration(o, typed, v);
	case OPTION_CLOCK:
		return parse_clock(typed, v);
	case OPTION_CHOICE:
		return parse_choice(o, typed, v);
	case OPTION_URL:
		return parse_url(typed);
	case OPTION_ADDRESS:
		return parse_address(typed);
	case OPTION_PATH:
		if (dir && !g_path_is_absolute(typed))
			v->text = g_build_filename(dir, typed, NULL);
		return true;
	}
	return false;
}

/* Traps that no type sees: the file format knows neither quotes nor comments behind a value. */
static const char *trap_advice(const struct option *o, const char *typed)
{
	size_t len = strlen(typed);
	bool is_text = o->type == OPTION_STRING && !(o->flags & OPTION_SECRET);

	if (len >= 2 && (typed[0] == '"' || typed[0] == '\'') && typed[len - 1] == typed[0])
		return "Bỏ dấu ngoặc kép quanh giá trị.";
	if (!is_text && (strstr(typed, " #") || strstr(typed, "\t#") || strstr(typed, " ;")))
		return "Chú thích phải ở dòng riêng, bắt đầu bằng #.";
	return NULL;
}

bool option_parse(const struct option *o, const char *typed, const char *dir, struct option_value *ret, char **ret_what,
		  char **ret_advice)
{
	g_autofree char *allowed = NULL;
	struct option_value v = { 0 };
	const char *trap;

	if (!*typed && (o->type == OPTION_STRING || o->type == OPTION_PATH || o->type == OPTION_URL || o->type == OPTION_ADDRESS)) {
		*ret = v;
		return true;
	}
	if (o->type == OPTION_ADDRESS && strcmp(typed, "off") == 0) {
		*ret = v;
		return true;
	}
	trap = trap_advice(o, typed);
	if (!trap && (o->flags & OPTION_SECRET) && strlen(typed) < LOG_SECRET_MIN) {
		*ret_what = g_strdup("giá trị bí mật quá ngắn, không che được trong nhật ký");
		*ret_advice = g_strdup_printf("Dùng ít nhất %d ký tự.", LOG_SECRET_MIN);
		return false;
	}
	if (!trap && parse_value(o, typed, dir, &v)) {
		if (!v.text)
			v.text = g_strdup(typed);
		*ret = v;
		return true;
	}
	option_value_clear(&v);
	allowed = option_describe(o);
	*ret_what = o->flags & OPTION_SECRET ? g_strdup("giá trị không dùng được")
					     : g_strdup_printf("giá trị “%s” không dùng được", typed);
	*ret_advice = trap ? g_strdup(trap) : g_strdup_printf("Ghi %s.", allowed);
	return false;
}
