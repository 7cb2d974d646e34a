/* SPDX-License-Identifier: MIT */
/* Migration of the search index: the texts themselves under our own tokenizer, in place of search tokens under FTS5's. It is never edited after
 * a release. The index is filled by search/rebuild.c once every migration is through. */
#include "schema.h"

/* An index: what is asked, and, with _next behind the names, what is being built beside it. */
#define INDEX(next)                                                                                                                \
	/* rowid = item.id. It keeps no content: title and body stand in item already. */                                          \
	"CREATE VIRTUAL TABLE search_index" next " USING fts5 (title, body, labels, unit, more, content = '', tokenize = 'cdsbot');" \
	/* A batch of an import is written as one piece, not as a dozen that have to be merged at once. */                         \
	"INSERT INTO search_index" next " (search_index" next ", rank) VALUES ('hashsize', 8388608);"                              \
	/* Pieces of a size that are left to gather before they are merged. With the usual 4 each text is written anew once more at a   \
	 * million items; with 16 a question reads half as many pieces again. */                                                   \
	"INSERT INTO search_index" next " (search_index" next ", rank) VALUES ('automerge', 8);"                                   \
	/* The texts of an indexed item that stand nowhere else in this form. Taking an item out needs exactly what was put in, whatever \
	 * has become of unit names and abbreviations since. */                                                                    \
	"CREATE TABLE search_doc" next " ("                                                                                        \
	" item_id INTEGER PRIMARY KEY,"                                                                                            \
	" labels TEXT,"                                                                                                            \
	" unit TEXT,"                                                                                                              \
	" more TEXT,"                                                                                                              \
	" defined TEXT"		/* its lines in search_initialism */                                                               \
	");"                                                                                                                       \
	/* vocabulary.c */                                                                                                         \
	"CREATE TABLE search_word" next " ("                                                                                       \
	" word TEXT PRIMARY KEY,"	/* folded */                                                                                   \
	" n INTEGER NOT NULL"		/* items that have it, about */                                                                \
	") WITHOUT ROWID;"                                                                                                         \
	/* initialism.c: what approved items say their abbreviations stand for, both folded */                                     \
	"CREATE TABLE search_initialism" next " ("                                                                                 \
	" folded TEXT,"                                                                                                            \
	" expansion TEXT,"                                                                                                         \
	" items INTEGER NOT NULL,"	/* that say so */                                                                          \
	" PRIMARY KEY (folded, expansion)"                                                                                         \
	") WITHOUT ROWID;"                                                                                                         \
	"CREATE INDEX search_initialism" next "_expansion ON search_initialism" next " (expansion);"

const char schema_5_search[] =
	"DROP TABLE search_terms;"
	"DROP TABLE search_index;"
	INDEX("")
	INDEX("_next")
	/* index.c and rebuild.c; one row */
	"CREATE TABLE search_state ("
	" id INTEGER PRIMARY KEY CHECK (id = 1),"
	" tokenizer INTEGER NOT NULL,"	    /* TOKENIZER_VERSION of search_index; 0: never filled */
	" register INTEGER NOT NULL,"	    /* register_now of the time when its making began */
	" items INTEGER NOT NULL,"	    /* rows in search_index */
	" register_now INTEGER NOT NULL,"   /* grows with each change of units, fields, abbreviations */
	" phase INTEGER NOT NULL,"	    /* enum rebuild_phase */
	" after INTEGER NOT NULL,"	    /* while it is built: items up to this row are in */
	" next_tokenizer INTEGER NOT NULL," /* as above, of search_index_next */
	" next_register INTEGER NOT NULL,"
	" next_items INTEGER NOT NULL"
	");"
	"INSERT INTO search_state VALUES (1, 0, 0, 0, 0, 0, 0, 0, 0, 0);";
