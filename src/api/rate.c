#include "api/rate.h"

#include <stdlib.h>

enum { FIRST_SLOTS = 256 };

/* Tokens are counted in millionths of a request, so that one microsecond at `limit` a second adds `limit` of them. */
#define TOKEN INT64_C(1000000)

struct bucket {
	int64_t credential; /* 0 = free */
	int64_t limit, tokens, filled_us;
};

struct rates {
	struct bucket *buckets; /* open addressing; at most half of them in use */
	size_t slots, used;	/* slots is a power of two */
};

struct rates *rates_new(void)
{
	struct rates *r = calloc(1, sizeof(*r));

	must(r);
	r->slots = FIRST_SLOTS;
	r->buckets = calloc(r->slots, sizeof(*r->buckets));
	must(r->buckets);
	return r;
}

void rates_free(struct rates *r)
{
	if (!r)
		return;
	free(r->buckets);
	free(r);
}

static void fill(struct bucket *b, int64_t now_us)
{
	int64_t passed_us = now_us - b->filled_us;

	/* After a second it is full whatever it held. */
	if (passed_us >= 1000000)
		b->tokens = b->limit * TOKEN;
	else if (passed_us > 0)
		b->tokens += passed_us * b->limit;
	if (b->tokens > b->limit * TOKEN)
		b->tokens = b->limit * TOKEN;
	b->filled_us = now_us;
}

static struct bucket *slot_of(struct rates *r, int64_t credential)
{
	size_t i = (size_t)((uint64_t)credential * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (r->slots - 1);

	while (r->buckets[i].credential && r->buckets[i].credential != credential)
		i = (i + 1) & (r->slots - 1);
	return &r->buckets[i];
}

/* Keeps what is not full and makes room for as much again. */
static void rehash(struct rates *r, int64_t now_us)
{
	struct rates old = *r;
	size_t kept = 0;

	for (size_t i = 0; i < old.slots; i++) {
		struct bucket *b = &old.buckets[i];

		if (!b->credential)
			continue;
		fill(b, now_us);
		if (b->tokens == b->limit * TOKEN)
			b->credential = 0;
		else
			kept++;
	}
	while (r->slots < kept * 4)
		r->slots *= 2;
	r->buckets = calloc(r->slots, sizeof(*r->buckets));
	must(r->buckets);
	r->used = kept;
	for (size_t i = 0; i < old.slots; i++)
		if (old.buckets[i].credential)
			*slot_of(r, old.buckets[i].credential) = old.buckets[i];
	free(old.buckets);
}

static struct bucket *bucket_of(struct rates *r, int64_t credential, int64_t limit, int64_t now_us)
{
	struct bucket *b = slot_of(r, credential);

	if (!b->credential) {
		if (r->used * 2 >= r->slots) {
			rehash(r, now_us);
			b = slot_of(r, credential);
		}
		r->used++;
		*b = (struct bucket){ credential, limit, limit * TOKEN, now_us };
	}
	/* The operator has changed the limit: what is in the bucket stays, as far as it fits. */
	b->limit = limit;
	fill(b, now_us);
	return b;
}

int64_t rate_share(int64_t limit, int nodes)
{
	return limit > 0 && limit <= RATE_UNLIMITED ? (limit + nodes - 1) / nodes : limit;
}

struct rate_verdict rates_take(struct rates *r, int64_t credential, int64_t limit, int64_t now_us)
{
	if (limit <= 0 || limit > RATE_UNLIMITED)
		return (struct rate_verdict){ true, RATE_UNLIMITED, RATE_UNLIMITED, 0 };
	must(credential != 0);
	struct bucket *b = bucket_of(r, credential, limit, now_us);
	/* At one request a second or more the next token is less than a second away. */
	if (b->tokens < TOKEN)
		return (struct rate_verdict){ false, limit, 0, 1 };
	b->tokens -= TOKEN;
	return (struct rate_verdict){ true, limit, b->tokens / TOKEN, 0 };
}
