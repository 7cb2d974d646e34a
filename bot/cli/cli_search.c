/* SPDX-License-Identifier: MIT */
/* `search`: the group's search from the command line, one query or one a line. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "bot/reader.h"
#include "cli.h"
#include "store/register.h"
#include "store/search/rebuild.h"
#include "store/search/search.h"

#define SEARCH_LIMIT_MAX 1000

struct asker {
	struct db *db;
	struct registry *registry;
	unsigned limit;
	bool json;
};

static cJSON *hit_json(const struct search_hit *h)
{
	cJSON *o = cJSON_CreateObject();
	g_autofree char *id = item_id_text(h->kind, h->number);

	json_add_str(o, "id", id);
	json_add_str(o, "ref", h->ref);
	json_add_str(o, "title", h->title);
	json_add_str(o, "kind", item_kind_prefix(h->kind));
	json_add_str(o, "unit", h->unit);
	json_add_str(o, "field", h->field);
	cJSON_AddNumberToObject(o, "score", h->score);
	json_add_str(o, "snippet", h->snippet);
	return o;
}

static void print_hits(const struct asker *a, const GPtrArray *hits)
{
	if (!a->json) {
		for (guint i = 0; i < hits->len; i++) {
			const struct search_hit *h = hits->pdata[i];
			g_autofree char *id = item_id_text(h->kind, h->number);
			const struct unit *u = h->unit ? registry_unit(a->registry, h->unit) : NULL;

			printf("%-6s %s%s%s\n", id, h->title, u ? " · " : "", u ? u->name : "");
		}
		return;
	}
	g_autoptr(cJSON) array = cJSON_CreateArray();
	g_autofree char *text = NULL;

	for (guint i = 0; i < hits->len; i++)
		cJSON_AddItemToArray(array, hit_json(hits->pdata[i]));
	text = json_text(array);
	puts(text);
}

static bool ask(const struct asker *a, const char *typed, GError **error)
{
	g_autofree char *clean = text_clean(typed, strlen(typed));
	struct search_words w;
	struct unit_match m = { NULL, NULL };
	const struct field *f = NULL;
	GPtrArray *near = NULL;
	g_autoptr(GPtrArray) hits = NULL;

	reader_search_words(clean, &w);
	if (w.unit)
		registry_match_unit(a->registry, w.unit, &m);
	if (w.field)
		f = registry_match_field(a->registry, w.field, &near);
	const struct search_query q = {
		.text = w.text,
		.unit = m.unit ? m.unit->code : NULL,
		.field = f ? f->code : NULL,
		.kind = -1,
		.year = w.year,
		.limit = a->limit,
	};

	hits = store_search(a->db, a->registry, &q, NULL, error);
	if (hits)
		print_hits(a, hits);
	unit_match_clear(&m);
	if (near)
		g_ptr_array_unref(near);
	search_words_clear(&w);
	return hits != NULL;
}

static bool ask_lines(const struct asker *a, GError **error)
{
	g_autofree char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, stdin)) >= 0) {
		while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			line[--n] = '\0';
		if (!ask(a, line, error))
			return false;
		fflush(stdout);
	}
	return true;
}

/* A running daemon rebuilds it by itself; without one nobody does. */
static void say_index(struct db *db)
{
	struct rebuild_state s;

	if (rebuild_get(db, &s, NULL) && s.is_outdated)
		fprintf(stderr, "chỉ mục tìm kiếm chưa đầy đủ hoặc lập theo quy tắc cũ: cdsbot index --rebuild\n");
}

static int search(struct config *config, struct asker *a, const char *query)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(db_t) db = cli_db(config, &error);
	g_autoptr(registry_t) r = db ? store_register_load(db, &error) : NULL;

	if (!r)
		return cli_fail(&cli_search_word, error);
	a->db = db;
	a->registry = r;
	say_index(db);
	if (query ? !ask(a, query, &error) : !ask_lines(a, &error))
		return cli_fail(&cli_search_word, error);
	return CLI_DONE;
}

static int search_run(int argc, char **argv)
{
	struct cli_common c = { 0 };
	int limit = 10, status = CLI_USAGE;
	gboolean from_stdin = FALSE;
	const GOptionEntry own[] = { { "limit", 'n', 0, G_OPTION_ARG_INT, &limit, "at most N hits (10)", "N" },
				     { "stdin", 0, 0, G_OPTION_ARG_NONE, &from_stdin, "one query a line from standard input", NULL },
				     { NULL } };
	g_autoptr(config_t) config = NULL;

	if (cli_parse(&cli_search_word, &c, true, own, &argc, &argv)) {
		g_autofree char *query = argc > 1 ? g_strjoinv(" ", argv + 1) : NULL;
		struct asker a = { .limit = (unsigned)MAX(limit, 0), .json = c.json };

		if (limit < 1 || limit > SEARCH_LIMIT_MAX)
			status = cli_usage(&cli_search_word, "--limit takes 1 to 1000");
		else if (!query == !from_stdin)
			status = cli_usage(&cli_search_word, query ? "--stdin and a query exclude each other" : "what shall be searched for?");
		else if ((config = cli_config(&cli_search_word, &c, false, &status)))
			status = search(config, &a, query);
	}
	cli_common_clear(&c);
	return status;
}

const struct cli_word cli_search_word = {
	.name = "search",
	.usage = "search (--data DIR | --config FILE) [--json] [--limit N] (QUERY | --stdin)",
	.summary = "Tìm sáng kiến theo từ khóa.",
	.run = search_run,
};
