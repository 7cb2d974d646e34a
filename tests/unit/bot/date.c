/* SPDX-License-Identifier: MIT */
/* Tests of dates and hours, as seen on Wednesday 18 October 2023, 10:20 in Việt Nam. */
#include "base/clock.h"
#include "base/macros.h"
#include "bot/reader.h"

static int64_t at(int year, int month, int day, int hour, int minute)
{
	g_autoptr(GDateTime) t = g_date_time_new(clock_zone(), year, month, day, hour, minute, 0);

	return g_date_time_to_unix(t) * SECOND_MS;
}

static char *date_as(const char *text, int64_t now_ms)
{
	g_autoptr(GDateTime) t = NULL;
	bool has_hour;
	int64_t ms;

	if (!reader_date(text, now_ms, &ms, &has_hour))
		return g_strdup("-");
	t = clock_local(ms);
	return has_hour ? g_date_time_format(t, "%Y-%m-%d %H:%M") : g_date_time_format(t, "%Y-%m-%d (%H:%M)");
}

static void test_dates(void)
{
	static const struct {
		const char *in, *out;
	} t[] = {
		{ "15/12", "2023-12-15 (17:00)" },
		{ "10/10", "2023-10-10 (17:00)" }, /* a week back is still this year */
		{ "18/8", "2024-08-18 (17:00)" },  /* more than 60 days back */
		{ "20/8", "2023-08-20 (17:00)" },
		{ "10/1", "2024-01-10 (17:00)" },
		{ "10-10-2023", "2023-10-10 (17:00)" },
		{ "10.10.2023", "2023-10-10 (17:00)" },
		{ "1/1/24", "2024-01-01 (17:00)" },
		{ "15/12 các đơn vị gửi về Sở", "2023-12-15 (17:00)" },
		{ "ngày 15/12", "2023-12-15 (17:00)" },
		{ "ngay 20", "2023-10-20 (17:00)" },
		{ "ngày 5", "2023-11-05 (17:00)" },
		{ "15 tháng 12", "2023-12-15 (17:00)" },
		{ "ngày 15 tháng 12 năm 2024", "2024-12-15 (17:00)" },
		{ "hôm nay", "2023-10-18 (17:00)" },
		{ "mai", "2023-10-19 (17:00)" },
		{ "ngày mai", "2023-10-19 (17:00)" },
		{ "ngày kia", "2023-10-20 (17:00)" },
		{ "3 ngày nữa", "2023-10-21 (17:00)" },
		{ "2 tuần nữa", "2023-11-01 (17:00)" },
		{ "thứ 6", "2023-10-20 (17:00)" },
		{ "thu sau", "2023-10-20 (17:00)" },
		{ "t6", "2023-10-20 (17:00)" },
		{ "thứ 2", "2023-10-23 (17:00)" },
		{ "thứ tư", "2023-10-18 (17:00)" },  /* today, not over */
		{ "9h thứ tư", "2023-10-25 09:00" }, /* today's is over */
		{ "chủ nhật", "2023-10-22 (17:00)" },
		{ "cn", "2023-10-22 (17:00)" },
		{ "thứ 6 tuần sau", "2023-10-27 (17:00)" },
		{ "thứ 2 tuần này", "2023-10-16 (17:00)" },
		{ "16h30", "2023-10-18 16:30" },
		{ "16h", "2023-10-18 16:00" },
		{ "16:30", "2023-10-18 16:30" },
		{ "16 giờ 30", "2023-10-18 16:30" }, /* digits after "giờ" that are no day */
		{ "16g30", "2023-10-18 16:30" },
		{ "16 giờ 30 phút", "2023-10-18 16:30" },
		{ "9h", "2023-10-19 09:00" }, /* an hour that is over is tomorrow's */
		{ "16h30 thu 6", "2023-10-20 16:30" },
		{ "16h30, thứ sáu", "2023-10-20 16:30" },
		{ "trước 16h30 hôm nay", "2023-10-18 16:30" },
		{ "trước 9h hôm nay", "2023-10-18 09:00" }, /* named: stays, though it is over */
		{ "16h30 ngày 15/12", "2023-12-15 16:30" },
		{ "15/12 16h30", "2023-12-15 16:30" },
		{ "trước 17h ngày 15/12/2023", "2023-12-15 17:00" },
		{ "4h chiều mai", "2023-10-19 16:00" },
		{ "2 giờ chiều thứ 6", "2023-10-20 14:00" },
		{ "8h sáng thứ 2", "2023-10-23 08:00" },
		{ "8h tối nay", "2023-10-18 20:00" },
		{ "8 rưỡi", "-" },
		{ "8h rưỡi sáng mai", "2023-10-19 08:30" },
		{ "sáng mai", "2023-10-19 (12:00)" },
		{ "chiều nay", "2023-10-18 (17:00)" },
		{ "cuối ngày thứ 6", "2023-10-20 (17:00)" },
		{ "24h ngày 15/12", "2023-12-16 00:00" },
		{ "29/2", "-" },
		{ "29/2/2024", "2024-02-29 (17:00)" },
		{ "30/2", "-" },
		{ "31/11", "-" },
		{ "0/10", "-" },
		{ "15/13", "-" },
		{ "15/12/0", "-" },
		{ "25h", "-" },
		{ "16h75", "-" },
		{ "thứ 8", "-" },
		{ "10 đơn vị", "-" },
		{ "10", "-" },
		{ "10/2023", "-" },
		{ "quý 3", "-" },
		{ "", "-" },
		{ "sớm nhất", "-" },
	};
	int64_t now = at(2023, 10, 18, 10, 20);

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		g_autofree char *got = date_as(t[i].in, now);

		g_test_message("%s", t[i].in);
		g_assert_cmpstr(got, ==, t[i].out);
	}
}

static void test_turn_of_the_year(void)
{
	g_autofree char *january = date_as("10/1", at(2023, 12, 28, 9, 0));
	g_autofree char *december = date_as("28/12", at(2024, 1, 5, 9, 0));
	g_autofree char *tomorrow = date_as("mai", at(2023, 12, 31, 23, 0));
	g_autofree char *leap = date_as("29/2", at(2024, 1, 5, 9, 0));
	g_autofree char *day_31 = date_as("ngày 31", at(2023, 11, 5, 9, 0));

	g_assert_cmpstr(january, ==, "2024-01-10 (17:00)");
	/* "This year": nobody sets a date a year ahead by day and month alone, but the rule has one direction only. */
	g_assert_cmpstr(december, ==, "2024-12-28 (17:00)");
	g_assert_cmpstr(tomorrow, ==, "2024-01-01 (17:00)");
	g_assert_cmpstr(leap, ==, "2024-02-29 (17:00)");
	g_assert_cmpstr(day_31, ==, "-");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/date/as-typed", test_dates);
	g_test_add_func("/date/turn-of-the-year", test_turn_of_the_year);
	return g_test_run();
}
