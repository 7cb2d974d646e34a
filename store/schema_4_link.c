/* SPDX-License-Identifier: MIT */
/* Migration: one person on several platforms. The codes of /lienket and the wrong tries at them; both are short-lived rows. */
#include "schema.h"

const char schema_4_link[] =
	"CREATE TABLE link_code ("	    /* at most one a member */
	" member_id INTEGER PRIMARY KEY REFERENCES member (id) ON DELETE CASCADE,"
	" salt TEXT NOT NULL,"
	" hash TEXT NOT NULL,"		    /* SHA-256 of salt and code */
	" made_ms INTEGER NOT NULL"
	");"
	"CREATE TABLE link_try ("	    /* who typed wrong codes within the hour; he need not be registered */
	" adapter TEXT NOT NULL,"
	" user_id TEXT NOT NULL,"
	" first_ms INTEGER NOT NULL,"
	" tries INTEGER NOT NULL,"
	" PRIMARY KEY (adapter, user_id)"
	") WITHOUT ROWID;";
