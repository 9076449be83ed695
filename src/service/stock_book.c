#include "service/stock_book.h"

#include "base/clock.h"
#include "base/limits.h"

#include <pthread.h>
#include <stdlib.h>

struct book_row {
	int64_t product_id;
	int sandbox;
	int64_t id, free;
	int64_t shown, shown_at; /* of the first of a product: of all of them together; at 0 = not yet */
};

/* Sorted by product, sandbox and id. */
struct stock_book {
	pthread_mutex_t lock;
	struct book_row *rows;
	size_t count, room;
	uint64_t version;
};

struct stock_book *stock_book_new(void)
{
	struct stock_book *b = calloc(1, sizeof(*b));

	must(b && pthread_mutex_init(&b->lock, NULL) == 0);
	return b;
}

void stock_book_free(struct stock_book *b)
{
	if (!b)
		return;
	pthread_mutex_destroy(&b->lock);
	free(b->rows);
	free(b);
}

static int compare(const struct book_row *a, const struct book_row *b)
{
	if (a->product_id != b->product_id)
		return a->product_id < b->product_id ? -1 : 1;
	if (a->sandbox != b->sandbox)
		return a->sandbox - b->sandbox;
	return (a->id > b->id) - (a->id < b->id);
}

/* Where the row is or belongs. */
static size_t place_of(const struct stock_book *b, const struct book_row *row)
{
	size_t low = 0, high = b->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (compare(&b->rows[middle], row) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_of(const struct stock_book *b, size_t at, struct stock_of of)
{
	return at < b->count && b->rows[at].product_id == of.product_id && b->rows[at].sandbox == of.sandbox;
}

static size_t first_of(const struct stock_book *b, struct stock_of of)
{
	return place_of(b, &(struct book_row){ .product_id = of.product_id, .sandbox = of.sandbox });
}

static void put(struct stock_book *b, size_t at, struct book_row row)
{
	if (b->count == b->room) {
		b->room = b->room ? b->room * 2 : 64;
		b->rows = reallocarray(b->rows, b->room, sizeof(*b->rows));
		must(b->rows);
	}
	memmove(&b->rows[at + 1], &b->rows[at], (b->count - at) * sizeof(*b->rows));
	b->rows[at] = row;
	b->count++;
}

static void note(struct stock_book *b, const struct stock_batch *batch)
{
	struct book_row row = {
		.product_id = batch->product_id, .sandbox = batch->sandbox, .id = batch->id, .free = batch->free
	};
	size_t at = place_of(b, &row);
	bool known = at < b->count && compare(&b->rows[at], &row) == 0;

	if (batch->state == STOCK_ACTIVE && known) {
		b->rows[at].free = batch->free;
	} else if (batch->state == STOCK_ACTIVE) {
		put(b, at, row);
	} else if (known) {
		memmove(&b->rows[at], &b->rows[at + 1], (b->count - at - 1) * sizeof(*b->rows));
		b->count--;
	}
}

void stock_book_note(struct stock_book *b, const struct stock_batch *batch)
{
	pthread_mutex_lock(&b->lock);
	note(b, batch);
	pthread_mutex_unlock(&b->lock);
}

static enum err batch_seen(void *arg, void *row)
{
	note(arg, row);
	return OK;
}

enum err stock_book_load(struct stock_book *b, struct db *db)
{
	struct stock_book fresh = { 0 };
	struct arena a;

	arena_init(&a);
	enum err e = stock_batches_each(db, &a, 0, batch_seen, &fresh);
	arena_done(&a);
	if (e) {
		free(fresh.rows);
		return e;
	}
	pthread_mutex_lock(&b->lock);
	/* What was shown stays shown until its time is over. */
	for (size_t i = 0; i < fresh.count; i++) {
		size_t at = place_of(b, &fresh.rows[i]);

		if (at < b->count && compare(&b->rows[at], &fresh.rows[i]) == 0) {
			fresh.rows[i].shown = b->rows[at].shown;
			fresh.rows[i].shown_at = b->rows[at].shown_at;
		}
	}
	free(b->rows);
	b->rows = fresh.rows;
	b->count = fresh.count;
	b->room = fresh.room;
	pthread_mutex_unlock(&b->lock);
	return OK;
}

bool stock_book_has(struct stock_book *b, struct stock_of of)
{
	pthread_mutex_lock(&b->lock);
	bool has = is_of(b, first_of(b, of), of);
	pthread_mutex_unlock(&b->lock);
	return has;
}

size_t stock_book_batches(struct stock_book *b, struct stock_of of, int64_t *ids, size_t most)
{
	size_t n = 0;

	pthread_mutex_lock(&b->lock);
	for (size_t at = first_of(b, of); is_of(b, at, of) && n < most; at++)
		if (b->rows[at].free > 0)
			ids[n++] = b->rows[at].id;
	pthread_mutex_unlock(&b->lock);
	return n;
}

int64_t stock_book_shown(struct stock_book *b, struct stock_of of, int64_t now_us, int64_t *ret_until_us)
{
	int64_t free = 0;

	pthread_mutex_lock(&b->lock);
	size_t first = first_of(b, of);
	struct book_row *row = is_of(b, first, of) ? &b->rows[first] : NULL;
	if (row && (!row->shown_at || now_us - row->shown_at >= SECONDS_US(LIMIT_STOCK_SHOWN_SECONDS))) {
		for (size_t at = first; is_of(b, at, of) && free < LIMIT_STOCK_SHOWN; at++)
			free += b->rows[at].free;
		free = free < LIMIT_STOCK_SHOWN ? free : LIMIT_STOCK_SHOWN;
		b->version += !row->shown_at || free != row->shown;
		row->shown = free;
		row->shown_at = now_us;
	}
	int64_t shown = row ? row->shown : 0;
	*ret_until_us = (row ? row->shown_at : now_us) + SECONDS_US(LIMIT_STOCK_SHOWN_SECONDS);
	pthread_mutex_unlock(&b->lock);
	return shown;
}

uint64_t stock_book_version(struct stock_book *b)
{
	pthread_mutex_lock(&b->lock);
	uint64_t version = b->version;
	pthread_mutex_unlock(&b->lock);
	return version;
}
