/* SPDX-License-Identifier: MIT */
/* Dates and hours as officers type them ("16h30 thu 6", "10/10", "mai"). Periods ("quý 3") are not dates and not read here. */
#include <string.h>

#include "base/clock.h"
#include "base/macros.h"
#include "base/text.h"

#include "reader_impl.h"

#define DAY_END_HOUR 17
/* A day and month further back mean next year. */
#define BACK_DAYS_MAX 60
#define TOKENS_MAX 24

/* A number, a word or a sign of the folded text. */
struct token {
	char text[16];
	int number; /* -1: no number */
	unsigned digits;
	bool is_glued; /* no blank before it */
};

struct date_reader {
	struct token t[TOKENS_MAX + 3]; /* the last ones stay empty: looking ahead is safe */
	unsigned n, at;
	GDateTime *now;

	bool has_day, has_hour, is_broken;
	int year, month, day;
	int hour, minute;
	enum { PART_NONE, PART_MORNING, PART_NOON, PART_AFTERNOON } part;
	bool is_weekday; /* the day was named by its weekday and no week: today's may be over */
};

static void scan(struct date_reader *d, const char *text)
{
	g_autofree char *folded = text_fold_keep(text);
	const char *p = folded;
	bool is_glued = false;

	while (*p && d->n < TOKENS_MAX) {
		struct token *t = &d->t[d->n];
		const char *start = p;

		if (g_ascii_isspace(*p)) {
			is_glued = false;
			p++;
			continue;
		}
		t->number = -1;
		if (g_ascii_isdigit(*p)) {
			while (g_ascii_isdigit(*p))
				p++;
			t->digits = (unsigned)(p - start);
			t->number = t->digits <= 4 ? (int)g_ascii_strtoull(start, NULL, 10) : -1;
		} else if (g_ascii_isalpha(*p)) {
			while (g_ascii_isalpha(*p))
				p++;
		} else {
			p = g_utf8_next_char(p);
		}
		g_strlcpy(t->text, start, MIN((size_t)(p - start) + 1, sizeof(t->text)));
		t->is_glued = is_glued;
		is_glued = true;
		d->n++;
	}
	for (unsigned i = d->n; i < ARRAY_SIZE(d->t); i++)
		d->t[i].number = -1;
}

static const struct token *ahead(const struct date_reader *d, unsigned n)
{
	return &d->t[MIN(d->at + n, TOKENS_MAX)];
}

static bool is_word(const struct date_reader *d, unsigned n, const char *words)
{
	return reader_is_in(ahead(d, n)->text, words);
}

static bool is_number(const struct date_reader *d, unsigned n, int min, int max)
{
	return ahead(d, n)->number >= min && ahead(d, n)->number <= max;
}

static void set_day(struct date_reader *d, int year, int month, int day)
{
	g_autoptr(GDateTime) check = g_date_time_new_utc(year, month, day, 0, 0, 0);

	d->has_day = true;
	d->is_broken = d->is_broken || !check;
	d->year = year;
	d->month = month;
	d->day = day;
}

static void set_offset(struct date_reader *d, int days)
{
	g_autoptr(GDateTime) day = g_date_time_add_days(d->now, days);

	set_day(d, g_date_time_get_year(day), g_date_time_get_month(day), g_date_time_get_day_of_month(day));
}

/* No year: this one, or the next when that would be long past. 29/2 must exist in the year that is meant. */
static void set_day_month(struct date_reader *d, int day, int month)
{
	int year = g_date_time_get_year(d->now);
	g_autoptr(GDateTime) this_year = g_date_time_new(clock_zone(), year, month, day, 0, 0, 0);

	if (this_year && g_date_time_difference(d->now, this_year) > BACK_DAYS_MAX * G_TIME_SPAN_DAY)
		year++;
	set_day(d, year, month, day);
}

static int full_year(const struct token *t)
{
	return t->digits == 2 ? 2000 + t->number : t->number;
}

/* 10/10, 10-10-2023, 10.10.23 */
static bool read_numeric(struct date_reader *d)
{
	const char *sign = ahead(d, 1)->text;

	if (!is_number(d, 0, 0, 99) || !is_number(d, 2, 0, 99) || !*sign || !strchr("/-.", *sign) || !ahead(d, 1)->is_glued ||
	    !ahead(d, 2)->is_glued)
		return false;
	if (strcmp(ahead(d, 3)->text, sign) == 0 && ahead(d, 3)->is_glued && ahead(d, 4)->is_glued && ahead(d, 4)->number >= 0) {
		const struct token *y = ahead(d, 4);

		if (y->digits != 2 && y->digits != 4)
			return false;
		set_day(d, full_year(y), ahead(d, 2)->number, ahead(d, 0)->number);
		d->is_broken = d->is_broken || d->year < 2000 || d->year > 2100;
		d->at += 5;
		return true;
	}
	set_day_month(d, ahead(d, 0)->number, ahead(d, 2)->number);
	d->at += 3;
	return true;
}

/* "10 thang 10", "10 thang 10 nam 2023", and after "ngay" also "15": this month's, or the next one's where it is over. */
static bool read_spelled(struct date_reader *d, bool after_day_word)
{
	if (!is_number(d, 0, 0, 99))
		return false;
	if (is_word(d, 1, "thang") && is_number(d, 2, 0, 99)) {
		int day = ahead(d, 0)->number, month = ahead(d, 2)->number;

		d->at += 3;
		if ((is_word(d, 0, "nam") || is_word(d, 0, "/")) && is_number(d, 1, 2000, 2100)) {
			set_day(d, ahead(d, 1)->number, month, day);
			d->at += 2;
		} else {
			set_day_month(d, day, month);
		}
		return true;
	}
	if (after_day_word && !is_word(d, 1, "h g gio nguoi xa")) {
		g_autoptr(GDateTime) month =
			g_date_time_add_months(d->now, ahead(d, 0)->number < g_date_time_get_day_of_month(d->now) ? 1 : 0);

		set_day(d, g_date_time_get_year(month), g_date_time_get_month(month), ahead(d, 0)->number);
		d->at += 1;
		return true;
	}
	return false;
}

/* Two digits after the hour: glued to it, or followed by what can only follow a time ("16 giờ 30", but not "16h 30/10"). */
static bool is_minutes(const struct date_reader *d)
{
	const char *next = ahead(d, 1)->text;

	if (!is_number(d, 0, 0, 99) || ahead(d, 0)->digits != 2 || is_word(d, 1, "/ - . thang"))
		return false;
	return ahead(d, 0)->is_glued || !*next ||
	       reader_is_in(next, "phut p ngay thu t cn chu hom mai nay sang chieu toi trua , ;");
}

/* 16h30, 16h, 16:30, 16 gio 30, 16g30; 4h chieu */
static bool read_hour(struct date_reader *d)
{
	bool is_colon = strcmp(ahead(d, 1)->text, ":") == 0;

	if (d->has_hour || !is_number(d, 0, 0, 99) || !(is_word(d, 1, "h g gio") || is_colon))
		return false;
	if (is_colon && !(ahead(d, 2)->is_glued && ahead(d, 2)->digits == 2))
		return false;
	d->has_hour = true;
	d->hour = ahead(d, 0)->number;
	d->at += 2;
	if (is_minutes(d)) {
		d->minute = ahead(d, 0)->number;
		d->at++;
		if (is_word(d, 0, "phut p ph '"))
			d->at++;
	} else if (is_word(d, 0, "ruoi")) {
		d->minute = 30;
		d->at++;
	}
	d->is_broken = d->is_broken || d->hour > 24 || d->minute > 59 || (d->hour == 24 && d->minute > 0);
	return true;
}

/* "thu 6", "t6", "thu sau", "chu nhat", "cn": Monday is 1, 0 = none. */
static int read_weekday(struct date_reader *d)
{
	static const char *const names[] = { "hai", "ba", "tu", "nam", "sau", "bay" };

	if (is_word(d, 0, "cn")) {
		d->at++;
		return 7;
	}
	if (is_word(d, 0, "chu") && is_word(d, 1, "nhat")) {
		d->at += 2;
		return 7;
	}
	if (!is_word(d, 0, "thu t"))
		return 0;
	if (is_number(d, 1, 2, 7) && !strchr("/-.h", *ahead(d, 2)->text ? *ahead(d, 2)->text : ' ')) {
		d->at += 2;
		return d->t[d->at - 1].number - 1;
	}
	for (size_t i = 0; i < ARRAY_SIZE(names) && is_word(d, 0, "thu"); i++) {
		if (strcmp(ahead(d, 1)->text, names[i]) == 0) {
			d->at += 2;
			return (int)i + 1;
		}
	}
	return 0;
}

static void set_weekday(struct date_reader *d, int weekday)
{
	int today = g_date_time_get_day_of_week(d->now);

	if (is_word(d, 0, "tuan") && is_word(d, 1, "sau toi nay")) {
		set_offset(d, weekday - today + (is_word(d, 1, "nay") ? 0 : 7));
		d->at += 2;
		return;
	}
	if (is_word(d, 0, "nay toi"))
		d->at++;
	set_offset(d, (weekday - today + 7) % 7);
	d->is_weekday = weekday == today;
}

/* "hom nay", "mai", "ngay mai", "ngay kia", "chieu nay", "3 ngay nua", "2 tuan nua" */
static bool read_relative(struct date_reader *d)
{
	static const struct {
		const char *first, *second;
		int days;
	} t[] = {
		{ "hom", "nay", 0 },  { "ngay", "mai", 1 }, { "ngay", "kia", 2 }, { "ngay", "mot", 2 },
		{ "hom", "qua", -1 }, { "nay", NULL, 0 },   { "mai", NULL, 1 },   { "mot", NULL, 2 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		if (!is_word(d, 0, t[i].first) || (t[i].second && !is_word(d, 1, t[i].second)))
			continue;
		set_offset(d, t[i].days);
		d->at += t[i].second ? 2 : 1;
		return true;
	}
	if (is_number(d, 0, 1, 999) && is_word(d, 1, "ngay tuan") && is_word(d, 2, "nua")) {
		set_offset(d, ahead(d, 0)->number * (is_word(d, 1, "tuan") ? 7 : 1));
		d->at += 3;
		return true;
	}
	return false;
}

static bool read_part_of_day(struct date_reader *d)
{
	if (is_word(d, 0, "sang"))
		d->part = PART_MORNING;
	else if (is_word(d, 0, "trua"))
		d->part = PART_NOON;
	else if (is_word(d, 0, "chieu toi"))
		d->part = PART_AFTERNOON;
	else
		return false;
	d->at++;
	return true;
}

static bool read_day(struct date_reader *d)
{
	int weekday;

	if (d->has_day)
		return false;
	if (read_relative(d) || read_numeric(d) || read_spelled(d, false))
		return true;
	if (is_word(d, 0, "ngay")) {
		d->at++;
		if (read_numeric(d) || read_spelled(d, true))
			return true;
		d->at--;
		return false;
	}
	weekday = read_weekday(d);
	if (weekday > 0)
		set_weekday(d, weekday);
	return weekday > 0;
}

/* Reads as far as it understands; false if that is not from the start. */
static bool read_all(struct date_reader *d)
{
	while (d->at < d->n) {
		if (read_hour(d) || read_day(d) || read_part_of_day(d))
			continue;
		if (is_word(d, 0, "truoc den luc vao han chot trong khoang cuoi ngay hom cua , ( - :")) {
			d->at++;
			continue;
		}
		break;
	}
	return (d->has_day || d->has_hour) && !d->is_broken;
}

/* "4h chiều" is 16:00; "12h trưa" and "8h sáng" stay. */
static void apply_part(struct date_reader *d)
{
	if (d->has_hour && d->hour < 12 && (d->part == PART_AFTERNOON || (d->part == PART_NOON && d->hour < 4)))
		d->hour += 12;
	if (!d->has_hour)
		d->hour = d->part == PART_MORNING || d->part == PART_NOON ? 12 : DAY_END_HOUR;
}

static bool to_ms(const struct date_reader *d, int64_t *ret_ms)
{
	g_autoptr(GDateTime) day = g_date_time_new(clock_zone(), d->year, d->month, d->day, d->hour % 24, d->minute, 0);
	g_autoptr(GDateTime) moment = day ? g_date_time_add_days(day, d->hour / 24) : NULL;

	if (!moment)
		return false;
	*ret_ms = g_date_time_to_unix(moment) * SECOND_MS;
	return true;
}

bool reader_date(const char *text, int64_t now_ms, int64_t *ret_ms, bool *ret_has_hour)
{
	g_autoptr(GDateTime) now = clock_local(now_ms);
	struct date_reader d = { .now = now };
	bool may_move;
	int64_t ms;

	scan(&d, text);
	if (!read_all(&d))
		return false;
	apply_part(&d);
	may_move = !d.has_day || d.is_weekday;
	if (!d.has_day)
		set_offset(&d, 0);
	if (!to_ms(&d, &ms))
		return false;
	/* An hour alone that is over is tomorrow's; a weekday that is today's but over is next week's. */
	if (ms <= now_ms && may_move) {
		set_offset(&d, d.is_weekday ? 7 : 1);
		if (!to_ms(&d, &ms))
			return false;
	}
	*ret_ms = ms;
	*ret_has_hour = d.has_hour;
	return true;
}
