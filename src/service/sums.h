/* service/sums.h: integers by an integer key, growing as needed: what a recount keeps in memory. */
#pragma once

#include "base/str.h"

/* What is counted under one key; zeros at first. */
struct sums {
	int64_t key;
	int64_t a, b, c;
	bool used, seen;
};

struct sum_map {
	struct sums *slots;
	size_t count, room; /* room: a power of two */
};

void sum_map_init(struct sum_map *m);
void sum_map_done(struct sum_map *m);
/* Made if it is not there. Good until the next call. */
struct sums *sum_map_at(struct sum_map *m, int64_t key);
/* NULL if it is not there. */
struct sums *sum_map_find(const struct sum_map *m, int64_t key);
/* The i-th of m->room slots that is used, for walking: NULL where a slot is empty. */
struct sums *sum_map_slot(const struct sum_map *m, size_t i);
