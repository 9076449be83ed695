#include "service/order_index.h"

#include "base/limits.h"
#include "store/orders.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { CHUNK_ENTRIES = 1024, PARTNER_BUCKETS = 4096 };

struct chunk {
	struct chunk *_Atomic older;
	_Atomic(size_t) count;
	struct index_entry entries[CHUNK_ENTRIES]; /* ids ascend */
};

struct partner_orders {
	struct partner_orders *next; /* in the bucket; set before it is published */
	int64_t partner_id;
	struct chunk *_Atomic newest;
};

struct order_index {
	struct partner_orders *_Atomic buckets[PARTNER_BUCKETS];
	_Atomic(int64_t) complete_from; /* every order with this id or a later one is here */
	_Atomic(size_t) count;
	size_t trim_at;	       /* how many there may be before the next trim */
	pthread_rwlock_t trim; /* readers share it; dropping old chunks takes it alone */
};

struct order_index *order_index_new(void)
{
	struct order_index *ix = calloc(1, sizeof(*ix));

	must(ix);
	ix->trim_at = LIMIT_INDEXED_ORDERS;
	must(pthread_rwlock_init(&ix->trim, NULL) == 0);
	return ix;
}

static void chunks_free(struct chunk *c)
{
	while (c) {
		struct chunk *older = atomic_load(&c->older);

		free(c);
		c = older;
	}
}

void order_index_free(struct order_index *ix)
{
	if (!ix)
		return;
	for (size_t i = 0; i < PARTNER_BUCKETS; i++) {
		for (struct partner_orders *p = atomic_load(&ix->buckets[i]), *next; p; p = next) {
			next = p->next;
			chunks_free(atomic_load(&p->newest));
			free(p);
		}
	}
	pthread_rwlock_destroy(&ix->trim);
	free(ix);
}

uint64_t order_index_hash(struct str text)
{
	return text.p ? str_hash(text) | 1 : 0;
}

static struct partner_orders *partner_find(struct order_index *ix, int64_t partner_id)
{
	struct partner_orders *p = atomic_load(&ix->buckets[(uint64_t)partner_id % PARTNER_BUCKETS]);

	while (p && p->partner_id != partner_id)
		p = p->next;
	return p;
}

static struct partner_orders *partner_make(struct order_index *ix, int64_t partner_id)
{
	struct partner_orders *p = partner_find(ix, partner_id);

	if (p)
		return p;
	p = calloc(1, sizeof(*p));
	must(p);
	p->partner_id = partner_id;
	p->next = atomic_load(&ix->buckets[(uint64_t)partner_id % PARTNER_BUCKETS]);
	atomic_store(&ix->buckets[(uint64_t)partner_id % PARTNER_BUCKETS], p);
	return p;
}

static void append(struct order_index *ix, const struct order *o)
{
	struct partner_orders *p = partner_make(ix, o->partner_id);
	struct chunk *c = atomic_load(&p->newest);

	if (!c || atomic_load(&c->count) == CHUNK_ENTRIES) {
		struct chunk *fresh = calloc(1, sizeof(*fresh));

		must(fresh);
		atomic_store(&fresh->older, c);
		atomic_store(&p->newest, fresh);
		c = fresh;
	}
	struct index_entry *entry = &c->entries[atomic_load(&c->count)];
	entry->id = o->id;
	entry->created_at = o->created_at;
	entry->product_id = o->product_id;
	entry->product_batch = o->product_batch;
	entry->dialect = (uint8_t)o->dialect;
	entry->credit_party = order_index_hash(o->credit_party);
	entry->credit_account = order_index_hash(o->credit_account);
	atomic_store(&entry->state, (uint8_t)o->state);
	atomic_store(&entry->reason, (uint8_t)o->reason);
	atomic_fetch_add(&c->count, 1);
	atomic_fetch_add(&ix->count, 1);
}

static struct index_entry *entry_find(struct partner_orders *p, int64_t id)
{
	for (struct chunk *c = p ? atomic_load(&p->newest) : NULL; c; c = atomic_load(&c->older)) {
		size_t low = 0, high = atomic_load(&c->count);

		if (high == 0 || id < c->entries[0].id)
			continue;
		while (low < high) {
			size_t middle = (low + high) / 2;

			if (c->entries[middle].id < id)
				low = middle + 1;
			else
				high = middle;
		}
		return low < atomic_load(&c->count) && c->entries[low].id == id ? &c->entries[low] : NULL;
	}
	return NULL;
}

/* Drops, of every partner, the chunks behind its newest one that are wholly older than `cut`; returns what is left. */
static size_t drop_before(struct order_index *ix, int64_t cut)
{
	size_t left = 0;

	for (size_t i = 0; i < PARTNER_BUCKETS; i++) {
		for (struct partner_orders *p = atomic_load(&ix->buckets[i]); p; p = p->next) {
			for (struct chunk *c = atomic_load(&p->newest); c; c = atomic_load(&c->older)) {
				struct chunk *older = atomic_load(&c->older);

				left += atomic_load(&c->count);
				if (older && older->entries[atomic_load(&older->count) - 1].id < cut) {
					chunks_free(older);
					atomic_store(&c->older, NULL);
				}
			}
		}
	}
	return left;
}

/* Moves the window's old end forward, half of the rest at a time, until a quarter is free. Newest chunks stay, so with
 * very many partners less may be gained: the next trim waits until it is worth while. */
static void trim(struct order_index *ix, int64_t newest_id)
{
	int64_t cut = atomic_load(&ix->complete_from);
	size_t left = atomic_load(&ix->count);

	pthread_rwlock_wrlock(&ix->trim);
	while (left > LIMIT_INDEXED_ORDERS - LIMIT_INDEXED_ORDERS / 4 && newest_id - cut > 1) {
		cut += (newest_id - cut) / 2;
		left = drop_before(ix, cut);
	}
	atomic_store(&ix->complete_from, cut);
	atomic_store(&ix->count, left);
	pthread_rwlock_unlock(&ix->trim);
	ix->trim_at = left + LIMIT_INDEXED_ORDERS / 4;
	if (ix->trim_at < LIMIT_INDEXED_ORDERS)
		ix->trim_at = LIMIT_INDEXED_ORDERS;
}

void order_index_note(struct order_index *ix, const struct order *o)
{
	struct index_entry *entry = entry_find(partner_find(ix, o->partner_id), o->id);

	if (entry) {
		atomic_store(&entry->state, (uint8_t)o->state);
		atomic_store(&entry->reason, (uint8_t)o->reason);
		return;
	}
	if (o->version != 1)
		return; /* older than the index */
	append(ix, o);
	if (atomic_load(&ix->count) > ix->trim_at)
		trim(ix, o->id);
}

static enum err order_loaded(void *arg, void *row)
{
	append(arg, row);
	return OK;
}

enum err order_index_load(struct order_index *ix, struct db *db)
{
	struct arena a;
	int64_t from = 0;

	arena_init(&a);
	enum err e = orders_newest_from(db, &a, LIMIT_INDEXED_ORDERS / 2, &from);
	/* In slices, so that a million rows do not stand in memory twice. */
	for (int64_t after = from - 1; !e;) {
		size_t before = order_index_count(ix);

		arena_reset(&a);
		e = orders_after(db, &a, after, CHUNK_ENTRIES, &after, order_loaded, ix);
		if (order_index_count(ix) == before)
			break;
	}
	arena_done(&a);
	atomic_store(&ix->complete_from, from);
	return e;
}

bool order_index_scan(struct order_index *ix, int64_t partner_id, int64_t first, int64_t end,
		      void (*fn)(void *arg, const struct index_entry *entry), void *arg)
{
	struct partner_orders *p;
	bool complete;

	pthread_rwlock_rdlock(&ix->trim);
	complete = first >= atomic_load(&ix->complete_from);
	p = complete ? partner_find(ix, partner_id) : NULL;
	for (struct chunk *c = p ? atomic_load(&p->newest) : NULL; c; c = atomic_load(&c->older)) {
		size_t n = atomic_load(&c->count);

		if (n && c->entries[0].id >= end)
			continue;
		for (size_t i = n; i-- > 0 && c->entries[i].id >= first;)
			if (c->entries[i].id < end)
				fn(arg, &c->entries[i]);
		if (n && c->entries[0].id < first)
			break;
	}
	pthread_rwlock_unlock(&ix->trim);
	return complete;
}

size_t order_index_count(const struct order_index *ix)
{
	return atomic_load(&ix->count);
}
