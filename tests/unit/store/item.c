/* SPDX-License-Identifier: MIT */
/* Tests of the life of an item: numbers, saving, every move, merging, messages, adoption, import. */
#include "domain_fixture.h"
#include "store/audit.h"
#include "store/delivery.h"

static struct item *item_at(struct fixture *f, int64_t number)
{
	struct item *i = NULL;

	g_assert_cmpint(store_item_get(f->db, ITEM_INITIATIVE, number, &i, NULL), ==, STORE_OK);
	return i;
}

static void assert_status(struct fixture *f, int64_t number, enum item_status status)
{
	g_autoptr(item_t) i = item_at(f, number);

	g_assert_cmpint(i->status, ==, status);
}

static int64_t int64_of(struct fixture *f, const char *literal)
{
	int64_t n;

	g_assert_true(db_run_int64(db_prepare(f->db, literal), -1, &n, NULL));
	return n;
}

static enum store_result decide(struct fixture *f, int64_t number, enum item_decision what, const struct member *who,
				int64_t now_ms)
{
	g_autoptr(item_t) i = NULL;

	return store_item_decide(f->db, ITEM_INITIATIVE, number, what, "lý do", who, now_ms, &i, NULL);
}

static bool is_found(struct fixture *f, const char *text)
{
	struct search_query q = { .text = text, .kind = -1, .limit = 5, .viewer = f->admin };
	g_autoptr(GPtrArray) hits = store_search(f->db, f->registry, &q, NULL, NULL);

	g_assert_nonnull(hits);
	return hits->len > 0;
}

static void test_ids_as_typed(void)
{
	static const struct {
		const char *text;
		bool is_id;
		enum item_kind kind;
		int64_t number;
	} t[] = {
		{ "SK14", true, ITEM_INITIATIVE, 14 },
		{ "sk 14", true, ITEM_INITIATIVE, 14 },
		{ "SK-014", true, ITEM_INITIATIVE, 14 },
		{ " sk14. ", true, ITEM_INITIATIVE, 14 },
		{ "ｓｋ１４", true, ITEM_INITIATIVE, 14 },
		{ "CC5", true, ITEM_STORY, 5 },
		{ "dc 4", true, ITEM_EXEMPLAR, 4 },
		{ "BH6", true, ITEM_LESSON, 6 },
		{ "NV3", false, 0, 0 },
		{ "TB7", false, 0, 0 },
		{ "TQ4", false, 0, 0 },
		{ "14", false, 0, 0 },
		{ "SK", false, 0, 0 },
		{ "SK0", false, 0, 0 },
		{ "SK14a", false, 0, 0 },
		{ "SK14 loa", false, 0, 0 },
		{ "SK9999999999999", false, 0, 0 },
		{ "", false, 0, 0 },
		{ "s", false, 0, 0 },
		{ "SKX1", false, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		enum item_kind kind = 0;
		int64_t number = 0;

		g_test_message("%s", t[i].text);
		g_assert_cmpint(item_id_parse(t[i].text, &kind, &number), ==, t[i].is_id);
		g_assert_cmpint(kind, ==, t[i].kind);
		g_assert_cmpint(number, ==, t[i].number);
	}
}

static void test_labels_are_replaced_and_removed(void)
{
	g_autoptr(item_t) i = item_new();

	item_field_set(i, "hieuqua", "một");
	item_field_set(i, "chiphi", "hai");
	item_field_set(i, "hieuqua", "ba");
	g_assert_cmpstr(item_field_get(i, "hieuqua"), ==, "ba");
	item_field_set(i, "hieuqua", item_field_get(i, "hieuqua"));
	g_assert_cmpstr(item_field_get(i, "hieuqua"), ==, "ba");
	item_field_set(i, "hieuqua", "");
	item_field_set(i, "chiphi", NULL);
	item_field_set(i, "chiphi", NULL);
	g_assert_null(item_field_get(i, "hieuqua"));
	g_assert_cmpuint(i->fields->len, ==, 0);
}

static void test_what_is_stored_comes_back(void)
{
	struct fixture f;
	g_autoptr(item_t) i = draft_new("Tên", "Nội dung", "VUBAN", NULL, ITEM_WAITING), back = NULL;

	fixture_open(&f);
	i->author_id = f.lan->id;
	i->unit_text = g_strdup("xa abc");
	i->field = g_strdup("dvc");
	i->field_guessed = i->on_behalf = true;
	i->type = g_strdup("mô hình");
	item_field_set(i, "hieuqua", "tốt");
	item_field_set(i, "baihoc", "nhiều");
	g_assert_cmpint(store_item_add(f.db, i, f.lan, NOW, NULL), ==, STORE_OK);
	back = item_at(&f, i->number);
	g_assert_cmpint(back->id, ==, i->id);
	g_assert_cmpstr(back->title, ==, "Tên");
	g_assert_cmpstr(back->body, ==, "Nội dung");
	g_assert_cmpstr(back->unit, ==, "VUBAN");
	g_assert_cmpstr(back->unit_text, ==, "xa abc");
	g_assert_cmpstr(back->field, ==, "dvc");
	g_assert_true(back->field_guessed && back->on_behalf);
	g_assert_cmpstr(back->type, ==, "mô hình");
	g_assert_cmpint(back->status, ==, ITEM_WAITING);
	g_assert_cmpint(back->author_id, ==, f.lan->id);
	g_assert_cmpint(back->created_ms, ==, NOW);
	g_assert_cmpint(back->touched_ms, ==, NOW);
	g_assert_cmpint(back->version, ==, 1);
	g_assert_null(back->ref);
	g_assert_cmpuint(back->fields->len, ==, 2);
	g_assert_cmpstr(((struct item_field *)g_ptr_array_index(back->fields, 0))->key, ==, "hieuqua"); /* in the order given */
	g_assert_cmpint(store_item_get(f.db, ITEM_STORY, 1, &back, NULL), ==, STORE_NOT_FOUND);
	g_assert_cmpint(store_item_by_row(f.db, 999, &back, NULL), ==, STORE_NOT_FOUND);
	fixture_close(&f);
}

static void test_numbers_are_never_used_twice(void)
{
	struct fixture f;
	g_autoptr(item_t) story = draft_new("Chuyện", "Nội dung", NULL, NULL, ITEM_APPROVED);
	g_autoptr(item_t) next = draft_new("Sau", "Nội dung", NULL, NULL, ITEM_APPROVED);
	struct db_stmt *st;

	fixture_open(&f);
	item_put(&f, "Một", "x", NULL, f.lan, ITEM_WAITING);
	item_put(&f, "Hai", "x", NULL, f.lan, ITEM_WAITING);
	st = db_prepare(f.db, "DELETE FROM item WHERE number = 2");
	g_assert_true(db_run(st, NULL));
	g_assert_cmpint(store_item_add(f.db, next, NULL, NOW, NULL), ==, STORE_OK);
	g_assert_cmpint(next->number, ==, 3);
	story->kind = ITEM_STORY;
	g_assert_cmpint(store_item_add(f.db, story, NULL, NOW, NULL), ==, STORE_OK);
	g_assert_cmpint(story->number, ==, 1);
	next->status = ITEM_REJECTED;
	g_assert_cmpint(store_item_add(f.db, next, NULL, NOW, NULL), ==, STORE_WRONG_STATE);
	fixture_close(&f);
}

/* Every status against every decision; those that are not in the list change nothing. */
static void test_every_legal_and_illegal_move(void)
{
	static const struct {
		enum item_status from;
		enum item_decision what;
		enum item_status to;
	} legal[] = {
		{ ITEM_WAITING, ITEM_APPROVE, ITEM_APPROVED },    { ITEM_RETURNED, ITEM_APPROVE, ITEM_APPROVED },
		{ ITEM_WAITING, ITEM_REJECT, ITEM_REJECTED },     { ITEM_RETURNED, ITEM_REJECT, ITEM_REJECTED },
		{ ITEM_WAITING, ITEM_RETURN, ITEM_RETURNED },     { ITEM_DRAFT, ITEM_WITHDRAW, ITEM_WITHDRAWN },
		{ ITEM_WAITING, ITEM_WITHDRAW, ITEM_WITHDRAWN },  { ITEM_RETURNED, ITEM_WITHDRAW, ITEM_WITHDRAWN },
		{ ITEM_APPROVED, ITEM_WITHDRAW, ITEM_WITHDRAWN }, { ITEM_WITHDRAWN, ITEM_RESTORE, ITEM_WAITING },
	};
	struct fixture f;
	int64_t number = 0, audits;
	unsigned n_legal = 0;

	fixture_open(&f);
	for (int from = ITEM_DRAFT; from <= ITEM_MERGED; from++) {
		for (int what = ITEM_APPROVE; what <= ITEM_RESTORE; what++) {
			int64_t id = item_put(&f, "Tên", "Nội dung", NULL, f.lan, ITEM_WAITING);
			struct db_stmt *st =
				db_prepare(f.db, "UPDATE item SET status = $2, status_before = 1, decided_ms = $3 WHERE id = $1");
			int to = -1;

			db_bind_int64(st, 1, id);
			db_bind_int64(st, 2, from);
			db_bind_int64(st, 3, NOW);
			g_assert_true(db_run(st, NULL));
			number++;
			for (size_t k = 0; k < ARRAY_SIZE(legal); k++) {
				if ((int)legal[k].from == from && (int)legal[k].what == what)
					to = (int)legal[k].to;
			}
			n_legal += to >= 0;
			g_test_message("%d, decision %d", from, what);
			g_assert_cmpint(item_may_move((enum item_status)from, (enum item_decision)what), ==, to >= 0);
			audits = int64_of(&f, "SELECT count(*) FROM audit");
			g_assert_cmpint(decide(&f, number, (enum item_decision)what, f.moderator, NOW + 1), ==,
					to >= 0 ? STORE_OK : STORE_WRONG_STATE);
			g_assert_cmpint(int64_of(&f, "SELECT count(*) FROM audit"), ==, audits + (to >= 0));
			assert_status(&f, number, (enum item_status)(to >= 0 ? to : from));
		}
	}
	g_assert_cmpuint(n_legal, ==, ARRAY_SIZE(legal));
	g_assert_cmpint(decide(&f, 999, ITEM_APPROVE, f.moderator, NOW), ==, STORE_NOT_FOUND);
	fixture_close(&f);
}

static void test_two_moderators_decide_at_once(void)
{
	struct fixture f;
	g_autoptr(item_t) first = NULL, second = NULL;

	fixture_open(&f);
	item_put(&f, "Tên", "Nội dung", NULL, f.lan, ITEM_WAITING);
	g_assert_cmpint(store_item_decide(f.db, ITEM_INITIATIVE, 1, ITEM_APPROVE, NULL, f.moderator, NOW + 5, &first, NULL), ==,
			STORE_OK);
	g_assert_cmpint(first->status, ==, ITEM_APPROVED);
	g_assert_cmpint(store_item_decide(f.db, ITEM_INITIATIVE, 1, ITEM_REJECT, "thiếu", f.admin, NOW + 6, &second, NULL), ==,
			STORE_WRONG_STATE);
	g_assert_cmpint(second->status, ==, ITEM_APPROVED);
	g_assert_cmpint(second->decided_by, ==, f.moderator->id);
	g_assert_cmpint(second->decided_ms, ==, NOW + 5);
	g_assert_null(second->reason);
	fixture_close(&f);
}

static void test_who_may_decide(void)
{
	static const struct {
		enum item_decision what;
		bool author, focal, same_unit, stranger, moderator;
	} t[] = {
		{ ITEM_APPROVE, false, false, false, false, true },
		{ ITEM_REJECT, false, false, false, false, true },
		{ ITEM_RETURN, false, false, false, false, true },
		{ ITEM_WITHDRAW, true, true, false, false, true },
	};
	struct fixture f;
	int64_t number = 0;
	struct member *colleague;

	fixture_open(&f);
	colleague = person_add(f.db, "bạn", "GIAOTHUY", ROLE_MEMBER);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		const struct {
			const struct member *who;
			bool may;
		} by[] = {
			{ f.nam, t[i].author },   { f.hoa, t[i].focal },           { colleague, t[i].same_unit },
			{ f.lan, t[i].stranger }, { f.moderator, t[i].moderator }, { NULL, true },
		};

		for (size_t k = 0; k < ARRAY_SIZE(by); k++) {
			item_put(&f, "Tên", "Nội dung", "GIAOTHUY", f.nam, ITEM_WAITING);
			number++;
			g_assert_cmpint(decide(&f, number, t[i].what, by[k].who, NOW), ==, by[k].may ? STORE_OK : STORE_DENIED);
		}
	}
	member_free(colleague);
	fixture_close(&f);
}

static void test_withdrawn_comes_back_as_it_was_for_thirty_days(void)
{
	struct fixture f;

	fixture_open(&f);
	item_put(&f, "Loa thông minh", "Nội dung", NULL, f.lan, ITEM_APPROVED);
	g_assert_true(is_found(&f, "loa thong minh"));
	g_assert_cmpint(decide(&f, 1, ITEM_WITHDRAW, f.lan, NOW), ==, STORE_OK);
	g_assert_false(is_found(&f, "loa thong minh"));
	g_assert_cmpint(decide(&f, 1, ITEM_RESTORE, f.lan, NOW + ITEM_RESTORE_MS + 1), ==, STORE_WRONG_STATE);
	g_assert_cmpint(decide(&f, 1, ITEM_RESTORE, f.lan, NOW + ITEM_RESTORE_MS), ==, STORE_OK);
	assert_status(&f, 1, ITEM_APPROVED);
	g_assert_true(is_found(&f, "loa thong minh"));
	/* What a moderator took down its author cannot put up again. */
	g_assert_cmpint(decide(&f, 1, ITEM_WITHDRAW, f.moderator, NOW), ==, STORE_OK);
	g_assert_cmpint(decide(&f, 1, ITEM_RESTORE, f.lan, NOW), ==, STORE_DENIED);
	g_assert_cmpint(decide(&f, 1, ITEM_RESTORE, f.admin, NOW), ==, STORE_OK);
	fixture_close(&f);
}

static void test_save_with_an_old_version_changes_nothing(void)
{
	struct fixture f;
	g_autoptr(item_t) mine = NULL, theirs = NULL, now = NULL;

	fixture_open(&f);
	item_put(&f, "Tên", "Nội dung", "GIAOTHUY", f.nam, ITEM_WAITING);
	mine = item_at(&f, 1);
	theirs = item_at(&f, 1);
	item_field_set(mine, "chiphi", "3 triệu");
	item_field_set(theirs, "chiphi", "5 triệu");
	g_assert_cmpint(store_item_save(f.db, mine, false, f.nam, NOW + 1, NULL), ==, STORE_OK);
	g_assert_cmpint(mine->version, ==, 2);
	g_assert_cmpint(store_item_save(f.db, theirs, false, f.hoa, NOW + 2, NULL), ==, STORE_WRONG_STATE);
	now = item_at(&f, 1);
	g_assert_cmpstr(item_field_get(now, "chiphi"), ==, "3 triệu");
	g_assert_cmpint(now->touched_ms, ==, NOW + 1);
	/* The one who saved may go on from there. */
	item_field_set(mine, "chiphi", "4 triệu");
	g_assert_cmpint(store_item_save(f.db, mine, false, f.nam, NOW + 3, NULL), ==, STORE_OK);
	fixture_close(&f);
}

static void test_save_keeps_index_and_audit_in_step(void)
{
	struct fixture f;
	g_autoptr(item_t) i = NULL;
	g_autofree char *before = NULL, *after = NULL;
	int64_t audits;

	fixture_open(&f);
	item_put(&f, "Loa thông minh", "Nội dung", "GIAOTHUY", f.nam, ITEM_WAITING);
	i = item_at(&f, 1);
	audits = int64_of(&f, "SELECT count(*) FROM audit");
	g_assert_cmpint(store_item_save(f.db, i, false, f.nam, NOW, NULL), ==, STORE_OK);
	g_assert_cmpint(int64_of(&f, "SELECT count(*) FROM audit"), ==, audits); /* nothing differed */
	g_assert_cmpint(i->version, ==, 1);
	g_free(i->title);
	i->title = g_strdup("Bảng tin điện tử");
	item_field_set(i, "lienhe", "0912345678");
	g_assert_cmpint(store_item_save(f.db, i, false, f.lan, NOW, NULL), ==, STORE_DENIED);
	g_assert_cmpint(store_item_save(f.db, i, false, f.nam, NOW, NULL), ==, STORE_OK);
	g_assert_false(is_found(&f, "loa thong minh"));
	g_assert_true(is_found(&f, "bang tin"));
	g_assert_true(db_run_text(db_prepare(f.db, "SELECT before FROM audit ORDER BY id DESC LIMIT 1"), &before, NULL));
	g_assert_true(db_run_text(db_prepare(f.db, "SELECT after FROM audit ORDER BY id DESC LIMIT 1"), &after, NULL));
	g_assert_nonnull(strstr(before, "ten: Loa thông minh"));
	g_assert_nonnull(strstr(after, "ten: Bảng tin điện tử"));
	g_assert_null(strstr(after, "0912345678"));
	fixture_close(&f);
}

static void test_complete_drafts_and_returned_items_go_to_the_moderator(void)
{
	static const struct {
		enum item_status from;
		const char *body;
		bool to_waiting;
		enum item_status to;
	} t[] = {
		{ ITEM_DRAFT, "x", true, ITEM_WAITING },      { ITEM_DRAFT, "", true, ITEM_DRAFT },
		{ ITEM_DRAFT, "x", false, ITEM_DRAFT },       { ITEM_RETURNED, "x", true, ITEM_WAITING },
		{ ITEM_RETURNED, "x", false, ITEM_RETURNED }, { ITEM_APPROVED, "x", true, ITEM_APPROVED },
		{ ITEM_WAITING, "x", true, ITEM_WAITING },
	};
	struct fixture f;

	fixture_open(&f);
	for (size_t k = 0; k < ARRAY_SIZE(t); k++) {
		int64_t id = item_put(&f, "Tên", "", NULL, f.lan, t[k].from == ITEM_DRAFT ? ITEM_DRAFT : ITEM_WAITING);
		g_autoptr(item_t) i = NULL;

		if (t[k].from == ITEM_RETURNED)
			g_assert_cmpint(decide(&f, (int64_t)k + 1, ITEM_RETURN, f.moderator, NOW), ==, STORE_OK);
		if (t[k].from == ITEM_APPROVED)
			g_assert_cmpint(decide(&f, (int64_t)k + 1, ITEM_APPROVE, f.moderator, NOW), ==, STORE_OK);
		g_assert_cmpint(store_item_by_row(f.db, id, &i, NULL), ==, STORE_OK);
		g_free(i->body);
		i->body = g_strdup(t[k].body);
		g_assert_cmpint(store_item_save(f.db, i, t[k].to_waiting, f.lan, NOW, NULL), ==, STORE_OK);
		g_assert_cmpint(i->status, ==, t[k].to);
		assert_status(&f, (int64_t)k + 1, t[k].to);
	}
	g_assert_cmpint(decide(&f, 1, ITEM_REJECT, f.moderator, NOW), ==, STORE_OK);
	{
		g_autoptr(item_t) i = item_at(&f, 1);

		g_assert_cmpint(store_item_save(f.db, i, true, f.lan, NOW, NULL), ==, STORE_WRONG_STATE);
	}
	fixture_close(&f);
}

static void merged_check(struct fixture *f, int64_t from, int64_t into)
{
	g_autoptr(item_t) was = NULL, is = NULL;

	g_assert_cmpint(store_item_by_row(f->db, from, &was, NULL), ==, STORE_OK);
	g_assert_cmpint(store_item_by_row(f->db, into, &is, NULL), ==, STORE_OK);
	g_assert_cmpint(was->status, ==, ITEM_MERGED);
	g_assert_cmpint(was->merged_into, ==, into);
	g_assert_cmpint(was->decided_by, ==, f->moderator->id);
	g_assert_cmpint(is->status, ==, ITEM_APPROVED);
	g_assert_cmpstr(is->body, ==, "Cách quét\n\nSK2: In theo nhóm thủ tục");
	g_assert_cmpstr(item_field_get(is, "hieuqua"), ==, "đỡ chờ");
	g_assert_null(item_field_get(is, ITEM_KEY_CONTACT)); /* it is not whom to ask about the other */
	g_assert_cmpuint(is->attachments->len, ==, 2); /* the photo was the same */
	g_assert_cmpstr(g_ptr_array_index(is->attachment_adapters, 0), ==, "console");
	g_assert_true(is_found(f, "in theo nhom thu tuc"));
}

static void test_merge_keeps_every_word(void)
{
	struct fixture f;
	int64_t from, into;
	g_autoptr(item_t) was = NULL, is = NULL, i = NULL, of_message = NULL;
	struct attachment photo = { .kind = ATTACHMENT_PHOTO, .file_id = (char *)"F1", .unique_id = (char *)"U1", .size = -1 };
	struct attachment plan = { .kind = ATTACHMENT_FILE, .file_id = (char *)"F2", .name = (char *)"kế hoạch.pdf", .size = 7 };
	g_autoptr(chat_t) chat = NULL;

	fixture_open(&f);
	into = item_put(&f, "Quét mã QR", "Cách quét", NULL, NULL, ITEM_APPROVED);
	from = item_put(&f, "Dán mã QR ở xã", "In theo nhóm thủ tục", "GIAOTHUY", f.hoa, ITEM_WAITING);
	g_assert_cmpint(store_item_by_row(f.db, from, &i, NULL), ==, STORE_OK);
	item_field_set(i, "hieuqua", "đỡ chờ");
	item_field_set(i, "chiphi", "3 triệu");
	item_field_set(i, ITEM_KEY_CONTACT, "đ/c Hoa 0912 345 678");
	g_assert_cmpint(store_item_save(f.db, i, false, f.hoa, NOW, NULL), ==, STORE_OK);
	g_assert_cmpint(store_item_attach(f.db, from, &photo, "console", f.hoa, NOW, NULL), ==, STORE_OK);
	g_assert_cmpint(store_item_attach(f.db, from, &plan, "console", f.hoa, NOW, NULL), ==, STORE_OK);
	g_assert_cmpint(store_item_attach(f.db, from, &plan, "console", f.hoa, NOW, NULL), ==, STORE_DUPLICATE);
	g_assert_cmpint(store_item_attach(f.db, into, &photo, "console", NULL, NOW, NULL), ==, STORE_OK);
	g_assert_cmpint(store_chat_seen(f.db, "console", "g", CHAT_GROUP, "Nhóm", NOW, &chat, NULL), ==, STORE_OK);
	g_assert_true(store_item_link_message(f.db, from, chat->id, "m1", "source", NULL));
	/* Its author means it as a part: it waits as before, and nothing of it is anywhere else. */
	g_assert_cmpint(store_item_fold_propose(f.db, from, into, f.lan, NOW, NULL), ==, STORE_DENIED);
	g_assert_cmpint(store_item_fold_propose(f.db, into, from, f.hoa, NOW, NULL), ==, STORE_DENIED);
	g_assert_cmpint(store_item_fold_propose(f.db, from, from, f.hoa, NOW, NULL), ==, STORE_WRONG_STATE);
	g_assert_cmpint(store_item_fold_propose(f.db, from, into, f.hoa, NOW, NULL), ==, STORE_OK);
	was = item_at(&f, 2);
	is = item_at(&f, 1);
	g_assert_cmpint(was->status, ==, ITEM_WAITING);
	g_assert_cmpint(was->merged_into, ==, into);
	g_assert_cmpstr(is->body, ==, "Cách quét");
	g_assert_null(item_field_get(is, "hieuqua"));
	g_assert_cmpuint(is->attachments->len, ==, 1);
	g_assert_cmpint(store_item_merge(f.db, from, into, "x", f.hoa, NOW, NULL), ==, STORE_DENIED);
	g_assert_cmpint(store_item_merge(f.db, from, from, "x", f.moderator, NOW, NULL), ==, STORE_WRONG_STATE);
	g_assert_cmpint(store_item_merge(f.db, from, into, "SK2: In theo nhóm thủ tục", f.moderator, NOW, NULL), ==, STORE_OK);
	merged_check(&f, from, into);
	g_assert_cmpint(store_item_of_message(f.db, chat->id, "m1", &of_message, NULL), ==, STORE_OK);
	g_assert_cmpint(of_message->id, ==, from); /* its edits are none of the other's */
	g_assert_cmpint(store_item_merge(f.db, from, into, "x", f.moderator, NOW, NULL), ==, STORE_WRONG_STATE);
	g_assert_cmpint(store_item_fold_propose(f.db, from, into, f.hoa, NOW, NULL), ==, STORE_WRONG_STATE);
	fixture_close(&f);
}

/* What was meant as a part of a part is one of the whole; lines that are there already are not doubled; what is gone takes nothing. */
static void test_parts_of_parts(void)
{
	struct fixture f;
	int64_t whole, part, part_of_part, gone;
	g_autoptr(item_t) is = NULL, was = NULL, i = NULL, k = NULL, now = NULL, freed = NULL;

	fixture_open(&f);
	whole = item_put(&f, "Quét mã QR", "", NULL, NULL, ITEM_APPROVED);    /* SK1 */
	part = item_put(&f, "Dán mã", "Ở xã", NULL, f.hoa, ITEM_WAITING);	    /* SK2 */
	part_of_part = item_put(&f, "Dán nữa", "Ở thôn", NULL, f.hoa, ITEM_WAITING); /* SK3 */
	gone = item_put(&f, "Bỏ đi", "x", NULL, f.hoa, ITEM_WAITING);	    /* SK4 */
	g_assert_cmpint(store_item_by_row(f.db, part, &i, NULL), ==, STORE_OK);
	item_field_set(i, "hieuqua", "nhanh\nrẻ");
	g_assert_cmpint(store_item_save(f.db, i, false, f.hoa, NOW, NULL), ==, STORE_OK);
	g_assert_cmpint(store_item_by_row(f.db, part_of_part, &k, NULL), ==, STORE_OK);
	item_field_set(k, "hieuqua", "rẻ");
	g_assert_cmpint(store_item_save(f.db, k, false, f.hoa, NOW, NULL), ==, STORE_OK);
	g_assert_cmpint(store_item_fold_propose(f.db, part_of_part, part, f.hoa, NOW, NULL), ==, STORE_OK);
	g_assert_cmpint(store_item_fold_propose(f.db, part, part_of_part, f.hoa, NOW, NULL), ==, STORE_OK); /* each as a part of the other */
	g_assert_cmpint(store_item_merge(f.db, part_of_part, part, "x", f.moderator, NOW, NULL), ==, STORE_WRONG_STATE); /* not approved */
	g_assert_cmpint(store_item_merge(f.db, part, whole, "SK2", f.moderator, NOW, NULL), ==, STORE_OK);
	was = item_at(&f, 3);
	g_assert_cmpint(was->status, ==, ITEM_WAITING);
	g_assert_cmpint(was->merged_into, ==, whole);
	g_assert_cmpint(store_item_merge(f.db, part_of_part, whole, "SK3", NULL, NOW, NULL), ==, STORE_OK);
	is = item_at(&f, 1);
	g_assert_cmpint(is->merged_into, ==, 0);
	g_assert_cmpstr(is->body, ==, "SK2\n\nSK3");
	g_assert_cmpstr(item_field_get(is, "hieuqua"), ==, "nhanh\nrẻ");
	g_assert_cmpint(store_item_decide(f.db, ITEM_INITIATIVE, 1, ITEM_WITHDRAW, NULL, f.moderator, NOW, &now, NULL), ==, STORE_OK);
	g_assert_cmpint(store_item_fold_propose(f.db, gone, whole, f.moderator, NOW, NULL), ==, STORE_WRONG_STATE);
	g_assert_cmpint(store_item_merge(f.db, gone, whole, "x", f.moderator, NOW, NULL), ==, STORE_WRONG_STATE);
	g_assert_cmpint(store_item_fold_propose(f.db, gone, 0, f.hoa, NOW, NULL), ==, STORE_OK);
	freed = item_at(&f, 4);
	g_assert_cmpint(freed->merged_into, ==, 0);
	fixture_close(&f);
}

static void test_messages_lead_to_their_item(void)
{
	struct fixture f;
	g_autoptr(chat_t) chat = NULL;
	g_autoptr(item_t) i = NULL;
	int64_t id;

	fixture_open(&f);
	id = item_put(&f, "Tên", "Nội dung", NULL, f.lan, ITEM_WAITING);
	g_assert_cmpint(store_chat_seen(f.db, "console", "g", CHAT_GROUP, "Nhóm", NOW, &chat, NULL), ==, STORE_OK);
	g_assert_cmpint(store_item_of_message(f.db, chat->id, "m1", &i, NULL), ==, STORE_NOT_FOUND);
	g_assert_true(store_item_link_message(f.db, id, chat->id, "m1", "source", NULL));
	g_assert_true(store_item_link_message(f.db, id, chat->id, "m1", "source", NULL));
	g_assert_cmpint(store_item_of_message(f.db, chat->id, "m1", &i, NULL), ==, STORE_OK);
	g_assert_cmpint(i->id, ==, id);
	g_clear_pointer(&i, item_free);
	{
		/* The bot's own message about it, through post and delivery. */
		struct post p = { .text = (char *)"Đã nhận SK1", .class = CLASS_DIRECT, .item_id = id };
		struct delivery_target to = { .chat_id = chat->id };
		struct post_part part = { .len = strlen(p.text) };
		struct delivery_settlement s = { .state = DELIVERY_SENT, .remote_id = (char *)"b77" };
		int64_t post;
		g_autoptr(GPtrArray) claimed = NULL;

		g_assert_true(store_post_add(f.db, &p, NOW, &post, NULL));
		g_assert_true(store_delivery_add(f.db, post, &to, &part, 1, NOW, NULL));
		s.id = int64_of(&f, "SELECT max(id) FROM delivery");
		claimed = store_delivery_claim(f.db, &s.id, 1, NULL);
		g_assert_cmpuint(claimed->len, ==, 1);
		g_assert_true(store_delivery_settle(f.db, &s, NOW, NULL));
	}
	g_assert_cmpint(store_item_of_message(f.db, chat->id, "b77", &i, NULL), ==, STORE_OK);
	g_assert_cmpint(i->id, ==, id);
	fixture_close(&f);
}

static void test_same_text_within_a_day_is_one_item(void)
{
	struct fixture f;
	g_autoptr(item_t) i = NULL;

	fixture_open(&f);
	item_put(&f, "Dán mã QR", "In mã, dán ở bàn tiếp dân", NULL, f.hoa, ITEM_WAITING);
	g_assert_cmpint(store_item_same(f.db, f.hoa->id, "DAN MA QR", "in mã  dán ở bàn tiếp dân.", NOW + DAY_MS - 1, &i, NULL), ==,
			STORE_OK);
	g_assert_cmpint(i->number, ==, 1);
	g_clear_pointer(&i, item_free);
	g_assert_cmpint(store_item_same(f.db, f.hoa->id, "Dán mã QR", "In mã, dán ở bàn tiếp dân", NOW + DAY_MS, &i, NULL), ==,
			STORE_NOT_FOUND);
	g_assert_cmpint(store_item_same(f.db, f.lan->id, "Dán mã QR", "In mã, dán ở bàn tiếp dân", NOW, &i, NULL), ==,
			STORE_NOT_FOUND);
	g_assert_cmpint(store_item_same(f.db, f.hoa->id, "Dán mã QR", "Khác", NOW, &i, NULL), ==, STORE_NOT_FOUND);
	/* Withdrawn by mistake and sent again: that is a new one. */
	g_assert_cmpint(decide(&f, 1, ITEM_WITHDRAW, f.hoa, NOW), ==, STORE_OK);
	g_assert_cmpint(store_item_same(f.db, f.hoa->id, "Dán mã QR", "In mã, dán ở bàn tiếp dân", NOW, &i, NULL), ==,
			STORE_NOT_FOUND);
	fixture_close(&f);
}

static void test_open_items_of_a_person(void)
{
	struct fixture f;
	g_autoptr(GPtrArray) open = NULL, waiting = NULL, late = NULL;
	int64_t n;

	fixture_open(&f);
	item_put(&f, "Nháp", "", NULL, f.lan, ITEM_DRAFT);
	item_put(&f, "Chờ", "x", NULL, f.lan, ITEM_WAITING);
	item_put(&f, "Duyệt", "x", NULL, f.lan, ITEM_APPROVED);
	item_put(&f, "Người khác", "x", NULL, f.hoa, ITEM_WAITING);
	open = store_item_open_of(f.db, f.lan->id, NOW, NULL);
	g_assert_cmpuint(open->len, ==, 2);
	g_assert_cmpint(((struct item *)g_ptr_array_index(open, 0))->number, ==, 2); /* newest first */
	late = store_item_open_of(f.db, f.lan->id, NOW + 1, NULL);
	g_assert_cmpuint(late->len, ==, 0);
	waiting = store_item_waiting(f.db, 10, NULL);
	g_assert_cmpuint(waiting->len, ==, 2);
	g_assert_cmpint(((struct item *)g_ptr_array_index(waiting, 0))->number, ==, 2); /* oldest first */
	g_assert_true(store_item_count(f.db, ITEM_INITIATIVE, ITEM_WAITING, &n, NULL));
	g_assert_cmpint(n, ==, 2);
	fixture_close(&f);
}

static void test_a_unit_adopts_once_and_not_its_own(void)
{
	struct fixture f;
	struct member *homeless;
	g_autoptr(item_t) i = NULL;
	int64_t id, hidden;

	fixture_open(&f);
	homeless = person_add(f.db, "chưa rõ", NULL, ROLE_MEMBER);
	id = item_put(&f, "Tên", "x", "VUBAN", f.lan, ITEM_APPROVED);
	hidden = item_put(&f, "Kín", "x", "VUBAN", f.lan, ITEM_WAITING);
	g_assert_cmpint(store_item_adopt(f.db, id, f.lan, NULL, NULL, NOW, NULL), ==, STORE_WRONG_STATE);
	g_assert_cmpint(store_item_adopt(f.db, id, homeless, NULL, NULL, NOW, NULL), ==, STORE_DENIED);
	g_assert_cmpint(store_item_adopt(f.db, hidden, f.hoa, NULL, NULL, NOW, NULL), ==, STORE_NOT_FOUND);
	g_assert_cmpint(store_item_adopt(f.db, id, f.hoa, "hoctap", "xem đã", NOW, NULL), ==, STORE_OK);
	g_assert_cmpint(store_item_adopt(f.db, id, f.nam, NULL, NULL, NOW, NULL), ==, STORE_DUPLICATE);
	i = item_at(&f, 1);
	g_assert_cmpint(i->n_adopted, ==, 1);
	member_free(homeless);
	fixture_close(&f);
}

static enum item_import import(struct fixture *f, const char *ref, const char *title, const char *body, int64_t *ret_number)
{
	g_autoptr(item_t) i = draft_new(title, body, NULL, NULL, ITEM_DRAFT);
	enum item_import what = ITEM_IMPORT_SAME;

	i->ref = g_strdup(ref);
	i->source = g_strdup("tệp");
	g_assert_cmpint(store_item_import(f->db, i, NOW, &what, NULL), ==, STORE_OK);
	*ret_number = i->number;
	return what;
}

static void test_import_knows_its_refs(void)
{
	struct fixture f;
	g_autoptr(item_t) i = NULL;
	int64_t n;

	fixture_open(&f);
	g_assert_cmpint(import(&f, "A1", "Loa thông minh", "Cũ", &n), ==, ITEM_IMPORT_NEW);
	g_assert_cmpint(import(&f, "A1", "Loa thông minh", "Cũ", &n), ==, ITEM_IMPORT_SAME);
	g_assert_cmpint(n, ==, 1);
	g_assert_cmpint(import(&f, "A2", "Loa thông minh", "Cũ", &n), ==, ITEM_IMPORT_NEW);
	g_assert_cmpint(import(&f, NULL, "Không mã", "Cũ", &n), ==, ITEM_IMPORT_NEW);
	g_assert_cmpint(import(&f, NULL, "Không mã", "Cũ", &n), ==, ITEM_IMPORT_NEW);
	g_assert_cmpint(n, ==, 4);
	g_assert_cmpint(import(&f, "A1", "Bảng tin", "Mới", &n), ==, ITEM_IMPORT_UPDATED);
	g_assert_cmpint(n, ==, 1);
	i = item_at(&f, 1);
	g_assert_cmpstr(i->title, ==, "Bảng tin");
	g_assert_cmpint(i->status, ==, ITEM_APPROVED);
	g_assert_cmpint(i->version, ==, 2);
	g_assert_true(is_found(&f, "bang tin"));
	/* What people have added stays; what a moderator took down stays down. */
	item_field_set(i, "hieuqua", "tốt");
	g_assert_cmpint(store_item_save(f.db, i, false, f.moderator, NOW, NULL), ==, STORE_OK);
	g_assert_cmpint(import(&f, "A1", "Bảng tin", "Mới", &n), ==, ITEM_IMPORT_SAME);
	g_assert_cmpint(decide(&f, 1, ITEM_WITHDRAW, f.moderator, NOW), ==, STORE_OK);
	g_assert_cmpint(import(&f, "A1", "Bảng tin", "Mới nữa", &n), ==, ITEM_IMPORT_UPDATED);
	assert_status(&f, 1, ITEM_WITHDRAWN);
	g_assert_false(is_found(&f, "moi nua"));
	fixture_close(&f);
}

static void test_export_walks_in_chunks(void)
{
	struct fixture f;
	int64_t after = 0;
	guint n = 0;

	fixture_open(&f);
	seeds_load_all(&f);
	item_put(&f, "Chờ", "x", NULL, f.lan, ITEM_WAITING);
	for (;;) {
		g_autoptr(GPtrArray) some = store_item_list(f.db, after, true, 5, NULL);

		if (some->len == 0)
			break;
		n += some->len;
		after = ((struct item *)g_ptr_array_index(some, some->len - 1))->id;
	}
	g_assert_cmpuint(n, ==, 18);
	{
		g_autoptr(GPtrArray) all = store_item_list(f.db, 0, false, 100, NULL);

		g_assert_cmpuint(all->len, ==, 19);
	}
	fixture_close(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/item/ids", test_ids_as_typed);
	g_test_add_func("/item/labels", test_labels_are_replaced_and_removed);
	g_test_add_func("/item/round-trip", test_what_is_stored_comes_back);
	g_test_add_func("/item/numbers", test_numbers_are_never_used_twice);
	g_test_add_func("/item/moves", test_every_legal_and_illegal_move);
	g_test_add_func("/item/two-moderators", test_two_moderators_decide_at_once);
	g_test_add_func("/item/rights", test_who_may_decide);
	g_test_add_func("/item/withdrawn", test_withdrawn_comes_back_as_it_was_for_thirty_days);
	g_test_add_func("/item/version", test_save_with_an_old_version_changes_nothing);
	g_test_add_func("/item/save", test_save_keeps_index_and_audit_in_step);
	g_test_add_func("/item/to-waiting", test_complete_drafts_and_returned_items_go_to_the_moderator);
	g_test_add_func("/item/merge", test_merge_keeps_every_word);
	g_test_add_func("/item/parts-of-parts", test_parts_of_parts);
	g_test_add_func("/item/messages", test_messages_lead_to_their_item);
	g_test_add_func("/item/same", test_same_text_within_a_day_is_one_item);
	g_test_add_func("/item/open", test_open_items_of_a_person);
	g_test_add_func("/item/adopt", test_a_unit_adopts_once_and_not_its_own);
	g_test_add_func("/item/import", test_import_knows_its_refs);
	g_test_add_func("/item/export", test_export_walks_in_chunks);
	return g_test_run();
}
