/* SPDX-License-Identifier: MIT */
/* `import --text`: talk copied or exported from another chat group. Shows what it would keep and names the lines that it did not
 * understand; with --yes the initiatives wait for approval. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"
#include "bot/import_text.h"
#include "cli.h"
#include "import_batch.h"
#include "store/audit.h"
#include "store/register.h"

/* A year of a busy group is a few MiB; what is larger is some other file. */
#define TEXT_FILE_MAX (64 * 1024 * 1024)
/* As in cli_import.c: further ones are only counted. */
#define TEXT_NAMED_MAX 50
#define TEXT_SHOWN_MAX 70 /* characters of a title in the preview */

struct text_import {
	const char *file;
	bool json, store;
	struct db *db;
	struct registry *registry;
	cJSON *items; /* with json */
	struct import_batch batch;
	unsigned n_messages, n_items, n_new, n_same, n_bad;
};

static void say_bad(struct text_import *t, unsigned line, const char *why)
{
	if (++t->n_bad <= TEXT_NAMED_MAX)
		fprintf(stderr, "%s:%u: %s\n", t->file, line, why);
	else if (t->n_bad == TEXT_NAMED_MAX + 1)
		fprintf(stderr, "%s: further bad lines are only counted\n", t->file);
}

static const char *why_not(enum import_text_what what)
{
	switch (what) {
	case IMPORT_TEXT_SENSITIVE:
		return "secrecy stamp or ID number: not kept";
	case IMPORT_TEXT_NO_TITLE:
		return "an initiative without a title";
	case IMPORT_TEXT_NO_BODY:
		return "an initiative without content";
	case IMPORT_TEXT_TOO_LONG:
		return "an initiative over 10,000 characters";
	case IMPORT_TEXT_TALK:
	case IMPORT_TEXT_ITEM:
		break;
	}
	return NULL;
}

static void show(struct text_import *t, const struct import_entry *e)
{
	const struct item *i = e->item;
	const struct unit *unit = i->unit ? registry_unit(t->registry, i->unit) : NULL;
	const struct field *field = i->field ? registry_field(t->registry, i->field) : NULL;
	g_autofree char *title = text_ellipsize(i->title, TEXT_SHOWN_MAX), *id = t->store ? item_id_text(i->kind, i->number) : NULL;
	cJSON *o;

	if (t->json) {
		o = cJSON_CreateObject();
		json_add_int64(o, "line", e->line);
		json_add_str(o, "id", id);
		json_add_str(o, "title", i->title);
		json_add_str(o, "author", e->sender);
		json_add_str(o, "date", i->date);
		json_add_str(o, "unit", i->unit);
		json_add_str(o, "field", i->field);
		cJSON_AddItemToArray(t->items, o);
		return;
	}
	printf("dòng %u: %s%s%s\n    %s%s%s · %s · %s\n", e->line, id ? id : "", id ? " " : "", title, e->sender, i->date ? ", " : "",
	       i->date ? i->date : "", unit ? unit->name : i->unit_text ? i->unit_text : "chưa rõ đơn vị",
	       field ? field->name : "chưa rõ lĩnh vực");
}

/* Where nothing is stored all are new. Only what is committed is counted and shown. */
static bool end_batch(struct text_import *t, GError **error)
{
	if (t->store && !import_batch_store(&t->batch, t->db, error))
		return false;
	for (guint n = 0; n < t->batch.entries->len; n++) {
		const struct import_entry *e = &g_array_index(t->batch.entries, struct import_entry, n);

		if (e->what == ITEM_IMPORT_NEW)
			show(t, e);
		if (t->store && e->what == ITEM_IMPORT_NEW)
			t->n_new++;
		else if (t->store)
			t->n_same++;
	}
	import_batch_empty(&t->batch);
	return true;
}

static bool import_message(struct text_import *t, const struct import_message *m, GError **error)
{
	struct item *i = NULL;
	enum import_text_what what = import_text_item(m, t->registry, &i);
	const char *why = why_not(what);

	if (why)
		say_bad(t, m->line, why);
	if (what != IMPORT_TEXT_ITEM)
		return true;
	t->n_items++;
	return !import_batch_add(&t->batch, i, m->line, m->sender) || end_batch(t, error);
}

static bool import_all(struct text_import *t, const char *text, GError **error)
{
	g_autoptr(GArray) strays = NULL;
	g_autoptr(GPtrArray) messages = import_text_split(text, &strays);

	t->n_messages = messages->len;
	for (guint n = 0; n < strays->len; n++)
		say_bad(t, g_array_index(strays, unsigned, n), "before the first line that names a sender");
	for (guint n = 0; n < messages->len; n++)
		if (!import_message(t, messages->pdata[n], error))
			return false;
	return end_batch(t, error);
}

static void say_result(const struct text_import *t)
{
	g_autofree char *items = t->json ? json_text(t->items) : NULL;

	if (t->json)
		printf("{\"messages\":%u,\"found\":%u,\"new\":%u,\"same\":%u,\"bad\":%u,\"items\":%s}\n", t->n_messages, t->n_items, t->n_new,
		       t->n_same, t->n_bad, items);
	else if (t->store)
		printf("%u tin: %u sáng kiến mới chờ duyệt, %u đã có, %u lỗi. Xem danh sách chờ: gõ /ok\n", t->n_messages, t->n_new, t->n_same, t->n_bad);
	else
		printf("%u tin: thấy %u sáng kiến, %u lỗi. Chưa lưu gì; chạy lại với --yes để lưu chờ duyệt.\n", t->n_messages, t->n_items, t->n_bad);
}

static bool audit_import(struct text_import *t, GError **error)
{
	g_autofree char *counts = g_strdup_printf("%u waiting", t->n_new);
	const struct audit a = { .at_ms = clock_wall_ms(), .actor = "cli", .action = "import.text", .subject = t->file, .after = counts };

	return db_begin(t->db, error) && store_audit_add(t->db, &a, error) && db_commit(t->db, error);
}

/* The whole file as clean text. Caller frees. */
static char *read_file(const char *file, GError **error)
{
	FILE *in = strcmp(file, "-") ? fopen(file, "re") : stdin;
	g_autoptr(GString) all = g_string_new(NULL);
	char chunk[65536];
	size_t n;
	bool ok;

	if (!in) {
		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "%s: %s", file, g_strerror(errno));
		return NULL;
	}
	while (all->len <= TEXT_FILE_MAX && (n = fread(chunk, 1, sizeof(chunk), in)) > 0)
		g_string_append_len(all, chunk, (gssize)n);
	ok = !ferror(in);
	if (in != stdin)
		fclose(in);
	if (!ok || all->len > TEXT_FILE_MAX) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_IO, "%s: %s", file, ok ? "larger than 64 MiB" : "cannot be read");
		return NULL;
	}
	return text_clean(all->str, all->len);
}

int cli_import_text(const struct config *config, const char *file, bool json, bool store)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = read_file(file, &error);
	g_autoptr(db_t) db = text ? cli_db(config, &error) : NULL;
	g_autoptr(registry_t) r = db ? store_register_load(db, &error) : NULL;
	g_autoptr(cJSON) items = cJSON_CreateArray();
	struct text_import t = { .file = file, .json = json, .store = store, .db = db, .registry = r, .items = items };
	bool ok;

	if (!r)
		return cli_fail(&cli_import_word, error);
	import_batch_init(&t.batch);
	ok = import_all(&t, text, &error) && (!t.n_new || audit_import(&t, &error));
	import_batch_clear(&t.batch);
	if (!ok && db_in_transaction(db))
		db_rollback(db);
	say_result(&t);
	if (!ok)
		return cli_fail(&cli_import_word, error);
	return t.n_bad ? CLI_FAILED : CLI_DONE;
}
