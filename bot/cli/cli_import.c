/* SPDX-License-Identifier: MIT */
/* `import`: JSON lines into approved items, in batches beside a running daemon. Bad lines are named and left out. */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/macros.h"
#include "bot/import_line.h"
#include "cli.h"
#include "import_batch.h"
#include "store/audit.h"
#include "store/register.h"

/* Each is named up to here, further ones are only counted: a wrong file must not flood the terminal. */
#define IMPORT_NAMED_MAX 50
/* A line beyond this is no item; reading it whole would only cost memory. */
#define IMPORT_LINE_MAX (4 * 1024 * 1024)

#define IMPORT_HEAP_KEEP (64 * 1024 * 1024)

struct import {
	const char *file;
	FILE *in;
	struct db *db;
	struct registry *registry;
	bool json, shows_progress;
	struct import_batch batch;
	unsigned line;
	unsigned n_new, n_updated, n_same, n_bad;
	int64_t shown_ms;
};

static void say_bad(struct import *m, const char *why)
{
	if (++m->n_bad <= IMPORT_NAMED_MAX)
		fprintf(stderr, "%s:%u: %s\n", m->file, m->line, why);
	else if (m->n_bad == IMPORT_NAMED_MAX + 1)
		fprintf(stderr, "%s: further bad lines are only counted\n", m->file);
}

static void say_updated(struct import *m, const struct import_entry *e)
{
	g_autofree char *id = item_id_text(e->item->kind, e->item->number);

	if (++m->n_updated <= IMPORT_NAMED_MAX)
		fprintf(stderr, "%s:%u: updates %s (ref %s)\n", m->file, e->line, id, e->item->ref);
}

static void show_progress(struct import *m, bool is_last)
{
	int64_t now = clock_mono_ms();

	if (!m->shows_progress || (!is_last && now - m->shown_ms < 200))
		return;
	m->shown_ms = now;
	fprintf(stderr, "\r%u dòng: %u mới, %u cập nhật, %u không đổi, %u lỗi%s", m->line, m->n_new, m->n_updated, m->n_same, m->n_bad,
		is_last ? "\n" : "");
}

static void count(struct import *m, const struct import_entry *e)
{
	switch (e->what) {
	case ITEM_IMPORT_NEW:
		m->n_new++;
		break;
	case ITEM_IMPORT_UPDATED:
		say_updated(m, e);
		break;
	case ITEM_IMPORT_SAME:
		m->n_same++;
		break;
	}
}

/* Only what is committed is counted and named. */
static bool end_batch(struct import *m, GError **error)
{
	if (!import_batch_store(&m->batch, m->db, error))
		return false;
	for (guint n = 0; n < m->batch.entries->len; n++)
		count(m, &g_array_index(m->batch.entries, struct import_entry, n));
	import_batch_empty(&m->batch);
	return true;
}

static bool import_one(struct import *m, char *text, size_t len, GError **error)
{
	g_autoptr(GError) bad = NULL;
	struct item *i;

	if (len > IMPORT_LINE_MAX) {
		say_bad(m, "line over 4 MiB");
		return true;
	}
	i = import_line(text, len, ITEM_INITIATIVE, m->registry, &bad);
	if (!i) {
		say_bad(m, bad->message);
		return true;
	}
	return !import_batch_add(&m->batch, i, m->line, NULL) || end_batch(m, error);
}

static bool import_all(struct import *m, GError **error)
{
	g_autofree char *text = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&text, &size, m->in)) >= 0) {
		m->line++;
		while (n && g_ascii_isspace(text[n - 1]))
			text[--n] = '\0';
		if (n && !import_one(m, text, (size_t)n, error))
			return false;
		show_progress(m, false);
	}
	if (ferror(m->in)) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_IO, "%s: %s", m->file, g_strerror(errno));
		return false;
	}
	return end_batch(m, error);
}

static void say_result(const struct import *m)
{
	if (m->json)
		printf("{\"lines\":%u,\"new\":%u,\"updated\":%u,\"same\":%u,\"bad\":%u}\n", m->line, m->n_new, m->n_updated, m->n_same, m->n_bad);
	else
		printf("%u dòng: %u mới, %u cập nhật, %u không đổi, %u lỗi\n", m->line, m->n_new, m->n_updated, m->n_same, m->n_bad);
}

static bool audit_import(struct import *m, GError **error)
{
	g_autofree char *counts = g_strdup_printf("%u new, %u updated", m->n_new, m->n_updated);
	const struct audit a = { .at_ms = clock_wall_ms(), .actor = "cli", .action = "import", .subject = m->file, .after = counts };

	return db_begin(m->db, error) && store_audit_add(m->db, &a, error) && db_commit(m->db, error);
}

/* The items are in and can be found, whatever becomes of this. */
static void tidy(struct import *m)
{
	g_autoptr(GError) error = NULL;

	if (!store_item_import_end(m->db, &error))
		fprintf(stderr, "cdsbot import: everything is stored, but the search index could not be put in order: %s\n", error->message);
}

static int import_file(struct config *config, struct import *m)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(db_t) db = cli_db(config, &error);
	g_autoptr(registry_t) r = db ? store_register_load(db, &error) : NULL;
	bool ok;

	if (!r)
		return cli_fail(&cli_import_word, error);
	m->in = !strcmp(m->file, "-") ? stdin : fopen(m->file, "re");
	if (!m->in) {
		fprintf(stderr, "cdsbot import: %s: %s\n", m->file, g_strerror(errno));
		return CLI_FAILED;
	}
	m->db = db;
	store_item_import_many(db);
	m->registry = r;
	/* Millions of short-lived strings: giving memory back after each costs a tenth of the time. */
	mallopt(M_TRIM_THRESHOLD, IMPORT_HEAP_KEEP);
	m->shows_progress = isatty(STDERR_FILENO);
	import_batch_init(&m->batch);
	ok = import_all(m, &error) && ((!m->n_new && !m->n_updated) || audit_import(m, &error));
	import_batch_clear(&m->batch);
	if (!ok && db_in_transaction(db))
		db_rollback(db);
	if (ok)
		tidy(m);
	show_progress(m, true);
	if (m->in != stdin)
		fclose(m->in);
	say_result(m);
	if (!ok)
		return cli_fail(&cli_import_word, error);
	return m->n_bad ? CLI_FAILED : CLI_DONE;
}

static int import_run(int argc, char **argv)
{
	struct cli_common c = { 0 };
	gboolean is_text = FALSE, yes = FALSE;
	const GOptionEntry own[] = { { "text", 't', 0, G_OPTION_ARG_NONE, &is_text, "talk copied from a chat group", NULL },
				     { "yes", 'y', 0, G_OPTION_ARG_NONE, &yes, "with --text: store, do not only show", NULL },
				     { NULL } };
	g_autoptr(config_t) config = NULL;
	int status = CLI_USAGE;

	if (cli_parse(&cli_import_word, &c, true, own, &argc, &argv)) {
		struct import m = { .file = argc == 2 ? argv[1] : NULL, .json = c.json };

		if (!m.file)
			status = cli_usage(&cli_import_word, argc < 2 ? "which file?" : "takes one file");
		else if (yes && !is_text)
			status = cli_usage(&cli_import_word, "--yes goes with --text; JSON lines are stored at once");
		else if ((config = cli_config(&cli_import_word, &c, true, &status)))
			status = is_text ? cli_import_text(config, m.file, c.json, yes) : import_file(config, &m);
	}
	cli_common_clear(&c);
	return status;
}

const struct cli_word cli_import_word = {
	.name = "import",
	.usage = "import (--data DIR | --config FILE) [--json] (FILE.jsonl | --text [--yes] FILE.txt)",
	.summary = "Nạp sáng kiến đã duyệt từ tệp JSON từng dòng; - là đầu vào chuẩn. Với --text: đọc tin chép từ nhóm chat khác, "
		   "xem trước; thêm --yes thì lưu chờ duyệt. Trạng thái 1 nếu có dòng lỗi.",
	.run = import_run,
};
