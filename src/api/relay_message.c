#include "api/relay_message.h"

#include "base/clock.h"
#include "base/limits.h"
#include "http/inner.h"

#include <inttypes.h>
#include <string.h>

enum { SEAL_SECONDS = 30, HASH_CHARS = 64, SIZE_BYTES = 4, ANSWER_HEADERS = HTTP_REPLY_HEADERS / 2 };

/* Instead of a length. */
static const uint64_t absent = UINT32_MAX;

/* A key of its own: what is sealed with it is nothing else that the master key vouches for. */
static void seal_at(const struct keys *keys, struct str moment, struct str message, struct buf *hex)
{
	unsigned char key[HASH_BYTES], mac[HASH_BYTES];
	struct buf text;

	buf_init(&text, LIMIT_RELAY_BYTES + LIMIT_HEADER_BYTES);
	crypto_keyed_hash(keys, STR("key of requests between nodes"), key);
	buf_printf(&text, "%.*s " RELAY_PATH "\n", STR_ARG(moment));
	buf_str(&text, message);
	must(!text.failed);
	crypto_hmac_sha256((struct str){ (const char *)key, sizeof(key) }, buf_view(&text), mac);
	buf_hex(hex, mac, sizeof(mac));
	buf_done(&text);
}

void relay_seal(const struct keys *keys, int64_t wall_us, struct str message, struct buf *ret_value)
{
	char moment[24];

	snprintf(moment, sizeof(moment), "%" PRId64, wall_us);
	buf_printf(ret_value, "%s ", moment);
	seal_at(keys, str_of(moment), message, ret_value);
}

bool relay_is_sealed(const struct keys *keys, int64_t wall_us, const struct http_exchange *x)
{
	struct str given = http_header_find(x, RELAY_SEAL_HEADER), moment = str_cut(&given, ' ');
	char hex[HASH_CHARS];
	struct buf wanted = { .p = hex, .cap = sizeof(hex), .max = sizeof(hex) };
	int64_t then;

	if (!str_is(x->path, RELAY_PATH) || str_to_i64(moment, 0, INT64_MAX, &then))
		return false;
	if (wall_us - then > SECONDS_US(SEAL_SECONDS) || then - wall_us > SECONDS_US(SEAL_SECONDS))
		return false;
	seal_at(keys, moment, x->body, &wanted);
	return crypto_equal(given, buf_view(&wanted));
}

static void put_number(struct buf *b, uint64_t number, int bytes)
{
	char big_endian[8];

	for (int i = 0; i < bytes; i++)
		big_endian[i] = (char)(number >> (bytes - 1 - i) * 8 & 255);
	buf_put(b, big_endian, (size_t)bytes);
}

static void put_text(struct buf *b, struct str text)
{
	put_number(b, text.p ? text.n : absent, SIZE_BYTES);
	if (!text.p)
		return;
	buf_str(b, text);
	buf_char(b, '\0');
}

/* Room for an item's size; returns where the item begins. */
static size_t begin_item(struct buf *b)
{
	put_number(b, 0, SIZE_BYTES);
	return b->n;
}

static void end_item(struct buf *b, size_t from)
{
	size_t n = b->n - from;

	if (b->failed)
		return;
	b->n = from - SIZE_BYTES;
	put_number(b, n, SIZE_BYTES);
	b->n = from + n;
}

/* Headers that are about the connection. */
static bool is_of_the_hop(struct str name)
{
	static const char *const names[] = { "Host",	   "Connection", "Content-Length", "Transfer-Encoding",
					     "Keep-Alive", "Expect",	 "Upgrade",	   "Date",
					     "TE",	   "Trailer",	 "X-Request-Id",   RELAY_SEAL_HEADER };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eq_nocase(name, str_of(names[i])))
			return true;
	return false;
}

static void put_headers(struct buf *b, const struct http_header *headers, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		kept += !is_of_the_hop(headers[i].name);
	put_number(b, kept, SIZE_BYTES);
	for (size_t i = 0; i < count; i++) {
		if (is_of_the_hop(headers[i].name))
			continue;
		put_text(b, headers[i].name);
		put_text(b, headers[i].value);
	}
}

void relay_put_request(struct buf *message, const struct http_exchange *x)
{
	size_t from = begin_item(message);

	put_number(message, x->id, 8);
	put_text(message, x->method);
	put_text(message, x->path);
	put_text(message, x->query);
	put_text(message, x->peer);
	put_headers(message, x->headers, x->header_count);
	put_text(message, x->body);
	end_item(message, from);
}

void relay_put_answer(struct buf *message, struct http_exchange *inner)
{
	size_t count, from = begin_item(message);
	const struct http_header *headers = http_inner_headers(inner, &count);

	put_number(message, (uint64_t)inner->status, SIZE_BYTES);
	put_number(message, inner->secret, SIZE_BYTES);
	put_headers(message, headers, count);
	put_text(message, buf_view(&inner->reply));
	end_item(message, from);
}

/* Reads on; what is not there is zero and absent, and remembered. */
struct reader {
	struct str rest;
	bool bad;
};

static uint64_t read_number(struct reader *r, size_t bytes)
{
	uint64_t number = 0;

	r->bad |= r->rest.n < bytes;
	if (r->bad)
		return 0;
	for (size_t i = 0; i < bytes; i++)
		number = number << 8 | (unsigned char)r->rest.p[i];
	r->rest = str_skip(r->rest, bytes);
	return number;
}

static struct str read_text(struct reader *r)
{
	uint64_t n = read_number(r, SIZE_BYTES);

	if (r->bad || n == absent)
		return STR_NONE;
	r->bad |= n >= r->rest.n || r->rest.p[n] != '\0';
	if (r->bad)
		return STR_NONE;
	struct str text = { r->rest.p, n };
	r->rest = str_skip(r->rest, n + 1);
	return text;
}

struct str relay_next_item(struct str *message, bool *io_bad)
{
	struct reader r = { .rest = *message };

	if (!message->n)
		return STR_NONE;
	uint64_t n = read_number(&r, SIZE_BYTES);
	if (r.bad || n > r.rest.n) {
		*io_bad = true;
		return STR_NONE;
	}
	*message = str_skip(r.rest, n);
	return (struct str){ r.rest.p, n };
}

static struct http_header *read_headers(struct reader *r, struct arena *a, size_t most, size_t *ret_count)
{
	uint64_t count = read_number(r, SIZE_BYTES);

	*ret_count = 0;
	r->bad |= count > most;
	if (r->bad)
		return NULL;
	struct http_header *headers = ARENA_ARRAY(a, struct http_header, count + 1);
	for (uint64_t i = 0; i < count && !r->bad; i++) {
		headers[i].name = read_text(r);
		headers[i].value = read_text(r);
		r->bad |= !headers[i].name.p || !headers[i].value.p;
	}
	*ret_count = count;
	return headers;
}

bool relay_read_request(struct str item, struct http_exchange *x)
{
	struct reader r = { .rest = item };

	x->id = read_number(&r, 8);
	x->method = read_text(&r);
	x->path = x->target = read_text(&r);
	x->query = read_text(&r);
	x->peer = read_text(&r);
	x->headers = read_headers(&r, &x->arena, LIMIT_HEADERS, &x->header_count);
	x->body = read_text(&r);
	return !r.bad && !r.rest.n && x->method.p && x->path.p && x->peer.p && x->body.p;
}

static int read_status(struct reader *r)
{
	uint64_t status = read_number(r, SIZE_BYTES);

	r->bad |= status < 200 || status > 599;
	return r->bad ? 0 : (int)status;
}

int relay_answer_status(struct str item)
{
	struct reader r = { .rest = item };

	return read_status(&r);
}

bool relay_read_answer(struct str item, struct http_exchange *x)
{
	struct reader r = { .rest = item };
	int status = read_status(&r);
	bool secret = read_number(&r, SIZE_BYTES) != 0;
	size_t count;
	const struct http_header *headers = read_headers(&r, &x->arena, ANSWER_HEADERS, &count);
	struct str body = read_text(&r);

	if (r.bad || r.rest.n)
		return false;
	x->status = status;
	x->secret = secret;
	for (size_t i = 0; i < count; i++)
		http_reply_header(x, headers[i].name.p, headers[i].value);
	buf_str(&x->reply, body);
	return true;
}
