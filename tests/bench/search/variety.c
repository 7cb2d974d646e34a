/* SPDX-License-Identifier: MIT */
/* Draws each attribute from a table of shares. */
#include "base/macros.h"
#include "bot/item_type.h"

#include "recombine.h"
#include "variety.h"

/* Of a thousand items: */
#define NO_UNIT 40
#define NO_FIELD 80
#define NO_DATE 50
#define OUT_OF_ORDER 200 /* came in long after their date: an older collection was imported */
#define NO_TYPE 550
static const unsigned kind_shares[ITEM_KINDS] = {
	[ITEM_INITIATIVE] = 880, [ITEM_STORY] = 50, [ITEM_EXEMPLAR] = 20, [ITEM_LESSON] = 50,
};
static const unsigned year_shares[] = { 20, 30, 60, 100, 140, 180, 200, 200, 70 };
G_STATIC_ASSERT(ARRAY_SIZE(year_shares) == VARIETY_YEAR_LAST - VARIETY_YEAR_FIRST + 1);
/* Of ten thousand: nobody has many that wait. */
#define WAITING 10
#define DRAFTS 5

/* The share of the one at place k is this / (k + 1), Zipf's law: the first of 65 units has a fifth of all. */
#define ZIPF 1000000

struct variety {
	const struct registry *registry;
	uint64_t seed, n_items;
	unsigned unit_sum, field_sum; /* of their shares */
};

static unsigned zipf_sum(unsigned n)
{
	unsigned sum = 0;

	for (unsigned k = 0; k < n; k++)
		sum += ZIPF / (k + 1);
	return sum;
}

static unsigned zipf_pick(unsigned n, unsigned sum, uint64_t *state)
{
	unsigned left = chance_below(state, sum), k = 0;

	while (k + 1 < n && left >= ZIPF / (k + 1))
		left -= ZIPF / (++k);
	return k;
}

static unsigned share_pick(const unsigned *shares, unsigned n, unsigned at)
{
	unsigned k = 0;

	while (k + 1 < n && at >= shares[k])
		at -= shares[k++];
	return k;
}

/* The register's last ones are the rare ones. */
static unsigned usual_units(const struct registry *r)
{
	g_assert_cmpuint(registry_units(r)->len, >, VARIETY_RARE_UNITS);
	return registry_units(r)->len - VARIETY_RARE_UNITS;
}

const struct unit *variety_rare_unit(const struct registry *r, unsigned which)
{
	return g_ptr_array_index(registry_units(r), usual_units(r) + which);
}

struct variety *variety_new(const struct registry *r, uint64_t seed, uint64_t n_items)
{
	struct variety *v = g_new0(struct variety, 1);

	v->registry = r;
	v->seed = seed;
	v->n_items = n_items;
	v->unit_sum = zipf_sum(usual_units(r));
	v->field_sum = zipf_sum(registry_fields(r)->len);
	return v;
}

void variety_free(struct variety *v)
{
	g_free(v);
}

/* Steps through all n of them if n is no multiple of 37: which are frequent has nothing to do with their order in the register. */
static unsigned shuffled(unsigned k, unsigned n)
{
	return k * 37 % n;
}

static const struct unit *unit_pick(const struct variety *v, uint64_t *state)
{
	const unsigned n = usual_units(v->registry);

	if (chance_below(state, VARIETY_RARE) < VARIETY_RARE_UNITS)
		return variety_rare_unit(v->registry, chance_below(state, VARIETY_RARE_UNITS));
	if (chance_below(state, 1000) < NO_UNIT)
		return NULL;
	return g_ptr_array_index(registry_units(v->registry), shuffled(zipf_pick(n, v->unit_sum, state), n));
}

static const struct field *field_pick(const struct variety *v, uint64_t *state)
{
	const unsigned n = registry_fields(v->registry)->len;

	if (chance_below(state, 1000) < NO_FIELD)
		return NULL;
	return g_ptr_array_index(registry_fields(v->registry), shuffled(zipf_pick(n, v->field_sum, state), n));
}

static char *date_pick(const struct variety *v, uint64_t n, uint64_t *state)
{
	const unsigned drawn = chance_below(state, 1000), month = 1 + chance_below(state, 12), day = 1 + chance_below(state, 28);
	const unsigned at = chance_below(state, 1000) < OUT_OF_ORDER ? drawn : (unsigned)(n * 1000 / v->n_items);

	if (chance_below(state, 1000) < NO_DATE)
		return NULL;
	return g_strdup_printf("%u-%02u-%02u", VARIETY_YEAR_FIRST + share_pick(year_shares, ARRAY_SIZE(year_shares), at), month, day);
}

static enum item_status status_pick(uint64_t *state)
{
	const unsigned at = chance_below(state, 10000);

	if (at < WAITING)
		return ITEM_WAITING;
	return at < WAITING + DRAFTS ? ITEM_DRAFT : ITEM_APPROVED;
}

void variety_set(const struct variety *v, uint64_t n, struct item *i)
{
	/* Another sequence than the text's. */
	uint64_t state = ~v->seed ^ (n * UINT64_C(0xD1342543DE82EF95));
	const struct unit *unit = unit_pick(v, &state);
	const struct field *field = field_pick(v, &state);

	i->unit = g_strdup(unit ? unit->code : NULL);
	i->field = g_strdup(field ? field->code : NULL);
	i->kind = (enum item_kind)share_pick(kind_shares, ITEM_KINDS, chance_below(&state, 1000));
	if (chance_below(&state, 1000) >= NO_TYPE)
		i->type = g_strdup(item_types[chance_below(&state, g_strv_length((char **)item_types))]);
	i->date = date_pick(v, n, &state);
	i->status = status_pick(&state);
}
