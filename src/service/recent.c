#include "service/recent.h"

#include "base/clock.h"
#include "service/unit_map.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { SETS = 32 * 1024, WAYS = 4, NAMES = 256 * 1024, IMAGE_MOST_BYTES = 16 * 1024, ROW_ALIGN = 16 };

/* What an image can hold: nouns whose first key column is the order's id. */
static const enum noun nouns[] = { NOUN_ORDER,	 NOUN_PARTY, NOUN_UNIT, NOUN_ATTEMPT,  NOUN_CALLBACK,
				   NOUN_DETAILS, NOUN_KYC,   NOUN_ESIM, NOUN_ESIM_LINK };

/* What clients are shown, and may ask for again: renewed when it changes without its order. */
static const unsigned shown = 1u << NOUN_UNIT | 1u << NOUN_KYC | 1u << NOUN_ESIM | 1u << NOUN_ESIM_LINK;

struct image_row {
	struct image_row *next;
	enum noun noun;
	_Alignas(ROW_ALIGN) char row[]; /* then the bytes of its strings */
};

/* One order as of one commit. Rows that are not `covered` were not in that commit's memory. */
struct image {
	int64_t order_id, written_us; /* monotonic */
	unsigned covered;	      /* bit per enum noun */
	struct image_row *rows;	      /* in the order of the unit's */
};

/* Where an image stands: valid while the ring has not come round, the next image's room included, so that one image
 * can be built while another is read. */
struct place {
	int64_t order_id;
	uint64_t at; /* bytes written to the ring before it; 0 = free */
};

struct recent {
	pthread_mutex_t lock; /* guards what follows */
	char *ring;
	size_t bytes;
	uint64_t head; /* bytes ever written; the next image goes to head % bytes */
	struct place (*places)[WAYS];
	int64_t *names; /* by a hash of ext_key: the order that last had it */
	bool shared;
	_Atomic(int64_t) answered, missed;
};

struct recent *recent_new(size_t bytes, bool shared)
{
	struct recent *r = calloc(1, sizeof(*r));

	must(r && bytes > IMAGE_MOST_BYTES);
	r->bytes = bytes / ROW_ALIGN * ROW_ALIGN;
	r->ring = mmap(NULL, r->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(r->ring != MAP_FAILED);
	madvise(r->ring, r->bytes, MADV_DONTDUMP);
	r->places = calloc(SETS, sizeof(*r->places));
	r->names = calloc(NAMES, sizeof(*r->names));
	must(r->places && r->names);
	must(pthread_mutex_init(&r->lock, NULL) == 0);
	r->head = ROW_ALIGN; /* no image stands at 0 */
	r->shared = shared;
	return r;
}

void recent_free(struct recent *r)
{
	if (!r)
		return;
	pthread_mutex_destroy(&r->lock);
	munmap(r->ring, r->bytes);
	free(r->places);
	free(r->names);
	free(r);
}

static struct place *set_of(struct recent *r, int64_t order_id)
{
	return r->places[((uint64_t)order_id * 0x9E3779B97F4A7C15u >> 32) % SETS];
}

static struct place *find(struct recent *r, int64_t order_id)
{
	struct place *set = set_of(r, order_id);

	for (size_t i = 0; i < WAYS; i++)
		if (set[i].at && set[i].order_id == order_id)
			return r->head + IMAGE_MOST_BYTES - set[i].at <= r->bytes ? &set[i] : NULL;
	return NULL;
}

static struct image *image_of(struct recent *r, int64_t order_id)
{
	const struct place *place = find(r, order_id);

	return place ? (struct image *)(void *)(r->ring + place->at % r->bytes) : NULL;
}

static int64_t *name_of(struct recent *r, struct str ext_key)
{
	return &r->names[str_hash(ext_key) % NAMES];
}

/* An order's place of old, else a free one, else that of the oldest image of its set. */
static struct place *place_for(struct recent *r, int64_t order_id)
{
	struct place *set = set_of(r, order_id), *oldest = set;

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].at && set[i].order_id == order_id)
			return &set[i];
		if (set[i].at < oldest->at)
			oldest = &set[i];
	}
	return oldest;
}

static bool is_bytes(const struct column *c)
{
	return c->type == COL_TEXT || c->type == COL_BLOB;
}

static struct str *bytes_of(const struct column *c, char *row)
{
	return (struct str *)(void *)(row + c->offset);
}

static size_t aligned(size_t n)
{
	return (n + ROW_ALIGN - 1) / ROW_ALIGN * ROW_ALIGN;
}

static size_t size_of_row(const struct table *table, char *row)
{
	size_t n = sizeof(struct image_row) + table->row_bytes;

	for (size_t i = 0; i < table->count; i++)
		if (is_bytes(&table->columns[i]))
			n += bytes_of(&table->columns[i], row)->n;
	return aligned(n);
}

/* An image that is being built at the head, over whatever stands there. */
struct builder {
	char *at, *end;
	struct image *image;
	struct image_row **last;
	bool full;
};

static void put_row(struct builder *b, enum noun noun, char *row)
{
	const struct table *table = noun_table(noun);
	size_t need = size_of_row(table, row);

	if (b->full || (size_t)(b->end - b->at) < need) {
		b->full = true;
		return;
	}
	struct image_row *copy = (struct image_row *)(void *)b->at;
	char *strings = copy->row + table->row_bytes;
	copy->next = NULL;
	copy->noun = noun;
	memcpy(copy->row, row, table->row_bytes);
	for (size_t i = 0; i < table->count; i++) {
		struct str *s = is_bytes(&table->columns[i]) ? bytes_of(&table->columns[i], copy->row) : NULL;

		if (!s || !s->p)
			continue;
		memcpy(strings, s->p, s->n);
		s->p = strings;
		strings += s->n;
	}
	*b->last = copy;
	b->last = &copy->next;
	b->at += need;
}

/* All rows are here. */
static bool is_there(struct unit *u, enum noun noun, int64_t order_id)
{
	const struct slot *s = map_peek(u, noun, order_id);

	return s && s->loaded && !s->partial;
}

/* Rows were written that were found by another key, or added unseen, while others may be in the store. */
static bool is_written_in_part(struct unit *u, enum noun noun, int64_t order_id)
{
	const struct slot *s = map_peek(u, noun, order_id);

	for (const struct entry *e = s ? s->first : NULL; e; e = e->same_key)
		if (e->status != ENTRY_CLEAN)
			return true;
	return false;
}

/* What the commit had in memory is the truth; what it had no need of has not changed since the image before: on a
 * shared store only the parties, which nobody changes. */
static void put_noun(struct builder *b, struct unit *u, enum noun noun, const struct image *before)
{
	int64_t order_id = b->image->order_id;
	struct builder without = *b;

	if (is_there(u, noun, order_id)) {
		for (char *row = unit_find(u, noun, order_id); row; row = unit_next(u, row))
			put_row(b, noun, row);
	} else if (before && before->covered >> noun & 1 && !is_written_in_part(u, noun, order_id)) {
		for (struct image_row *row = before->rows; row; row = row->next)
			if (row->noun == noun)
				put_row(b, noun, row->row);
	} else {
		return;
	}
	if (b->full) { /* the rest of the order may fit */
		*without.last = NULL;
		*b = without;
		return;
	}
	b->image->covered |= 1u << noun;
}

/* Images never wrap round the end. */
static void make_room(struct recent *r)
{
	size_t left = r->bytes - r->head % r->bytes;

	if (left < IMAGE_MOST_BYTES)
		r->head += left;
}

/* NULL: it is not in the image. */
static const struct order *order_of(const struct image *image)
{
	for (const struct image_row *row = image->rows; row; row = row->next)
		if (row->noun == NOUN_ORDER)
			return (const struct order *)(const void *)row->row;
	return NULL;
}

static void note_order(struct recent *r, struct unit *u, int64_t order_id)
{
	make_room(r);
	const struct image *before = image_of(r, order_id);
	struct image *image = (struct image *)(void *)(r->ring + r->head % r->bytes);
	struct builder b = { .at = (char *)image + aligned(sizeof(*image)),
			     .end = (char *)image + IMAGE_MOST_BYTES,
			     .image = image,
			     .last = &image->rows };

	*image = (struct image){ .order_id = order_id, .written_us = clock_mono_us() };
	for (size_t i = 0; i < ARRAY_LEN(nouns); i++)
		put_noun(&b, u, nouns[i], r->shared && nouns[i] != NOUN_PARTY ? NULL : before);
	const struct order *o = order_of(image);
	if (o)
		*name_of(r, o->ext_key) = order_id;
	*place_for(r, order_id) = (struct place){ order_id, r->head };
	r->head += (uint64_t)(b.at - (char *)image);
}

/* Rows of an order that was not itself written: the image has them as they are now, or has them no more. Once it was
 * made anew, since `begun`, it has all of the order's. */
static void renew(struct recent *r, struct unit *u, enum noun noun, uint64_t begun)
{
	for (struct entry *e = u->map->rows[noun]; e; e = e->all) {
		if (e->status == ENTRY_CLEAN)
			continue;
		int64_t order_id = *(const int64_t *)(const void *)e->row; /* the first key column of each of them */
		const struct slot *order = map_peek(u, NOUN_ORDER, order_id);
		if (order && order->first && order->first->status != ENTRY_CLEAN)
			continue;
		const struct place *place = find(r, order_id);
		if (!place || place->at >= begun)
			continue;
		if (!r->shared && shown >> noun & 1 && is_there(u, noun, order_id))
			note_order(r, u, order_id);
		else
			image_of(r, order_id)->covered &= ~(1u << noun);
	}
}

void recent_note(struct recent *r, struct unit *u)
{
	pthread_mutex_lock(&r->lock);
	uint64_t begun = r->head;
	for (size_t i = 1; i < ARRAY_LEN(nouns); i++)
		renew(r, u, nouns[i], begun);
	for (struct entry *e = u->map->rows[NOUN_ORDER]; e; e = e->all)
		if (e->status != ENTRY_CLEAN)
			note_order(r, u, ((const struct order *)(const void *)e->row)->id);
	pthread_mutex_unlock(&r->lock);
}

/* Gives the unit rows of its own: nothing of it points into the ring. */
static void take_noun(struct unit *u, const struct image *image, enum noun noun)
{
	const struct table *table = noun_table(noun);

	for (struct image_row *at = image->rows; at; at = at->next) {
		if (at->noun != noun)
			continue;
		char *row = arena_alloc(&u->arena, table->row_bytes);
		memcpy(row, at->row, table->row_bytes);
		for (size_t i = 0; i < table->count; i++) {
			if (is_bytes(&table->columns[i])) {
				struct str *s = bytes_of(&table->columns[i], row);

				*s = arena_str(&u->arena, *s);
			}
		}
		map_add(u, noun, table, row, ENTRY_CLEAN);
	}
}

/* By the order's id or, the order itself, by its ext_key. */
static const struct image *image_for(struct recent *r, const struct slot *s)
{
	if (!s->column)
		return image_of(r, s->key);
	if (s->noun != NOUN_ORDER)
		return NULL;
	const struct image *image = image_of(r, *name_of(r, s->text));
	const struct order *o = image ? order_of(image) : NULL;

	return o && str_eq(o->ext_key, s->text) ? image : NULL;
}

/* Marks what it finds as loaded; true when nothing is left to fetch. */
static bool take_pending(struct recent *r, struct unit *u, int64_t since_us)
{
	bool all = true;

	/* Rows that are taken make slots of their own, which come before this one in the list. */
	for (struct slot *s = u->map->pending; s; s = s->pending) {
		const struct image *image = s->loaded ? NULL : image_for(r, s);

		if (image && image->covered >> s->noun & 1 && image->written_us >= since_us) {
			s->loaded = true;
			take_noun(u, image, s->noun);
		}
		all &= s->loaded;
	}
	return all;
}

void recent_fill(struct recent *r, struct unit *u)
{
	if (r->shared)
		return;
	pthread_mutex_lock(&r->lock);
	take_pending(r, u, INT64_MIN);
	pthread_mutex_unlock(&r->lock);
}

/* Less than a node's lease (store/nodes.h): who wrote that lately has not lost its jobs since. */
static const int64_t shared_most_us = SECONDS_US(10);

static int64_t shared_recent_us(const struct verb *verb)
{
	return verb->recent_us < shared_most_us ? verb->recent_us : shared_most_us;
}

/* Both rounds from one moment: no commit comes between them. */
static bool take_all(struct recent *r, struct unit *u, const struct task *t, int64_t since_us)
{
	pthread_mutex_lock(&r->lock);
	bool all = take_pending(r, u, since_us);
	if (all && t->verb->need_more) {
		t->verb->need_more(u, t);
		all = take_pending(r, u, since_us);
	}
	pthread_mutex_unlock(&r->lock);
	return all;
}

bool recent_answer(struct recent *r, struct engine *e, struct task *t)
{
	struct unit u = { 0 };
	int64_t since_us = r->shared ? clock_mono_us() - shared_recent_us(t->verb) : INT64_MIN;

	arena_init(&u.arena);
	unit_begin(&u, e, NULL, NULL, engine_now_us(e));
	t->verb->need(&u, t);
	bool found = take_all(r, &u, t, since_us);
	if (found)
		t->result = t->verb->act(&u, t);
	unit_end(&u);
	arena_done(&u.arena);
	atomic_fetch_add(found ? &r->answered : &r->missed, 1);
	if (found)
		t->done(t);
	return found;
}

void recent_stats(struct recent *r, struct recent_stats *ret)
{
	*ret = (struct recent_stats){ atomic_load(&r->answered), atomic_load(&r->missed) };
}
