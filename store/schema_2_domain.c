/* SPDX-License-Identifier: MIT */
/* Second migration: the tables of the domain (register, items, announcements) and of the search index.
 * It is never edited after a release; what the rows mean in C is in item.h, announcement.h, register.h and search/. */
#include "schema.h"

const char schema_2_domain[] =
	/* --- register.c: data, editable by command, in the order in which lists show it --- */
	"CREATE TABLE unit ("
	" code TEXT PRIMARY KEY,"
	" name TEXT NOT NULL,"
	" kind TEXT NOT NULL,"		    /* tinh, so, huyen, ... as in units.csv */
	" aliases TEXT NOT NULL,"	    /* as written, separated by semicolons */
	" position INTEGER NOT NULL"
	");"
	"CREATE TABLE field ("
	" code TEXT PRIMARY KEY,"
	" name TEXT NOT NULL,"
	" pillar TEXT NOT NULL,"	    /* CQS, KTS, XHS, NT */
	" aliases TEXT NOT NULL,"
	" position INTEGER NOT NULL"
	");"
	"CREATE TABLE abbreviation ("
	" brief TEXT PRIMARY KEY,"	    /* as written: QLVB&ĐH */
	" folded TEXT NOT NULL,"	    /* its search tokens, single-spaced */
	" expansions TEXT NOT NULL,"
	" position INTEGER NOT NULL"
	");"
	"CREATE INDEX abbreviation_folded ON abbreviation (folded);"

	/* --- item.c --- */
	"CREATE TABLE counter ("
	" prefix TEXT PRIMARY KEY,"	    /* SK, CC, DC, BH, TB */
	" last INTEGER NOT NULL"	    /* last number given out; only ever grows, so no number is used twice */
	");"
	"INSERT INTO counter (prefix, last) VALUES ('SK', 0), ('CC', 0), ('DC', 0), ('BH', 0), ('TB', 0);"
	"CREATE TABLE item ("
	" id INTEGER PRIMARY KEY,"
	" kind INTEGER NOT NULL,"	    /* enum item_kind */
	" number INTEGER NOT NULL,"
	" title TEXT NOT NULL,"
	" body TEXT NOT NULL,"
	" unit TEXT,"			    /* code; the unit of the time, also after it was renamed */
	" unit_text TEXT,"		    /* typed name that is no unit yet */
	" field TEXT,"			    /* code */
	" field_guessed INTEGER NOT NULL DEFAULT 0,"
	" type TEXT,"			    /* the label `loai` */
	" status INTEGER NOT NULL,"	    /* enum item_status */
	" status_before INTEGER,"	    /* before the withdrawal, for its undoing */
	" author_id INTEGER REFERENCES member (id),"
	" on_behalf INTEGER NOT NULL DEFAULT 0,"
	" source TEXT,"
	" ref TEXT,"			    /* the source's own id of an imported item */
	" reason TEXT,"			    /* of the last decision */
	" decided_by INTEGER REFERENCES member (id),"
	" decided_ms INTEGER,"
	" created_ms INTEGER NOT NULL,"
	" touched_ms INTEGER NOT NULL,"
	" date TEXT,"			    /* as the source gives it; NULL unknown */
	" year INTEGER,"		    /* of date, else of the day it was shared; NULL for imported items without a date */
	" merged_into INTEGER REFERENCES item (id),"
	" sent_hash TEXT,"		    /* of the folded title and body as first sent: the same message again is no second item */
	" version INTEGER NOT NULL,"
	" UNIQUE (kind, number)"
	");"
	"CREATE UNIQUE INDEX item_ref ON item (kind, ref) WHERE ref IS NOT NULL;"
	"CREATE INDEX item_author ON item (author_id, touched_ms) WHERE author_id IS NOT NULL;"
	"CREATE INDEX item_open ON item (status, id) WHERE status <> 3;"    /* 3 = approved: nearly all of them */
	/* What a search asks of each match, apart from the texts: a common word has thousands of matches, each else on a page of its own. */
	"CREATE INDEX item_filter ON item (id, status, author_id, unit, field, kind, year);"
	"CREATE TABLE item_field ("
	" item_id INTEGER NOT NULL REFERENCES item (id) ON DELETE CASCADE,"
	" position INTEGER NOT NULL,"
	" key TEXT NOT NULL,"		    /* hieuqua, chiphi, ... */
	" value TEXT NOT NULL,"
	" PRIMARY KEY (item_id, key)"
	") WITHOUT ROWID;"
	"CREATE TABLE attachment ("
	" id INTEGER PRIMARY KEY,"
	" item_id INTEGER NOT NULL REFERENCES item (id) ON DELETE CASCADE,"
	" adapter TEXT NOT NULL,"	    /* whose file_id it is */
	" kind INTEGER NOT NULL,"	    /* enum attachment_kind */
	" file_id TEXT NOT NULL,"
	" same TEXT NOT NULL,"		    /* unique_id, else file_id: what makes it the same file */
	" unique_id TEXT,"
	" name TEXT,"
	" mime TEXT,"
	" size INTEGER NOT NULL,"
	" UNIQUE (item_id, adapter, same)"
	");"
	"CREATE TABLE item_message ("
	" chat_id INTEGER NOT NULL REFERENCES chat (id) ON DELETE CASCADE,"
	" message_id TEXT NOT NULL,"
	" item_id INTEGER NOT NULL REFERENCES item (id) ON DELETE CASCADE,"
	" role TEXT NOT NULL,"		    /* source, addition, ... */
	" PRIMARY KEY (chat_id, message_id, item_id)"
	") WITHOUT ROWID;"
	"CREATE INDEX item_message_item ON item_message (item_id);"
	"CREATE TABLE adoption ("
	" id INTEGER PRIMARY KEY,"
	" item_id INTEGER NOT NULL REFERENCES item (id),"
	" unit TEXT NOT NULL,"
	" member_id INTEGER REFERENCES member (id),"
	" strength TEXT NOT NULL,"	    /* thamkhao, hoctap, apdung */
	" note TEXT,"
	" created_ms INTEGER NOT NULL,"
	" UNIQUE (item_id, unit)"
	");"

	/* --- announcement.c --- */
	"CREATE TABLE announcement ("
	" id INTEGER PRIMARY KEY,"
	" number INTEGER NOT NULL UNIQUE,"
	" text TEXT NOT NULL,"
	" to_all INTEGER NOT NULL,"
	" audience_text TEXT,"
	" due_ms INTEGER,"
	" author_id INTEGER REFERENCES member (id),"
	" created_ms INTEGER NOT NULL,"
	" post_id INTEGER,"		    /* row of post; the post may expire before the announcement does */
	" is_reported INTEGER NOT NULL DEFAULT 0,"
	" is_closed INTEGER NOT NULL DEFAULT 0"
	");"
	"CREATE INDEX announcement_due ON announcement (due_ms) WHERE is_reported = 0 AND due_ms IS NOT NULL;"
	"CREATE TABLE announcement_unit ("
	" announcement_id INTEGER NOT NULL REFERENCES announcement (id) ON DELETE CASCADE,"
	" position INTEGER NOT NULL,"
	" unit TEXT NOT NULL,"
	" PRIMARY KEY (announcement_id, unit)"
	") WITHOUT ROWID;"
	"CREATE TABLE receipt ("
	" announcement_id INTEGER NOT NULL REFERENCES announcement (id) ON DELETE CASCADE,"
	" member_id INTEGER NOT NULL REFERENCES member (id),"
	" text TEXT,"
	" at_ms INTEGER NOT NULL,"
	" PRIMARY KEY (announcement_id, member_id)"
	") WITHOUT ROWID;"

	/* --- search/: rowid = item.id; every column holds search tokens, single-spaced. The table keeps its own content: removing a row needs
	 * exactly what was put in, whatever has become of unit names and abbreviations since. The ascii tokenizer cuts at the spaces
	 * and leaves foreign letters whole. --- */
	"CREATE VIRTUAL TABLE search_index USING fts5 (title, body, labels, unit, more, tokenize = 'ascii');"
	"CREATE VIRTUAL TABLE search_terms USING fts5vocab ('search_index', 'row');";
