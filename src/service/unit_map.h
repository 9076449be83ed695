/* service/unit_map.h: the identity map of a unit of work: every row once, found by its keys.
 *
 * Private to service/unit*.c. A slot is one key value of one column of one noun: what was asked for, and the rows that
 * have it. A row's entry stands right before the row, so that a row pointer leads back to it. */
#pragma once

#include "service/unit.h"

enum entry_status { ENTRY_CLEAN, ENTRY_NEW, ENTRY_DIRTY, ENTRY_GONE };

struct entry {
	enum noun noun;
	enum entry_status status;
	const struct table *table;
	struct entry *same_key; /* next row with the same first key */
	struct entry *all;	/* next row of the noun, in order of arrival */
	_Alignas(16) char row[];
};

struct slot {
	struct slot *chain;
	enum noun noun;
	size_t column;
	int64_t key;
	struct str text;
	bool loaded;	      /* fetched, or made here: absent means absent */
	bool partial;	      /* rows were added before it was fetched: more may be in the store */
	struct entry *first;  /* rows with that key, oldest first */
	struct slot *pending; /* next that is still to be fetched */
};

struct unit_map {
	struct slot **buckets;
	size_t bucket_count, slot_count;
	struct slot *pending;
	struct entry *rows[NOUNS], **ends[NOUNS]; /* oldest first; where the next one is linked in */
	size_t row_counts[NOUNS];
};

struct unit_map *map_new(struct arena *a, size_t buckets); /* it grows */
struct entry *entry_of(void *row);
/* Finds the slot, or makes it and puts it on the pending list. */
struct slot *map_slot(struct unit *u, enum noun noun, size_t column, int64_t key, struct str text);
/* The slot of a number's key if anybody asked for it or a row brought it; NULL otherwise. */
const struct slot *map_peek(const struct unit *u, enum noun noun, int64_t key);
/* Adds a row under its first key and, for orders and idempotency keys, under their text. */
struct entry *map_add(struct unit *u, enum noun noun, const struct table *table, const void *row,
		      enum entry_status status);
const struct table *noun_table(enum noun noun);
/* Before a flush: what a batch has read and writes again may have been sealed again by another node meanwhile, which an
 * older seal would undo. */
void unit_seal_again(struct unit *u);
/* The second column, a unique text, that rows of the noun are found by; 0 = none. */
size_t noun_second_key(enum noun noun);
/* The column of a noun that is found by text, 0 = none (idempotency: its first column is text). */
bool noun_is_text(enum noun noun, size_t column);
