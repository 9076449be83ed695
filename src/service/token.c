#include "service/token.h"

#include "base/buf.h"
#include "base/clock.h"

#include <pthread.h>
#include <stdlib.h>

enum { HEAD_DIGITS = 16 + 16 + 16 + 32, MAC_BYTES = 16, TOKEN_DIGITS = HEAD_DIGITS + 2 * MAC_BYTES, FIRST_ROOM = 1024 };

/* One that is alive. Kept until its absolute end, or else it would come back to life. */
struct seen {
	uint64_t key; /* of its random part; 0 = an empty slot */
	int64_t used_us, ends_us;
};

struct token_book {
	pthread_mutex_t lock;
	struct seen *slots;
	size_t room, count; /* room: a power of two */
};

struct parts {
	int64_t credential_id, issued_us, life_us;
	uint64_t key;
};

struct token_book *token_book_new(void)
{
	struct token_book *b = calloc(1, sizeof(*b));

	must(b && !pthread_mutex_init(&b->lock, NULL));
	b->room = FIRST_ROOM;
	b->slots = calloc(b->room, sizeof(*b->slots));
	must(b->slots);
	return b;
}

void token_book_free(struct token_book *b)
{
	if (!b)
		return;
	pthread_mutex_destroy(&b->lock);
	free(b->slots);
	free(b);
}

/* The token's own slot, or the empty one where it would be. */
static struct seen *slot_of(struct seen *slots, size_t room, uint64_t key)
{
	size_t at = key & (room - 1);

	while (slots[at].key && slots[at].key != key)
		at = (at + 1) & (room - 1);
	return &slots[at];
}

/* Into a table with room, without those that have ended. */
static void make_room(struct token_book *b, int64_t now_us)
{
	size_t alive = 0, room = FIRST_ROOM;

	if (2 * b->count < b->room)
		return;
	for (size_t i = 0; i < b->room; i++)
		alive += b->slots[i].key && b->slots[i].ends_us > now_us;
	while (room < 4 * alive)
		room *= 2;
	struct seen *slots = calloc(room, sizeof(*slots));
	must(slots);
	for (size_t i = 0; i < b->room; i++)
		if (b->slots[i].key && b->slots[i].ends_us > now_us)
			*slot_of(slots, room, b->slots[i].key) = b->slots[i];
	free(b->slots);
	b->slots = slots;
	b->room = room;
	b->count = alive;
}

static bool book_use(struct token_book *b, const struct parts *p, int64_t now_us)
{
	pthread_mutex_lock(&b->lock);
	make_room(b, now_us);
	struct seen *seen = slot_of(b->slots, b->room, p->key);
	bool is_new = !seen->key;
	bool is_alive = is_new ? b->count < TOKENS_MOST : now_us - seen->used_us < SECONDS_US(TOKEN_IDLE_SECONDS);

	if (is_alive && is_new) {
		*seen = (struct seen){ .key = p->key, .ends_us = p->issued_us + p->life_us };
		b->count++;
	}
	if (is_alive)
		seen->used_us = now_us;
	pthread_mutex_unlock(&b->lock);
	return is_alive;
}

static void put_mac(const struct keys *keys, struct buf *b)
{
	unsigned char mac[HASH_BYTES];
	char text[HEAD_DIGITS + 8];
	struct buf all = { .p = text, .cap = sizeof(text), .max = sizeof(text) };

	buf_lit(&all, "token ");
	buf_put(&all, b->p, HEAD_DIGITS);
	crypto_keyed_hash(keys, buf_view(&all), mac);
	buf_hex(b, mac, MAC_BYTES);
}

enum err token_issue(struct token_book *b, const struct keys *keys, struct arena *a, int64_t credential_id,
		     int64_t now_us, int64_t life_us, struct str *ret)
{
	struct parts p = { credential_id, now_us, life_us, crypto_random_u64() | 1 };
	char text[TOKEN_DIGITS];
	struct buf out = { .p = text, .cap = sizeof(text), .max = sizeof(text) };

	if (!book_use(b, &p, now_us))
		return ERR_BUSY;
	buf_printf(&out, "%016llx%016llx%016llx%016llx%016llx", (unsigned long long)p.credential_id,
		   (unsigned long long)p.issued_us, (unsigned long long)p.life_us, (unsigned long long)p.key,
		   (unsigned long long)crypto_random_u64());
	put_mac(keys, &out);
	must(!out.failed && out.n == TOKEN_DIGITS);
	*ret = arena_str(a, buf_view(&out));
	return OK;
}

/* Sixteen lowercase hex digits, which the hash has shown to be ours. */
static uint64_t number_at(struct str token, size_t at)
{
	uint64_t n = 0;

	for (size_t i = at; i < at + 16; i++)
		n = n << 4 | (uint64_t)(token.p[i] <= '9' ? token.p[i] - '0' : token.p[i] - 'a' + 10);
	return n;
}

enum err token_use(struct token_book *b, const struct keys *keys, struct str token, int64_t now_us,
		   int64_t *ret_credential_id)
{
	char text[TOKEN_DIGITS];
	struct buf made = { .p = text, .cap = sizeof(text), .max = sizeof(text) };

	if (token.n != TOKEN_DIGITS)
		return ERR_UNAUTHORIZED;
	buf_put(&made, token.p, HEAD_DIGITS);
	put_mac(keys, &made);
	if (!crypto_equal(token, buf_view(&made)))
		return ERR_UNAUTHORIZED;
	const struct parts p = { (int64_t)number_at(token, 0), (int64_t)number_at(token, 16),
				 (int64_t)number_at(token, 32), number_at(token, 48) };
	if (now_us >= p.issued_us + p.life_us || !book_use(b, &p, now_us))
		return ERR_UNAUTHORIZED;
	*ret_credential_id = p.credential_id;
	return OK;
}
