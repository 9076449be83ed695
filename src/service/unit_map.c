#include "service/unit_map.h"

static const struct table *const tables[NOUNS] = {
	[NOUN_COUNTER] = &table_counters,
	[NOUN_STOCK_BATCH] = &table_stock_batches,
	[NOUN_STOCK_UNIT] = &table_stock_units,
	[NOUN_STOCK_RETURNED] = &table_stock_returned,
	[NOUN_ACCOUNT] = &table_accounts,
	[NOUN_ORDER] = &table_orders,
	[NOUN_PARTY] = &table_parties,
	[NOUN_DETAILS] = &table_details,
	[NOUN_KYC] = &table_kyc,
	[NOUN_ESIM] = &table_esims,
	[NOUN_ESIM_LINK] = &table_esim_links,
	[NOUN_STOCK_HOLD] = &table_stock_holds,
	[NOUN_UNIT] = &table_units,
	[NOUN_ATTEMPT] = &table_attempts,
	[NOUN_LEDGER] = &table_ledger,
	[NOUN_JOB] = &table_jobs,
	[NOUN_EVENT] = &table_events,
	[NOUN_CALLBACK] = &table_callbacks,
	[NOUN_MESSAGE] = &table_messages,
	[NOUN_IDEMPOTENCY] = &table_idempotency,
	[NOUN_TASK] = &table_tasks,
	[NOUN_STOCK_EVENT] = &table_stock_events,
	[NOUN_MERCHANT] = &table_merchants,
	[NOUN_PAYMENT] = &table_payments,
	[NOUN_PAYMENT_ATTEMPT] = &table_payment_attempts,
	[NOUN_PAYMENT_ENTRY] = &table_payment_entries,
	[NOUN_REUSABLE] = &table_reusables,
	[NOUN_PHOTO_PART] = &table_photo_parts,
};

const struct table *noun_table(enum noun noun)
{
	return tables[noun];
}

size_t noun_second_key(enum noun noun)
{
	static const size_t columns[NOUNS] = {
		[NOUN_ORDER] = ORDERS_EXT_KEY, [NOUN_ESIM] = ESIMS_ICCID, [NOUN_MERCHANT] = MERCHANTS_EXTERNAL
	};

	return columns[noun];
}

bool noun_is_text(enum noun noun, size_t column)
{
	return tables[noun]->columns[column].type == COL_TEXT;
}

struct unit_map *map_new(struct arena *a, size_t buckets)
{
	struct unit_map *map = ARENA_NEW(a, struct unit_map);

	map->bucket_count = buckets;
	map->buckets = ARENA_ARRAY(a, struct slot *, map->bucket_count);
	for (size_t i = 0; i < NOUNS; i++)
		map->ends[i] = &map->rows[i];
	return map;
}

struct entry *entry_of(void *row)
{
	return (struct entry *)((char *)row - offsetof(struct entry, row));
}

static uint64_t slot_hash(enum noun noun, size_t column, int64_t key, struct str text)
{
	uint64_t h = text.p ? str_hash(text) : (uint64_t)key * 0x9E3779B97F4A7C15u;

	h ^= ((uint64_t)noun << 8 | column) * 0xC2B2AE3D27D4EB4Fu;
	return h ^ h >> 29;
}

static void map_grow(struct unit *u)
{
	struct unit_map *map = u->map;
	size_t count = map->bucket_count * 4;
	struct slot **buckets = ARENA_ARRAY(&u->arena, struct slot *, count);

	for (size_t i = 0; i < map->bucket_count; i++) {
		for (struct slot *s = map->buckets[i], *next; s; s = next) {
			size_t at = slot_hash(s->noun, s->column, s->key, s->text) % count;

			next = s->chain;
			s->chain = buckets[at];
			buckets[at] = s;
		}
	}
	map->buckets = buckets;
	map->bucket_count = count;
}

static struct slot *slot_find(const struct unit_map *map, uint64_t h, enum noun noun, size_t column, int64_t key,
			      struct str text)
{
	for (struct slot *s = map->buckets[h % map->bucket_count]; s; s = s->chain)
		if (s->noun == noun && s->column == column && s->key == key && str_eq(s->text, text))
			return s;
	return NULL;
}

const struct slot *map_peek(const struct unit *u, enum noun noun, int64_t key)
{
	return slot_find(u->map, slot_hash(noun, 0, key, STR_NONE), noun, 0, key, STR_NONE);
}

struct slot *map_slot(struct unit *u, enum noun noun, size_t column, int64_t key, struct str text)
{
	struct unit_map *map = u->map;
	uint64_t h = slot_hash(noun, column, key, text);
	struct slot *s = slot_find(map, h, noun, column, key, text);

	if (s)
		return s;
	if (map->slot_count++ > map->bucket_count)
		map_grow(u);
	s = ARENA_NEW(&u->arena, struct slot);
	*s = (struct slot){ .chain = map->buckets[h % map->bucket_count],
			    .noun = noun,
			    .column = column,
			    .key = key,
			    .text = text,
			    .pending = map->pending };
	map->buckets[h % map->bucket_count] = s;
	map->pending = s;
	return s;
}

/* The key columns after the first one, compared as integers. */
static bool same_rest_of_key(const struct table *table, const char *a, const char *b)
{
	for (size_t i = 1; i < table->keys; i++) {
		size_t offset = table->columns[i].offset;

		must(table->columns[i].type == COL_INT);
		if (memcmp(a + offset, b + offset, sizeof(int)) != 0)
			return false;
	}
	return true;
}

static struct slot *slot_of_row(struct unit *u, enum noun noun, const struct table *table, size_t column,
				const char *row)
{
	const struct column *c = &table->columns[column];

	if (c->type == COL_TEXT)
		return map_slot(u, noun, column, 0, *(const struct str *)(const void *)(row + c->offset));
	return map_slot(u, noun, column, *(const int64_t *)(const void *)(row + c->offset), STR_NONE);
}

static struct entry *entry_new(struct unit *u, enum noun noun, const struct table *table, const void *row,
			       enum entry_status status)
{
	struct entry *e = arena_alloc(&u->arena, sizeof(*e) + table->row_bytes);

	e->noun = noun;
	e->status = status;
	e->table = table;
	memcpy(e->row, row, table->row_bytes);
	*u->map->ends[noun] = e;
	u->map->ends[noun] = &e->all;
	u->map->row_counts[noun]++;
	return e;
}

struct entry *map_add(struct unit *u, enum noun noun, const struct table *table, const void *row,
		      enum entry_status status)
{
	/* Only ever written, never found again. */
	if (noun == NOUN_LEDGER || noun == NOUN_EVENT)
		return entry_new(u, noun, table, row, status);
	struct slot *s = slot_of_row(u, noun, table, 0, row);
	struct entry **link = &s->first;

	/* A row that is here already (fetched by another of its keys, or touched) stays the one. */
	for (; *link; link = &(*link)->same_key)
		if (same_rest_of_key(table, (*link)->row, row))
			break;
	if (!*link)
		*link = entry_new(u, noun, table, row, status);
	if (status == ENTRY_NEW || table->keys == 1) {
		s->partial |= !s->loaded && table->keys > 1;
		s->loaded = true;
	}
	if (noun_second_key(noun)) {
		struct slot *by_ref = slot_of_row(u, noun, table, noun_second_key(noun), (*link)->row);

		by_ref->first = *link;
		by_ref->loaded = true;
	}
	return *link;
}
