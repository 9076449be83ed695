#include "service/order_index.h"

#include "base/limits.h"
#include "service/product_keys.h"
#include "store/orders.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_ENTRIES = 1024, PARTNER_BUCKETS = 4096, DIALECT_MIXED = 255 };

/* What is true of all entries of a chunk. It is widened before an entry is published, so that a reader sees at most too
 * wide bounds, and then looks at the entries. */
struct bounds {
	_Atomic(int64_t) oldest, newest; /* created_at */
	_Atomic(uint8_t) dialect;	 /* 0: no entry yet */
};

struct chunk {
	struct chunk *_Atomic older;
	_Atomic(size_t) count;
	struct bounds bounds;
	int64_t ids[CHUNK_ENTRIES]; /* ascending */
	int64_t created_at[CHUNK_ENTRIES];
	uint64_t credit_parties[CHUNK_ENTRIES], credit_accounts[CHUNK_ENTRIES]; /* order_index_hash; 0 = none */
	uint32_t products[CHUNK_ENTRIES];					/* numbers of product_keys */
	uint8_t dialects[CHUNK_ENTRIES];
	_Atomic(uint8_t) states[CHUNK_ENTRIES], reasons[CHUNK_ENTRIES];
	uint32_t versions[CHUNK_ENTRIES]; /* the writers' own */
};

struct partner_orders {
	struct partner_orders *next; /* in the bucket; set before it is published */
	int64_t partner_id;
	struct chunk *_Atomic newest;
};

struct order_index {
	struct partner_orders *_Atomic buckets[PARTNER_BUCKETS];
	struct product_keys *products;
	_Atomic(int64_t) complete_from; /* every order with this id or a later one is here */
	_Atomic(size_t) count;
	size_t trim_at;		/* how many there may be before the next trim */
	pthread_rwlock_t still; /* lists share it; who moves or drops entries takes it alone, before `write` */
	pthread_mutex_t write;	/* of those who write */
};

struct order_index *order_index_new(void)
{
	struct order_index *ix = calloc(1, sizeof(*ix));
	pthread_rwlockattr_t attr;

	must(ix && pthread_rwlockattr_init(&attr) == 0);
	/* Lists that follow one another without a gap must not keep others' orders out. */
	must(pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP) == 0);
	ix->trim_at = LIMIT_INDEXED_ORDERS;
	ix->products = product_keys_new();
	must(pthread_rwlock_init(&ix->still, &attr) == 0 && pthread_mutex_init(&ix->write, NULL) == 0);
	pthread_rwlockattr_destroy(&attr);
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
	product_keys_free(ix->products);
	pthread_rwlock_destroy(&ix->still);
	pthread_mutex_destroy(&ix->write);
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

static void widen(struct bounds *b, const struct order *o)
{
	uint8_t dialect = atomic_load(&b->dialect);

	if (!dialect || o->created_at < atomic_load(&b->oldest))
		atomic_store(&b->oldest, o->created_at);
	if (!dialect || o->created_at > atomic_load(&b->newest))
		atomic_store(&b->newest, o->created_at);
	if (dialect != o->dialect)
		atomic_store(&b->dialect, dialect ? DIALECT_MIXED : (uint8_t)o->dialect);
}

static void entry_set(struct chunk *c, size_t i, const struct order *o, uint32_t product)
{
	c->ids[i] = o->id;
	c->created_at[i] = o->created_at;
	c->products[i] = product;
	c->dialects[i] = (uint8_t)o->dialect;
	c->credit_parties[i] = order_index_hash(o->credit_party);
	c->credit_accounts[i] = order_index_hash(o->credit_account);
	c->versions[i] = (uint32_t)o->version;
	atomic_store(&c->states[i], (uint8_t)o->state);
	atomic_store(&c->reasons[i], (uint8_t)o->reason);
}

static void entry_copy(struct chunk *to, size_t i, const struct chunk *from, size_t k)
{
	to->ids[i] = from->ids[k];
	to->created_at[i] = from->created_at[k];
	to->products[i] = from->products[k];
	to->dialects[i] = from->dialects[k];
	to->credit_parties[i] = from->credit_parties[k];
	to->credit_accounts[i] = from->credit_accounts[k];
	to->versions[i] = from->versions[k];
	atomic_store(&to->states[i], atomic_load(&from->states[k]));
	atomic_store(&to->reasons[i], atomic_load(&from->reasons[k]));
}

/* PRODUCT_KEY_NONE when there is no number left: then the order cannot be here, and the index begins after it. */
static uint32_t product_number(struct order_index *ix, const struct order *o)
{
	uint32_t product = product_keys_add(ix->products, (struct product_key){ o->product_id, o->product_batch });

	if (product == PRODUCT_KEY_NONE)
		atomic_store(&ix->complete_from, o->id + 1);
	return product;
}

static struct chunk *chunk_with_room(struct partner_orders *p)
{
	struct chunk *c = atomic_load(&p->newest);

	if (c && atomic_load(&c->count) < CHUNK_ENTRIES)
		return c;
	struct chunk *fresh = calloc(1, sizeof(*fresh));
	must(fresh);
	atomic_store(&fresh->older, c);
	atomic_store(&p->newest, fresh);
	return fresh;
}

/* Newer than all that the partner has here. */
static void append(struct order_index *ix, const struct order *o)
{
	uint32_t product = product_number(ix, o);

	if (product == PRODUCT_KEY_NONE)
		return;
	struct chunk *c = chunk_with_room(partner_make(ix, o->partner_id));
	widen(&c->bounds, o);
	entry_set(c, atomic_load(&c->count), o, product);
	atomic_fetch_add(&c->count, 1);
	atomic_fetch_add(&ix->count, 1);
}

/* The first of n entries with this id or a later one; n if there is none. */
static size_t entry_from(const struct chunk *c, size_t n, int64_t id)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (c->ids[middle] < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The chunk with this order and *ret_at there, or NULL. */
static struct chunk *entry_find(struct partner_orders *p, int64_t id, size_t *ret_at)
{
	for (struct chunk *c = p ? atomic_load(&p->newest) : NULL; c; c = atomic_load(&c->older)) {
		size_t n = atomic_load(&c->count);

		if (n == 0 || id < c->ids[0])
			continue;
		*ret_at = entry_from(c, n, id);
		return *ret_at < n && c->ids[*ret_at] == id ? c : NULL;
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
				if (older && older->ids[atomic_load(&older->count) - 1] < cut) {
					chunks_free(older);
					atomic_store(&c->older, NULL);
				}
			}
		}
	}
	return left;
}

/* What only dropped orders named is forgotten: the numbers are dealt anew. */
static void renumber_products(struct order_index *ix)
{
	struct product_keys *fresh = product_keys_new();

	for (size_t i = 0; i < PARTNER_BUCKETS; i++)
		for (struct partner_orders *p = atomic_load(&ix->buckets[i]); p; p = p->next)
			for (struct chunk *c = atomic_load(&p->newest); c; c = atomic_load(&c->older))
				for (size_t k = 0; k < atomic_load(&c->count); k++)
					c->products[k] =
						product_keys_add(fresh, product_keys_at(ix->products, c->products[k]));
	product_keys_free(ix->products);
	ix->products = fresh;
}

/* Without lists. Moves the window's old end forward, half of the rest at a time, until a quarter is free. Newest chunks
 * stay, so with very many partners less may be gained: the next trim waits until it is worth while. */
static void trim(struct order_index *ix, int64_t newest_id)
{
	int64_t cut = atomic_load(&ix->complete_from);
	size_t left = atomic_load(&ix->count);

	while (left > LIMIT_INDEXED_ORDERS - LIMIT_INDEXED_ORDERS / 4 && newest_id - cut > 1) {
		cut += (newest_id - cut) / 2;
		left = drop_before(ix, cut);
	}
	renumber_products(ix);
	atomic_store(&ix->complete_from, cut);
	atomic_store(&ix->count, left);
	ix->trim_at = left + LIMIT_INDEXED_ORDERS / 4;
	if (ix->trim_at < LIMIT_INDEXED_ORDERS)
		ix->trim_at = LIMIT_INDEXED_ORDERS;
}

/* Without lists. The chunk's older half goes into one of its own. */
static void chunk_split(struct chunk *c)
{
	enum { HALF = CHUNK_ENTRIES / 2 };
	struct chunk *half = calloc(1, sizeof(*half));
	size_t n = atomic_load(&c->count);

	must(half && n > HALF);
	for (size_t i = 0; i < HALF; i++)
		entry_copy(half, i, c, i);
	for (size_t i = HALF; i < n; i++)
		entry_copy(c, i - HALF, c, i);
	half->bounds = c->bounds;
	atomic_store(&half->count, HALF);
	atomic_store(&c->count, n - HALF);
	atomic_store(&half->older, atomic_load(&c->older));
	atomic_store(&c->older, half);
}

/* The chunk that an order of the partner's belongs into: the newest one that begins before it, else the oldest. */
static struct chunk *chunk_for(struct partner_orders *p, int64_t id)
{
	struct chunk *c = atomic_load(&p->newest), *older;

	while (c && (older = atomic_load(&c->older)) && id < c->ids[0])
		c = older;
	return c;
}

/* Without lists. Older than others of the partner. */
static void insert(struct order_index *ix, struct partner_orders *p, const struct order *o)
{
	uint32_t product = product_number(ix, o);
	struct chunk *c = chunk_for(p, o->id);

	if (product == PRODUCT_KEY_NONE)
		return;
	if (atomic_load(&c->count) == CHUNK_ENTRIES) {
		chunk_split(c);
		c = chunk_for(p, o->id);
	}
	size_t n = atomic_load(&c->count), at = entry_from(c, n, o->id);
	for (size_t i = n; i > at; i--)
		entry_copy(c, i, c, i - 1);
	widen(&c->bounds, o);
	entry_set(c, at, o, product);
	atomic_fetch_add(&c->count, 1);
	atomic_fetch_add(&ix->count, 1);
}

/* Whether lists notice nothing: a change of an entry, or a new one behind all others. `write` is held. */
static bool note_beside_lists(struct order_index *ix, const struct order *o)
{
	struct partner_orders *p = partner_find(ix, o->partner_id);
	struct chunk *newest = p ? atomic_load(&p->newest) : NULL;
	size_t at, n = newest ? atomic_load(&newest->count) : 0;

	if (!n || o->id > newest->ids[n - 1]) {
		/* Else older than the index. */
		if (o->id >= atomic_load(&ix->complete_from))
			append(ix, o);
		return atomic_load(&ix->count) <= ix->trim_at;
	}
	struct chunk *c = entry_find(p, o->id, &at);
	if (!c)
		return o->id < atomic_load(&ix->complete_from);
	if ((uint32_t)o->version > c->versions[at]) {
		c->versions[at] = (uint32_t)o->version;
		atomic_store(&c->states[at], (uint8_t)o->state);
		atomic_store(&c->reasons[at], (uint8_t)o->reason);
	}
	return true;
}

void order_index_bring(struct order_index *ix, const struct order *orders, size_t n)
{
	pthread_rwlock_wrlock(&ix->still);
	for (size_t i = 0; i < n; i++) {
		size_t at;

		/* One by one, so that the committer waits for one. */
		pthread_mutex_lock(&ix->write);
		if (!note_beside_lists(ix, &orders[i])) {
			struct partner_orders *p = partner_find(ix, orders[i].partner_id);

			if (!entry_find(p, orders[i].id, &at))
				insert(ix, p, &orders[i]);
		}
		if (atomic_load(&ix->count) > ix->trim_at)
			trim(ix, orders[i].id);
		pthread_mutex_unlock(&ix->write);
	}
	pthread_rwlock_unlock(&ix->still);
}

void order_index_note(struct order_index *ix, const struct order *o)
{
	pthread_mutex_lock(&ix->write);
	bool done = note_beside_lists(ix, o);
	pthread_mutex_unlock(&ix->write);
	if (!done)
		order_index_bring(ix, o, 1);
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
	if (atomic_load(&ix->complete_from) < from)
		atomic_store(&ix->complete_from, from);
	return e;
}

/* A list in work. */
struct finding {
	const struct order_filter *filter;
	struct order_matches *matches;
	const struct product_keys *products;
	uint8_t *verdicts; /* by number; NULL: nothing is asked of products */
	size_t verdict_count;
	bool keep[CHUNK_ENTRIES]; /* of the chunk at hand */
};

enum verdict { VERDICT_UNKNOWN, VERDICT_NO, VERDICT_YES };

static bool product_wanted(const struct finding *f, uint32_t number)
{
	const struct order_filter *filter = f->filter;

	if (number < f->verdict_count && f->verdicts[number])
		return f->verdicts[number] == VERDICT_YES;
	struct product_key key = product_keys_at(f->products, number);
	bool wanted = filter->wants_product(filter->arg, key.id, key.batch);
	if (number < f->verdict_count)
		f->verdicts[number] = wanted ? VERDICT_YES : VERDICT_NO;
	return wanted;
}

static bool in_time(const struct order_filter *filter, int64_t created_at)
{
	return created_at >= filter->from_us && (!filter->to_us || created_at <= filter->to_us);
}

/* By the bounds alone: whether no entry of the chunk fails by its time, by its dialect. */
static bool all_in_time(const struct order_filter *filter, const struct bounds *b)
{
	return in_time(filter, atomic_load(&b->oldest)) && in_time(filter, atomic_load(&b->newest));
}

static bool all_of_dialect(const struct order_filter *filter, const struct bounds *b)
{
	return !filter->dialect || atomic_load(&b->dialect) == filter->dialect;
}

/* Whether all entries of the chunk that are in the range of ids match, without a look at them. */
static bool matches_whole(const struct order_filter *filter, const struct chunk *c)
{
	return !filter->states && !filter->reasons && !filter->credit_party && !filter->credit_account &&
	       !filter->wants_product && all_of_dialect(filter, &c->bounds) && all_in_time(filter, &c->bounds);
}

/* Column by column, the dear ones last. */
static void keep_matching(struct finding *f, const struct chunk *c, size_t from, size_t to)
{
	const struct order_filter *filter = f->filter;
	bool *keep = f->keep;

	if (all_in_time(filter, &c->bounds))
		memset(keep + from, true, to - from);
	else
		for (size_t i = from; i < to; i++)
			keep[i] = in_time(filter, c->created_at[i]);
	if (!all_of_dialect(filter, &c->bounds))
		for (size_t i = from; i < to; i++)
			keep[i] &= c->dialects[i] == filter->dialect;
	if (filter->states)
		for (size_t i = from; i < to; i++)
			keep[i] &= filter->states >> atomic_load_explicit(&c->states[i], memory_order_relaxed) & 1;
	if (filter->reasons)
		for (size_t i = from; i < to; i++)
			keep[i] &= filter->reasons >> atomic_load_explicit(&c->reasons[i], memory_order_relaxed) & 1;
	if (filter->credit_party)
		for (size_t i = from; i < to; i++)
			keep[i] &= c->credit_parties[i] == filter->credit_party;
	if (filter->credit_account)
		for (size_t i = from; i < to; i++)
			keep[i] &= c->credit_accounts[i] == filter->credit_account;
	if (filter->wants_product)
		for (size_t i = from; i < to; i++)
			keep[i] = keep[i] && product_wanted(f, c->products[i]);
}

/* The matches of [from, to) of the chunk: counted, and those shown whose turn it is. */
static void chunk_find(struct finding *f, const struct chunk *c, size_t from, size_t to)
{
	struct order_matches *m = f->matches;
	bool whole = matches_whole(f->filter, c);
	int64_t here = whole ? (int64_t)(to - from) : 0;

	if (!whole) {
		keep_matching(f, c, from, to);
		for (size_t i = from; i < to; i++)
			here += f->keep[i];
	}
	int64_t at = m->total;
	m->total += here;
	if (m->total <= m->skip || at - m->skip >= m->take)
		return;
	for (size_t i = to; i-- > from;) {
		if (!whole && !f->keep[i])
			continue;
		if (at >= m->skip && at - m->skip < m->take)
			m->show(m->arg, c->ids[i]);
		at++;
	}
}

static void partner_find_all(struct finding *f, const struct partner_orders *p)
{
	const struct order_filter *filter = f->filter;

	for (const struct chunk *c = p ? atomic_load(&p->newest) : NULL; c; c = atomic_load(&c->older)) {
		size_t n = atomic_load(&c->count);

		if (n == 0 || c->ids[0] >= filter->end)
			continue;
		size_t from = entry_from(c, n, filter->first), to = entry_from(c, n, filter->end);
		if (from < to)
			chunk_find(f, c, from, to);
		if (c->ids[0] < filter->first)
			return;
	}
}

bool order_index_find(struct order_index *ix, int64_t partner_id, const struct order_filter *filter,
		      struct order_matches *matches)
{
	pthread_rwlock_rdlock(&ix->still);
	bool complete = filter->first >= atomic_load(&ix->complete_from);
	if (complete) {
		struct finding f = { .filter = filter, .matches = matches, .products = ix->products };

		if (filter->wants_product) {
			f.verdict_count = product_keys_count(ix->products);
			f.verdicts = calloc(f.verdict_count + 1, sizeof(*f.verdicts));
			must(f.verdicts);
		}
		partner_find_all(&f, partner_find(ix, partner_id));
		free(f.verdicts);
	}
	pthread_rwlock_unlock(&ix->still);
	return complete;
}

void order_filter_take(const struct order_filter *filter, const struct order *o, struct order_matches *m)
{
	if (o->id < filter->first || o->id >= filter->end || !in_time(filter, o->created_at) ||
	    (filter->dialect && o->dialect != filter->dialect) ||
	    (filter->states && !(filter->states >> o->state & 1)) ||
	    (filter->reasons && !(filter->reasons >> o->reason & 1)) ||
	    (filter->credit_party && order_index_hash(o->credit_party) != filter->credit_party) ||
	    (filter->credit_account && order_index_hash(o->credit_account) != filter->credit_account) ||
	    (filter->wants_product && !filter->wants_product(filter->arg, o->product_id, o->product_batch)))
		return;
	if (m->total >= m->skip && m->total - m->skip < m->take)
		m->show(m->arg, o->id);
	m->total++;
}

size_t order_index_count(const struct order_index *ix)
{
	return atomic_load(&ix->count);
}
