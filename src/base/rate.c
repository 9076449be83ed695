#include "base/rate.h"

#include <arpa/inet.h>
#include <stdlib.h>

enum { FIRST_SLOTS = 256, NETWORK_BYTES = 8 };
#define PERIOD_MOST_US INT64_C(3600000000)

struct bucket {
	int64_t key; /* 0 = free */
	int64_t limit, tokens, filled_us;
};

struct rates {
	struct bucket *buckets; /* open addressing; at most half of them in use */
	size_t slots, used;	/* slots is a power of two */
	/* One request is so many tokens, so that one microsecond at `limit` a period adds `limit` of them. */
	int64_t period_us;
};

struct rates *rates_new(int64_t period_us)
{
	struct rates *r = calloc(1, sizeof(*r));

	must(r && period_us > 0 && period_us <= PERIOD_MOST_US);
	r->period_us = period_us;
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

static void fill(const struct rates *r, struct bucket *b, int64_t now_us)
{
	int64_t passed_us = now_us - b->filled_us;

	/* After a period it is full whatever it held. */
	if (passed_us >= r->period_us)
		b->tokens = b->limit * r->period_us;
	else if (passed_us > 0)
		b->tokens += passed_us * b->limit;
	if (b->tokens > b->limit * r->period_us)
		b->tokens = b->limit * r->period_us;
	b->filled_us = now_us;
}

static struct bucket *slot_of(struct rates *r, int64_t key)
{
	size_t i = (size_t)((uint64_t)key * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (r->slots - 1);

	while (r->buckets[i].key && r->buckets[i].key != key)
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

		if (!b->key)
			continue;
		fill(r, b, now_us);
		if (b->tokens == b->limit * r->period_us)
			b->key = 0;
		else
			kept++;
	}
	while (r->slots < kept * 4)
		r->slots *= 2;
	r->buckets = calloc(r->slots, sizeof(*r->buckets));
	must(r->buckets);
	r->used = kept;
	for (size_t i = 0; i < old.slots; i++)
		if (old.buckets[i].key)
			*slot_of(r, old.buckets[i].key) = old.buckets[i];
	free(old.buckets);
}

static struct bucket *bucket_of(struct rates *r, int64_t key, int64_t limit, int64_t now_us)
{
	struct bucket *b = slot_of(r, key);

	if (!b->key) {
		if (r->used * 2 >= r->slots) {
			rehash(r, now_us);
			b = slot_of(r, key);
		}
		r->used++;
		*b = (struct bucket){ key, limit, limit * r->period_us, now_us };
	}
	/* The operator has changed the limit: what is in the bucket stays, as far as it fits. */
	b->limit = limit;
	fill(r, b, now_us);
	return b;
}

int64_t rate_share(int64_t limit, int nodes)
{
	return limit > 0 && limit <= RATE_UNLIMITED ? (limit + nodes - 1) / nodes : limit;
}

int64_t rate_key(struct str text)
{
	return -(int64_t)(str_hash(text) >> 2) - 1;
}

int64_t rate_key_of_peer(struct str address)
{
	struct in6_addr six;
	char text[INET6_ADDRSTRLEN];

	if (address.n >= sizeof(text))
		return rate_key(address);
	memcpy(text, address.p, address.n);
	text[address.n] = '\0';
	if (inet_pton(AF_INET6, text, &six) == 1 && !IN6_IS_ADDR_V4MAPPED(&six))
		return rate_key((struct str){ (const char *)&six, NETWORK_BYTES });
	return rate_key(address);
}

struct rate_verdict rates_take(struct rates *r, int64_t key, int64_t limit, int64_t now_us)
{
	if (limit <= 0 || limit > RATE_UNLIMITED)
		return (struct rate_verdict){ true, RATE_UNLIMITED, RATE_UNLIMITED, 0 };
	must(key != 0);
	struct bucket *b = bucket_of(r, key, limit, now_us);
	if (b->tokens < r->period_us) {
		int64_t second_us = 1000000, wait_us = (r->period_us - b->tokens + limit - 1) / limit;

		return (struct rate_verdict){ false, limit, 0, (wait_us + second_us - 1) / second_us };
	}
	b->tokens -= r->period_us;
	return (struct rate_verdict){ true, limit, b->tokens / r->period_us, 0 };
}
