/* SPDX-License-Identifier: MIT */
/* `export`: items (or the audit log) as JSON lines, in chunks beside a running daemon. `import` reads what this writes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli.h"
#include "store/audit.h"
#include "store/item.h"

/* Rows a read: a long export holds no snapshot (design §5). */
#define EXPORT_CHUNK 500

static cJSON *fields_json(const struct item *i)
{
	cJSON *o = cJSON_CreateObject();

	for (guint n = 0; n < i->fields->len; n++) {
		const struct item_field *f = i->fields->pdata[n];

		json_add_str(o, f->key, f->value);
	}
	return o;
}

static const char *status_word(enum item_status s)
{
	switch (s) {
	case ITEM_DRAFT:
		return "draft";
	case ITEM_WAITING:
		return "waiting";
	case ITEM_RETURNED:
		return "returned";
	case ITEM_APPROVED:
		return "approved";
	case ITEM_REJECTED:
		return "rejected";
	case ITEM_WITHDRAWN:
		return "withdrawn";
	case ITEM_MERGED:
		return "merged";
	}
	return "unknown";
}

static char *item_line(const struct item *i)
{
	g_autoptr(cJSON) o = cJSON_CreateObject();
	g_autofree char *id = item_id_text(i->kind, i->number);

	json_add_str(o, "id", id);
	json_add_str(o, "ref", i->ref ? i->ref : id);
	json_add_str(o, "title", i->title);
	json_add_str(o, "body", i->body);
	json_add_str(o, "unit", i->unit ? i->unit : i->unit_text);
	json_add_str(o, "field", i->field);
	json_add_str(o, "kind", i->kind == ITEM_INITIATIVE ? i->type : item_kind_prefix(i->kind));
	json_add_str(o, "status", status_word(i->status));
	json_add_str(o, "date", i->date);
	json_add_str(o, "source", i->source);
	json_add_int64(o, "created_ms", i->created_ms);
	if (i->fields->len)
		cJSON_AddItemToObject(o, "fields", fields_json(i));
	return json_text(o);
}

static bool export_items(struct db *db, bool all, FILE *out, GError **error)
{
	int64_t after = 0;

	for (;;) {
		g_autoptr(GPtrArray) items = store_item_list(db, after, !all, EXPORT_CHUNK, error);

		if (!items)
			return false;
		for (guint n = 0; n < items->len; n++) {
			const struct item *i = items->pdata[n];
			g_autofree char *line = item_line(i);

			fprintf(out, "%s\n", line);
			after = i->id;
		}
		if (items->len < EXPORT_CHUNK)
			return true;
	}
}

static bool export_audit(struct db *db, FILE *out, GError **error)
{
	int64_t after = 0;

	for (;;) {
		g_autoptr(GPtrArray) rows = store_audit_list(db, after, EXPORT_CHUNK, &after, error);

		if (!rows)
			return false;
		for (guint n = 0; n < rows->len; n++)
			fprintf(out, "%s\n", (const char *)rows->pdata[n]);
		if (rows->len < EXPORT_CHUNK)
			return true;
	}
}

static int export_to(struct config *config, const char *file, bool all, bool audit)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(db_t) db = cli_db(config, &error);
	FILE *out = file ? fopen(file, "we") : stdout;
	bool ok;

	if (!db || !out) {
		if (db)
			fprintf(stderr, "cdsbot export: %s: %s\n", file, g_strerror(errno));
		if (out && out != stdout)
			fclose(out);
		return db ? CLI_FAILED : cli_fail(&cli_export_word, error);
	}
	ok = audit ? export_audit(db, out, &error) : export_items(db, all, out, &error);
	if (fflush(out) != 0 || ferror(out)) {
		fprintf(stderr, "cdsbot export: %s: %s\n", file ? file : "output", g_strerror(errno));
		ok = false;
	}
	if (out != stdout)
		fclose(out);
	if (error)
		return cli_fail(&cli_export_word, error);
	return ok ? CLI_DONE : CLI_FAILED;
}

static int export_run(int argc, char **argv)
{
	struct cli_common c = { 0 };
	g_autofree char *file = NULL;
	gboolean all = FALSE, audit = FALSE;
	const GOptionEntry own[] = { { "output", 'o', 0, G_OPTION_ARG_FILENAME, &file, "write to FILE", "FILE" },
				     { "all", 'a', 0, G_OPTION_ARG_NONE, &all, "items in every state, not only approved ones", NULL },
				     { "audit", 0, 0, G_OPTION_ARG_NONE, &audit, "the log of who changed what", NULL },
				     { NULL } };
	g_autoptr(config_t) config = NULL;
	int status = CLI_USAGE;

	if (cli_parse(&cli_export_word, &c, true, own, &argc, &argv)) {
		if (argc > 1)
			status = cli_usage(&cli_export_word, "takes no further arguments");
		else if ((config = cli_config(&cli_export_word, &c, false, &status)))
			status = export_to(config, file, all, audit);
	}
	cli_common_clear(&c);
	return status;
}

const struct cli_word cli_export_word = {
	.name = "export",
	.usage = "export (--data DIR | --config FILE) [--all | --audit] [-o FILE]",
	.summary = "Xuất sáng kiến (hoặc nhật ký) thành tệp JSON từng dòng; import đọc lại được.",
	.run = export_run,
};
