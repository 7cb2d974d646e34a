/* SPDX-License-Identifier: MIT */
/* Reads the corpus and the queries. */
#include <stdio.h>
#include <string.h>

#include <zlib.h>

#include "base/json.h"

#include "corpus.h"

#define CHUNK_BYTES 65536

static void doc_free(void *p)
{
	struct doc *d = p;

	g_free(d->id);
	g_free(d->title);
	g_free(d->body);
	g_free(d);
}

static void asked_free(void *p)
{
	struct asked *a = p;

	g_free(a->qid);
	g_free(a->text);
	g_free(a->kind);
	g_strfreev(a->relevant);
	g_free(a);
}

static bool doc_add(const cJSON *o, GPtrArray *into)
{
	struct doc *d = g_new0(struct doc, 1);

	d->id = json_dup(o, "id", NULL);
	d->title = json_dup(o, "title", NULL);
	d->body = json_dup(o, "body", NULL);
	g_ptr_array_add(into, d);
	return d->id && d->title && d->body;
}

static bool asked_add(const cJSON *o, GPtrArray *into)
{
	struct asked *a = g_new0(struct asked, 1);
	g_autoptr(GStrvBuilder) ids = g_strv_builder_new();
	const cJSON *id;

	a->qid = json_dup(o, "qid", NULL);
	a->text = json_dup(o, "query", NULL);
	a->kind = json_dup(o, "kind", NULL);
	cJSON_ArrayForEach(id, json_at(o, "relevant")) {
		if (cJSON_IsString(id))
			g_strv_builder_add(ids, id->valuestring);
	}
	a->relevant = g_strv_builder_end(ids);
	g_ptr_array_add(into, a);
	return a->qid && a->text && a->kind && a->relevant[0];
}

/* gzread takes plain files as well. */
static GString *unpack(const char *path)
{
	g_autoptr(GString) text = g_string_new(NULL);
	gzFile f = gzopen(path, "rb");
	char chunk[CHUNK_BYTES];
	int n;

	if (!f)
		return NULL;
	while ((n = gzread(f, chunk, sizeof(chunk))) > 0)
		g_string_append_len(text, chunk, n);
	gzclose(f);
	return n < 0 ? NULL : g_steal_pointer(&text);
}

static GPtrArray *lines_read(const char *path, GDestroyNotify free_one, bool (*add)(const cJSON *o, GPtrArray *into))
{
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_one);
	g_autoptr(GString) text = unpack(path);
	unsigned line = 0;
	char *next;

	if (!text) {
		fprintf(stderr, "%s: cannot be read\n", path);
		return NULL;
	}
	for (char *at = text->str; at && *at; at = next) {
		char *end = strchr(at, '\n');
		size_t len = end ? (size_t)(end - at) : strlen(at);
		g_autoptr(cJSON) o = len > 0 ? json_parse(at, len, NULL) : NULL;

		line++;
		next = end ? end + 1 : NULL;
		if (len > 0 && (!o || !add(o, all))) {
			fprintf(stderr, "%s:%u: not a line of this file\n", path, line);
			return NULL;
		}
	}
	return g_steal_pointer(&all);
}

GPtrArray *corpus_docs_read(const char *path)
{
	return lines_read(path, doc_free, doc_add);
}

GPtrArray *corpus_queries_read(const char *path)
{
	return lines_read(path, asked_free, asked_add);
}
