/* SPDX-License-Identifier: MIT */
/* Tests of announcements: who they are for, who has answered, what the report counts. */
#include "domain_fixture.h"
#include "store/delivery.h"

/* An open private chat for a member, on one platform. */
static int64_t chat_open(struct fixture *f, const struct member *m)
{
	g_autofree char *user = g_strdup_printf("u%" G_GINT64_FORMAT, m->id);
	g_autoptr(chat_t) chat = NULL;
	struct db_stmt *st;

	g_assert_cmpint(store_chat_seen(f->db, "console", user, CHAT_PRIVATE, m->name, NOW, &chat, NULL), ==, STORE_OK);
	st = db_prepare(
		f->db,
		"INSERT INTO identity (adapter, user_id, member_id, private_chat_id, used_ms) VALUES ('console', $1, $2, $3, 1)");
	db_bind_text(st, 1, user);
	db_bind_int64(st, 2, m->id);
	db_bind_int64(st, 3, chat->id);
	g_assert_true(db_run(st, NULL));
	return chat->id;
}

static struct announcement *announce(struct fixture *f, const char *units, int64_t due_ms)
{
	struct announcement *a = g_new0(struct announcement, 1);
	struct post p = { .class = CLASS_NOTICE };

	a->text = g_strdup("Đề nghị gửi số liệu");
	a->to_all = units == NULL;
	a->units = units ? g_strsplit(units, ",", -1) : NULL;
	a->audience_text = g_strdup("các huyện");
	a->due_ms = due_ms;
	a->author_id = f->moderator->id;
	g_assert_cmpint(store_announcement_add(f->db, a, NOW, NULL), ==, STORE_OK);
	p.text = a->text;
	p.announcement_id = a->id;
	g_assert_true(store_post_add(f->db, &p, NOW, &a->post_id, NULL));
	g_assert_true(store_announcement_set_post(f->db, a->id, a->post_id, NULL));
	return a;
}

static void deliver(struct fixture *f, const struct announcement *a, int64_t chat, unsigned parts, enum delivery_state state)
{
	struct post_part part[3] = { { .len = 2 }, { .start = 2, .len = 2 }, { .start = 4, .len = 2 } };
	struct delivery_target to = { .chat_id = chat };
	struct db_stmt *st;

	g_assert_true(store_delivery_add(f->db, a->post_id, &to, part, parts, NOW, NULL));
	st = db_prepare(f->db, "UPDATE delivery SET state = $2 WHERE chat_id = $1");
	db_bind_int64(st, 1, chat);
	db_bind_int64(st, 2, state);
	g_assert_true(db_run(st, NULL));
}

static void test_audience_is_counted_before_sending(void)
{
	struct fixture f;
	struct audience_size n;
	char *units[] = { (char *)"GIAOTHUY", (char *)"VUBAN", (char *)"YYEN", (char *)"VUBAN", NULL };
	struct db_stmt *st;
	int64_t parked;

	fixture_open(&f);
	chat_open(&f, f.hoa);
	parked = chat_open(&f, f.lan);
	g_assert_true(store_chat_park(f.db, parked, "chặn", NULL));
	g_assert_true(store_audience_size(f.db, false, units, &n, NULL));
	g_assert_cmpint(n.units, ==, 3);
	g_assert_cmpint(n.members, ==, 3);
	g_assert_cmpint(n.reachable, ==, 1);
	g_assert_cmpint(n.units_without_member, ==, 1);
	g_assert_true(store_audience_size(f.db, true, NULL, &n, NULL));
	g_assert_cmpint(n.units, ==, registry_units(f.registry)->len);
	g_assert_cmpint(n.members, ==, 5);
	g_assert_cmpint(n.units_without_member, ==, n.units - 3);
	st = db_prepare(f.db, "UPDATE member SET left_ms = 5 WHERE id = $1");
	db_bind_int64(st, 1, f.hoa->id);
	g_assert_true(db_run(st, NULL));
	g_assert_true(store_audience_size(f.db, true, NULL, &n, NULL));
	g_assert_cmpint(n.members, ==, 4);
	g_assert_cmpint(n.reachable, ==, 0);
	fixture_close(&f);
}

static void test_round_trip(void)
{
	struct fixture f;
	g_autoptr(announcement_t) a = NULL, back = NULL, row = NULL, none = NULL, second = NULL;
	g_autoptr(GPtrArray) list = NULL;

	fixture_open(&f);
	a = announce(&f, "VUBAN,GIAOTHUY", NOW + HOUR_MS);
	second = announce(&f, NULL, 0);
	g_assert_cmpint(second->number, ==, 2);
	g_assert_cmpint(store_announcement_get(f.db, 1, &back, NULL), ==, STORE_OK);
	g_assert_cmpstr(back->text, ==, a->text);
	g_assert_cmpstr(back->audience_text, ==, "các huyện");
	g_assert_cmpuint(g_strv_length(back->units), ==, 2);
	g_assert_cmpstr(back->units[0], ==, "VUBAN");
	g_assert_cmpint(back->due_ms, ==, NOW + HOUR_MS);
	g_assert_cmpint(back->post_id, ==, a->post_id);
	g_assert_false(back->to_all || back->is_reported || back->is_closed);
	g_assert_cmpint(store_announcement_by_row(f.db, second->id, &row, NULL), ==, STORE_OK);
	g_assert_true(row->to_all);
	g_assert_null(row->units);
	g_assert_cmpint(store_announcement_get(f.db, 3, &none, NULL), ==, STORE_NOT_FOUND);
	list = store_announcement_list(f.db, 10, NULL);
	g_assert_cmpuint(list->len, ==, 2);
	g_assert_cmpint(((struct announcement *)g_ptr_array_index(list, 0))->number, ==, 2);
	fixture_close(&f);
}

static void assert_for(struct fixture *f, const struct member *m, int64_t now_ms, int64_t number)
{
	g_autoptr(announcement_t) a = NULL;
	enum store_result r = store_announcement_for(f->db, m->id, now_ms, 3 * DAY_MS, &a, NULL);

	g_assert_cmpint(r, ==, number ? STORE_OK : STORE_NOT_FOUND);
	if (number)
		g_assert_cmpint(a->number, ==, number);
}

static void test_received_without_a_number_means_the_newest_unanswered(void)
{
	struct fixture f;
	g_autoptr(announcement_t) first = NULL, second = NULL;

	fixture_open(&f);
	first = announce(&f, NULL, 0);
	second = announce(&f, "GIAOTHUY", 0);
	assert_for(&f, f.hoa, NOW, 2);
	assert_for(&f, f.lan, NOW, 1); /* the second was not for her */
	g_assert_cmpint(store_receipt_add(f.db, second->id, f.hoa->id, "rõ", NOW, NULL), ==, STORE_OK);
	g_assert_cmpint(store_receipt_add(f.db, second->id, f.hoa->id, "đã nhận", NOW, NULL), ==, STORE_DUPLICATE);
	assert_for(&f, f.hoa, NOW, 1);
	g_assert_cmpint(store_receipt_add(f.db, first->id, f.hoa->id, "ok a", NOW, NULL), ==, STORE_OK);
	assert_for(&f, f.hoa, NOW, 0);
	assert_for(&f, f.nam, NOW, 2);
	assert_for(&f, f.nam, NOW + 3 * DAY_MS, 0); /* too old */
	g_assert_cmpint(store_receipt_add(f.db, 99, f.hoa->id, "rõ", NOW, NULL), ==, STORE_NOT_FOUND);
	fixture_close(&f);
}

static void test_report_counts_rows(void)
{
	struct fixture f;
	g_autoptr(announcement_t) a = NULL;
	struct announcement_report r = { 0 };
	struct member *extra;

	fixture_open(&f);
	extra = person_add(f.db, "thêm", "VUBAN", ROLE_MEMBER);
	a = announce(&f, "GIAOTHUY,VUBAN,YYEN", NOW + HOUR_MS);
	deliver(&f, a, chat_open(&f, f.hoa), 2, DELIVERY_SENT);
	deliver(&f, a, chat_open(&f, f.lan), 1, DELIVERY_DEAD);
	deliver(&f, a, chat_open(&f, extra), 3, DELIVERY_QUEUED);
	g_assert_cmpint(store_receipt_add(f.db, a->id, f.hoa->id, "đã nhận", NOW, NULL), ==, STORE_OK);
	g_assert_cmpint(store_receipt_add(f.db, a->id, f.nam->id, "rõ", NOW, NULL), ==, STORE_OK);
	g_assert_cmpint(store_receipt_add(f.db, a->id, f.moderator->id, "rõ", NOW, NULL), ==, STORE_OK); /* not of the audience */
	g_assert_true(store_announcement_report(f.db, a, &r, NULL));
	g_assert_cmpint(r.members, ==, 4);
	g_assert_cmpint(r.members_received, ==, 2);
	g_assert_cmpint(r.unreachable, ==, 1); /* Nam answered in the group */
	g_assert_cmpint(r.units, ==, 3);
	g_assert_cmpint(r.units_received, ==, 1);
	g_assert_cmpuint(r.missing->len, ==, 2);
	g_assert_cmpstr(g_ptr_array_index(r.missing, 0), ==, "VUBAN");
	g_assert_cmpstr(g_ptr_array_index(r.missing, 1), ==, "YYEN");
	g_assert_cmpint(r.sent, ==, 1);
	g_assert_cmpint(r.failed, ==, 1);
	g_assert_cmpint(r.waiting, ==, 1);
	announcement_report_clear(&r);
	announcement_report_clear(&r);
	member_free(extra);
	fixture_close(&f);
}

static void test_report_to_everybody_lists_units_without_members(void)
{
	struct fixture f;
	g_autoptr(announcement_t) a = NULL;
	struct announcement_report r = { 0 };

	fixture_open(&f);
	a = announce(&f, NULL, 0);
	g_assert_cmpint(store_receipt_add(f.db, a->id, f.lan->id, "đã nhận", NOW, NULL), ==, STORE_OK);
	g_assert_true(store_announcement_report(f.db, a, &r, NULL));
	g_assert_cmpint(r.units, ==, registry_units(f.registry)->len);
	g_assert_cmpint(r.units_received, ==, 1);
	g_assert_cmpuint(r.missing->len, ==, r.units - 1);
	g_assert_cmpstr(g_ptr_array_index(r.missing, 0), ==,
			((struct unit *)g_ptr_array_index(registry_units(f.registry), 0))->code);
	announcement_report_clear(&r);
	fixture_close(&f);
}

static void test_deadlines(void)
{
	struct fixture f;
	g_autoptr(announcement_t) late = NULL, soon = NULL, never = NULL;
	g_autoptr(GPtrArray) due = NULL, none = NULL;
	int64_t next;

	fixture_open(&f);
	g_assert_true(store_announcement_next_due(f.db, &next, NULL));
	g_assert_cmpint(next, ==, -1);
	late = announce(&f, "VUBAN", NOW + 2 * HOUR_MS);
	soon = announce(&f, "VUBAN", NOW + HOUR_MS);
	never = announce(&f, "VUBAN", 0);
	g_assert_cmpint(late->number, <, never->number);
	g_assert_true(store_announcement_next_due(f.db, &next, NULL));
	g_assert_cmpint(next, ==, NOW + HOUR_MS);
	none = store_announcement_due(f.db, NOW, NULL);
	g_assert_cmpuint(none->len, ==, 0);
	due = store_announcement_due(f.db, NOW + DAY_MS, NULL);
	g_assert_cmpuint(due->len, ==, 2);
	g_assert_cmpint(((struct announcement *)g_ptr_array_index(due, 0))->number, ==, soon->number);
	g_assert_true(store_announcement_reported(f.db, soon->id, NULL));
	g_assert_true(store_announcement_next_due(f.db, &next, NULL));
	g_assert_cmpint(next, ==, NOW + 2 * HOUR_MS);
	fixture_close(&f);
}

static void test_cancelled_means_no_more_is_sent(void)
{
	struct fixture f;
	g_autoptr(announcement_t) a = NULL;
	struct announcement_report r = { 0 };
	struct fanout open = { .all_members = true };
	g_autoptr(GPtrArray) fanouts = NULL;
	unsigned n;
	int64_t next;

	fixture_open(&f);
	a = announce(&f, NULL, NOW + HOUR_MS);
	deliver(&f, a, chat_open(&f, f.hoa), 1, DELIVERY_SENT);
	deliver(&f, a, chat_open(&f, f.lan), 1, DELIVERY_QUEUED);
	open.post_id = a->post_id;
	g_assert_true(store_fanout_add(f.db, &open, NULL));
	g_assert_true(store_announcement_cancel(f.db, a->id, f.admin, NOW, &n, NULL));
	g_assert_cmpuint(n, ==, 1);
	g_assert_true(store_announcement_report(f.db, a, &r, NULL));
	g_assert_cmpint(r.sent, ==, 1);
	g_assert_cmpint(r.waiting + r.failed, ==, 0);
	announcement_report_clear(&r);
	fanouts = store_fanout_open(f.db, NULL);
	g_assert_cmpuint(fanouts->len, ==, 0);
	g_assert_true(store_announcement_next_due(f.db, &next, NULL));
	g_assert_cmpint(next, ==, -1);
	assert_for(&f, f.lan, NOW, 0);
	g_assert_true(store_announcement_cancel(f.db, 99, f.admin, NOW, &n, NULL));
	g_assert_cmpuint(n, ==, 0);
	fixture_close(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/announcement/audience", test_audience_is_counted_before_sending);
	g_test_add_func("/announcement/round-trip", test_round_trip);
	g_test_add_func("/announcement/receipts", test_received_without_a_number_means_the_newest_unanswered);
	g_test_add_func("/announcement/report", test_report_counts_rows);
	g_test_add_func("/announcement/report-all", test_report_to_everybody_lists_units_without_members);
	g_test_add_func("/announcement/deadlines", test_deadlines);
	g_test_add_func("/announcement/cancel", test_cancelled_means_no_more_is_sent);
	return g_test_run();
}
