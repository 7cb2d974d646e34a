/* SPDX-License-Identifier: MIT */
/* What was folded into another item stood in a label of that one ('dongop') and waited there. It is an item that waits again, with the other in
 * merged_into, and a moderator folds it in. Labelled lines and files went into the other at once: they cannot be told from its own and stay.
 * Whenever an item is folded or deleted, what is meant for it is looked for. */
#include "schema.h"

/* 1 = waiting, 6 = merged; index/register: those items are put into the search index by a rebuilding. */
const char schema_7_fold[] =
	"UPDATE search_state SET register_now = register_now + 1 WHERE EXISTS (SELECT 1 FROM item_field WHERE key = 'dongop');"
	"UPDATE item SET status = 1, version = version + 1 WHERE status = 6"
	" AND merged_into IN (SELECT item_id FROM item_field WHERE key = 'dongop');"
	"DELETE FROM item_field WHERE key = 'dongop';"
	"CREATE INDEX item_merged ON item (merged_into) WHERE merged_into IS NOT NULL;";
