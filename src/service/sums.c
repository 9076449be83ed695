#include "service/sums.h"

#include <stdlib.h>

enum { FIRST_ROOM = 1024 };

void sum_map_init(struct sum_map *m)
{
	m->count = 0;
	m->room = FIRST_ROOM;
	m->slots = calloc(m->room, sizeof(*m->slots));
	must(m->slots);
}

void sum_map_done(struct sum_map *m)
{
	free(m->slots);
}

static struct sums *place_of(const struct sum_map *m, int64_t key)
{
	uint64_t h = (uint64_t)key * 0x9E3779B97F4A7C15u;
	size_t at = (size_t)(h ^ h >> 32) & (m->room - 1);

	while (m->slots[at].used && m->slots[at].key != key)
		at = (at + 1) & (m->room - 1);
	return &m->slots[at];
}

static void grow(struct sum_map *m)
{
	struct sum_map wider = { calloc(m->room * 2, sizeof(*m->slots)), m->count, m->room * 2 };

	must(wider.slots);
	for (size_t i = 0; i < m->room; i++)
		if (m->slots[i].used)
			*place_of(&wider, m->slots[i].key) = m->slots[i];
	free(m->slots);
	*m = wider;
}

struct sums *sum_map_at(struct sum_map *m, int64_t key)
{
	if (m->count * 2 >= m->room)
		grow(m);
	struct sums *sums = place_of(m, key);
	if (!sums->used) {
		*sums = (struct sums){ .key = key, .used = true };
		m->count++;
	}
	return sums;
}

struct sums *sum_map_find(const struct sum_map *m, int64_t key)
{
	struct sums *sums = place_of(m, key);

	return sums->used ? sums : NULL;
}

struct sums *sum_map_slot(const struct sum_map *m, size_t i)
{
	return m->slots[i].used ? &m->slots[i] : NULL;
}
