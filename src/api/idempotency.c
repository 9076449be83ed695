#include "api/idempotency.h"

#include "base/limits.h"

enum { KEY_LEAST = 8, KEY_MOST = 255 };

static bool key_is_good(struct str key)
{
	if (key.n < KEY_LEAST || key.n > KEY_MOST)
		return false;
	for (size_t i = 0; i < key.n; i++)
		if (key.p[i] < ' ' || key.p[i] > '~')
			return false;
	return true;
}

/* What tells a repeat from another request under the same key. */
static int64_t request_hash(const struct request *rq)
{
	struct buf all;
	unsigned char digest[HASH_BYTES];
	uint64_t hash = 0;

	buf_init(&all, LIMIT_TARGET_BYTES + rq->x->body.n + LIMIT_HEADER_BYTES);
	buf_str(&all, rq->x->method);
	buf_char(&all, ' ');
	buf_str(&all, rq->x->path);
	buf_char(&all, '\n');
	buf_str(&all, rq->x->body);
	crypto_digest(buf_view(&all), digest);
	buf_done(&all);
	for (size_t i = 0; i < sizeof(hash); i++)
		hash = hash << 8 | digest[i];
	return (int64_t)hash;
}

enum err request_take_key(struct request *rq)
{
	struct str key = http_header_find(rq->x, "Idempotency-Key");

	if (!(rq->endpoint->flags & ENDPOINT_IDEMPOTENT) || !key.p)
		return OK;
	if (!key_is_good(key))
		return request_fault(rq, ERR_BAD_REQUEST,
				     STR("Idempotency-Key: must be 8 to 255 printable ASCII characters"));
	rq->idempotency_key = key;
	rq->request_hash = request_hash(rq);
	return OK;
}
