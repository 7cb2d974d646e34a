/* SPDX-License-Identifier: MIT */
/* A table of hashes, the newest of each place: 64 bits of a word are as good as the word. The epoch is hashed with it, so that nothing has to be
 * emptied. */
#include "syllable.h"

#include "memo.h"

/* The words and the might-be abbreviations of an import's batch, several times over; half a megabyte. */
#define PLACES 65536

struct memo {
	uint64_t hash[PLACES]; /* 0: free */
};

static uint64_t *place_of(struct db *db, enum memo_fact fact, const char *word, size_t len, uint64_t *ret_hash)
{
	struct memo *m = db_memo(db, sizeof(*m));

	*ret_hash = ((syllable_hash(word, len) ^ (db_epoch(db) * 4 + fact)) * UINT64_C(0x9E3779B97F4A7C15)) | 1;
	return &m->hash[(*ret_hash >> 32) % PLACES];
}

bool memo_knows(struct db *db, enum memo_fact fact, const char *word, size_t len)
{
	uint64_t hash;

	return *place_of(db, fact, word, len, &hash) == hash;
}

void memo_note(struct db *db, enum memo_fact fact, const char *word, size_t len)
{
	uint64_t hash, *place = place_of(db, fact, word, len, &hash);

	*place = hash;
}

void memo_forget(struct db *db, enum memo_fact fact, const char *word, size_t len)
{
	uint64_t hash, *place = place_of(db, fact, word, len, &hash);

	if (*place == hash)
		*place = 0;
}
