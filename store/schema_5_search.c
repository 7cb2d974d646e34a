/* SPDX-License-Identifier: MIT */
/* Migration of the search index: the texts themselves under our own tokenizer, in place of search tokens under FTS5's. It is never edited after
 * a release. The index is filled by search_index_bring_up() once every migration is through. */
#include "schema.h"

const char schema_5_search[] =
	"DROP TABLE search_terms;"
	"DROP TABLE search_index;"
	/* rowid = item.id. The table keeps its own content: removing a row needs exactly what was put in, whatever has become of unit names and
	 * abbreviations since. */
	"CREATE VIRTUAL TABLE search_index USING fts5 (title, body, labels, unit, more, tokenize = 'cdsbot');"
	/* vocabulary.c */
	"CREATE TABLE search_word ("
	" word TEXT PRIMARY KEY,"	/* folded */
	" n INTEGER NOT NULL"		/* items that have it, about */
	") WITHOUT ROWID;"
	/* index.c; one row */
	"CREATE TABLE search_state ("
	" id INTEGER PRIMARY KEY CHECK (id = 1),"
	" tokenizer INTEGER NOT NULL,"	/* TOKENIZER_VERSION of search_index; 0: to be filled */
	" items INTEGER NOT NULL"	/* rows in search_index */
	");"
	"INSERT INTO search_state (id, tokenizer, items) VALUES (1, 0, 0);";
