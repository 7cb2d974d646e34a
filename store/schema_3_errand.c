/* SPDX-License-Identifier: MIT */
/* Third migration: leases of errands that one process at a time may run, and the message budgets of platforms that count.
 * It is never edited after a release; what the rows mean in C is in errand.h and budget.h. */
#include "schema.h"

const char schema_3_errand[] =
	/* --- errand.c: a row for each errand that was ever leased --- */
	"CREATE TABLE errand ("
	" adapter TEXT NOT NULL,"
	" name TEXT NOT NULL,"
	" holder TEXT,"			    /* NULL: free */
	" until_ms INTEGER NOT NULL,"	    /* wall time; free after it whatever the holder says */
	" taken_ms INTEGER NOT NULL,"	    /* last time it was taken, for people */
	" PRIMARY KEY (adapter, name)"
	") WITHOUT ROWID;"

	/* --- budget.c --- */
	"CREATE TABLE budget_limit ("	    /* what each adapter's options said when it was last opened; no row: it does not count */
	" adapter TEXT PRIMARY KEY,"
	" day_limit INTEGER NOT NULL,"	    /* 0 none */
	" month_limit INTEGER NOT NULL,"
	" private_only INTEGER NOT NULL"
	") WITHOUT ROWID;"
	"CREATE TABLE budget ("
	" adapter TEXT NOT NULL,"
	" period TEXT NOT NULL,"	    /* 2026-11 or 2026-11-24, local calendar */
	" used INTEGER NOT NULL,"
	" said INTEGER NOT NULL DEFAULT 0," /* bits: enum budget_word already said to the admins */
	" PRIMARY KEY (adapter, period)"
	") WITHOUT ROWID;"
	/* The day on which a delivery's last claim was counted; NULL: it is not counted. */
	"ALTER TABLE delivery ADD COLUMN counted_day TEXT;";
