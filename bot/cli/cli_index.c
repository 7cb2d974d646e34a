/* SPDX-License-Identifier: MIT */
/* `index`: is the search index what it should be, and building it anew beside a running daemon. */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "cli.h"
#include "store/search/index_check.h"
#include "store/search/rebuild.h"
#include "store/store_lock.h"

/* Between two steps the database is left to others: a daemon looks for the lock every few milliseconds. */
#define PAUSE_US 5000
#define PROGRESS_MS 200

#define MIB (1024.0 * 1024.0)

/* --- check --- */

static void say_json(const struct rebuild_state *s, const struct index_report *r, const char *complaint)
{
	g_autoptr(cJSON) o = cJSON_CreateObject();
	g_autofree char *text = NULL;

	cJSON_AddNumberToObject(o, "items", (double)s->items);
	cJSON_AddNumberToObject(o, "findable", (double)r->findable);
	cJSON_AddNumberToObject(o, "missing", (double)r->missing);
	cJSON_AddNumberToObject(o, "initialisms", (double)r->initialisms);
	cJSON_AddNumberToObject(o, "tokenizer", s->tokenizer);
	cJSON_AddNumberToObject(o, "bytes", (double)r->bytes);
	cJSON_AddNumberToObject(o, "text_bytes", (double)r->text_bytes);
	cJSON_AddBoolToObject(o, "outdated", s->is_outdated);
	cJSON_AddBoolToObject(o, "rebuilding", s->phase != REBUILD_NONE);
	json_add_str(o, "complaint", complaint);
	text = cJSON_PrintUnformatted(o);
	printf("%s\n", text);
}

static void say_text(const struct rebuild_state *s, const struct index_report *r, const char *complaint)
{
	printf("Chỉ mục tìm kiếm: %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT " mục, %" G_GINT64_FORMAT " từ và cặp từ, phiên bản %d,"
	       " %.1f MiB (văn bản %.1f MiB)\n",
	       s->items, r->findable, r->tokens, s->tokenizer, (double)r->bytes / MIB, (double)r->text_bytes / MIB);
	if (complaint)
		printf("  hỏng: %s\n", complaint);
	else
		printf("  nguyên vẹn: đã đọc hết chỉ mục, thử từng từ của %" G_GINT64_FORMAT " mục, đối chiếu %" G_GINT64_FORMAT
		       " từ viết tắt do các mục tự giải thích\n", r->n_tried, r->initialisms);
	if (r->missing > 0)
		printf("  còn thiếu %" G_GINT64_FORMAT " mục\n", r->missing);
	if (s->phase != REBUILD_NONE)
		printf("  đang được lập lại, đã xong %" G_GINT64_FORMAT " mục\n", s->done > 0 ? s->done : s->items);
	else if (s->is_outdated)
		printf("  lập theo quy tắc hoặc danh mục cũ\n");
	if (s->phase == REBUILD_NONE && (complaint || r->missing > 0 || s->is_outdated))
		printf("  → cdsbot index --rebuild\n");
}

static int check(struct db *db, bool json)
{
	g_autofree char *complaint = NULL;
	g_autoptr(GError) error = NULL;
	struct rebuild_state s;
	struct index_report r;

	if (!rebuild_get(db, &s, &error) || !index_check(db, &r, &complaint, &error))
		return cli_fail(&cli_index_word, error);
	if (json)
		say_json(&s, &r, complaint);
	else
		say_text(&s, &r, complaint);
	return complaint || r.missing > 0 || s.is_outdated ? CLI_FAILED : CLI_DONE;
}

/* --- rebuild --- */

static bool step(struct db *db, bool is_asked, struct rebuild_state *s, GError **error)
{
	if (!db_begin(db, error))
		return false;
	if (rebuild_step(db, is_asked, s, error))
		return db_commit(db, error);
	db_rollback(db);
	return false;
}

static void show(const struct rebuild_state *s, int64_t *shown_ms, bool is_last)
{
	const int64_t now = clock_mono_ms();

	if (!isatty(STDERR_FILENO) || (!is_last && now - *shown_ms < PROGRESS_MS))
		return;
	*shown_ms = now;
	switch (s->phase) {
	case REBUILD_BUILD:
		fprintf(stderr, "\r\033[Kđã lập %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT " mục", s->done, s->items);
		break;
	case REBUILD_FILL_MERGE:
	case REBUILD_BUILD_MERGE:
		fprintf(stderr, "\r\033[Kđang gộp chỉ mục");
		break;
	case REBUILD_CLEAR:
		fprintf(stderr, "\r\033[Kđang dọn chỉ mục cũ");
		break;
	case REBUILD_NONE:
	case REBUILD_FILL:
		fprintf(stderr, "\r\033[Kđã lập %" G_GINT64_FORMAT " mục", s->items);
		break;
	}
	if (is_last)
		fprintf(stderr, "\n");
}

/* What somebody was killed over is gone on with; what is left of an older one is cleared first. */
static bool rebuild_all(struct db *db, struct rebuild_state *s, GError **error)
{
	bool is_asked = true;
	int64_t shown_ms = 0;

	do {
		if (!step(db, is_asked, s, error))
			return false;
		is_asked = is_asked && (s->phase == REBUILD_NONE || s->phase == REBUILD_CLEAR);
		show(s, &shown_ms, !is_asked && !s->is_wanted);
		g_usleep(PAUSE_US);
	} while (is_asked || s->is_wanted);
	return true;
}

static int rebuild(struct db *db, const char *path)
{
	g_autoptr(GError) error = NULL;
	struct rebuild_state s;
	int right = store_lock(path, STORE_RIGHT_INDEX, "cdsbot index --rebuild", &error), status = CLI_DONE;

	if (right < 0)
		return cli_fail(&cli_index_word, error);
	if (rebuild_all(db, &s, &error))
		printf("đã lập lại chỉ mục: %" G_GINT64_FORMAT " mục\n", s.items);
	else
		status = cli_fail(&cli_index_word, error);
	store_unlock(right);
	return status;
}

static int index_run(int argc, char **argv)
{
	struct cli_common c = { 0 };
	gboolean is_rebuild = FALSE, is_check = FALSE;
	const GOptionEntry own[] = { { "rebuild", 0, 0, G_OPTION_ARG_NONE, &is_rebuild, "build it anew", NULL },
				     { "check", 0, 0, G_OPTION_ARG_NONE, &is_check, "say how it is (as without an option)", NULL },
				     { NULL } };
	g_autoptr(config_t) config = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(db_t) db = NULL;
	int status = CLI_USAGE;

	if (!cli_parse(&cli_index_word, &c, true, own, &argc, &argv))
		status = CLI_USAGE;
	else if (argc > 1 || (is_rebuild && is_check) || (is_rebuild && c.json))
		status = cli_usage(&cli_index_word, argc > 1 ? "takes no further arguments" : "--rebuild stands alone");
	else if (!(config = cli_config(&cli_index_word, &c, false, &status)))
		; /* said already */
	else if (!(db = cli_db(config, &error)))
		status = cli_fail(&cli_index_word, error);
	else
		status = is_rebuild ? rebuild(db, config_str(config, "store", "path")) : check(db, c.json);
	cli_common_clear(&c);
	return status;
}

const struct cli_word cli_index_word = {
	.name = "index",
	.usage = "index (--data DIR | --config FILE) [[--json] [--check] | --rebuild]",
	.summary = "Chỉ mục tìm kiếm: có đủ và nguyên vẹn không; --rebuild lập lại từ đầu, dịch vụ vẫn chạy và vẫn tìm được.",
	.run = index_run,
};
