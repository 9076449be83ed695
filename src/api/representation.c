#include "api/representation.h"

#include "base/gzip.h"
#include "base/hash.h"

#include <inttypes.h>

#define GZIP_SUFFIX "-gzip"

/* Below, the saving is not worth the client's work; above, compressing would hold up everybody else's answers. */
enum { LEAST_BYTES = 1024, MOST_BYTES = 512 * 1024 };

bool representation_is_known(struct str known, struct str tag)
{
	while (known.n) {
		struct str one = str_trim(str_cut(&known, ','));

		if (str_is(one, "*"))
			return true;
		/* Tags are compared weakly: a proxy may have weakened ours. */
		if (str_starts(one, STR("W/")))
			one = str_skip(one, 2);
		if (one.n < 2 || one.p[0] != '"' || one.p[one.n - 1] != '"')
			continue;
		one = (struct str){ one.p + 1, one.n - 2 };
		if (str_starts(one, tag) && (one.n == tag.n || str_is(str_skip(one, tag.n), GZIP_SUFFIX)))
			return true;
	}
	return false;
}

/* "q=0", "q=0.0": anything else wants it. */
static bool is_refused(struct str parameters)
{
	while (parameters.n) {
		struct str one = str_trim(str_cut(&parameters, ';'));
		struct str name = str_cut(&one, '=');

		if (!str_eq_nocase(str_trim(name), STR("q")))
			continue;
		one = str_trim(one);
		for (size_t i = 0; i < one.n; i++)
			if (one.p[i] != '0' && one.p[i] != '.')
				return false;
		return one.n > 0;
	}
	return false;
}

bool representation_takes_gzip(struct str accepted)
{
	bool any = false;

	while (accepted.n) {
		struct str parameters = str_cut(&accepted, ',');
		struct str coding = str_trim(str_cut(&parameters, ';'));

		if (str_eq_nocase(coding, STR("gzip")) || str_eq_nocase(coding, STR("x-gzip")))
			return !is_refused(parameters);
		if (str_is(coding, "*"))
			any = !is_refused(parameters);
	}
	return any;
}

static struct str tag_of(struct arena *a, struct str plain)
{
	struct hash128 hash = hash_bytes(plain);

	return arena_printf(a, "%016" PRIx64 "%016" PRIx64, hash.a, hash.b);
}

/* What the answer depends on beside snapshot and stock. */
static struct str key_of(struct request *rq)
{
	return arena_printf(&rq->x->arena, "%s %.*s?%.*s %d %d %.*s", rq->endpoint->pattern, STR_ARG(rq->captures[0]),
			    STR_ARG(rq->x->query), rq->list, rq->credential->partner->sandbox,
			    STR_ARG(rq->credential->partner->locale));
}

static bool may_compress(const struct request *rq, size_t bytes)
{
	return bytes >= LEAST_BYTES && bytes <= MOST_BYTES &&
	       representation_takes_gzip(http_header_find(rq->x, "Accept-Encoding"));
}

/* Compresses what is asked for compressed; once, if it is kept. */
static struct str compressed(struct request *rq, struct page *page, struct str plain)
{
	struct buf out;
	struct str gzip = STR_NONE;

	if (page->gzip.p || page->stays_plain)
		return page->gzip;
	buf_init(&out, 2 * (size_t)MOST_BYTES);
	page->stays_plain = !gzip_put(&out, plain) || out.n >= plain.n;
	if (!page->stays_plain)
		gzip = arena_str(&rq->x->arena, buf_view(&out));
	buf_done(&out);
	if (gzip.p)
		page_cache_compress(rq->pages, page, gzip);
	return gzip;
}

/* The page of that tag of which only the compressed bytes are kept. */
static struct page *page_of_tag(struct request *rq, struct str tag, struct page *otherwise)
{
	struct page *page = page_cache_find(rq->pages, rq->catalog, tag);

	if (!page)
		page = page_cache_put(rq->pages, rq->catalog, tag, otherwise);
	return page ? page : otherwise;
}

/* Headers and, in place of what may stand there, body. `page` NULL: the body is there and is not kept. */
static void represent(struct request *rq, struct page *page, struct str tag)
{
	struct http_exchange *x = rq->x;
	struct str plain = page ? page->plain : buf_view(&x->reply), coded = STR_NONE;
	struct page rendered = { .tag = tag };
	bool is_known = representation_is_known(http_header_find(x, "If-None-Match"), tag);

	http_reply_header(x, "Vary", STR("Accept-Encoding"));
	if (may_compress(rq, plain.n))
		coded = compressed(rq, page ? page : page_of_tag(rq, tag, &rendered), plain);
	http_reply_header(x, "ETag", arena_printf(&x->arena, "\"%.*s%s\"", STR_ARG(tag), coded.p ? GZIP_SUFFIX : ""));
	if (is_known || coded.p || page)
		buf_clear(&x->reply);
	if (is_known) {
		x->status = 304;
		return;
	}
	if (coded.p)
		http_reply_header(x, "Content-Encoding", STR("gzip"));
	if (coded.p || page)
		buf_str(&x->reply, coded.p ? coded : plain);
}

bool representation_kept(struct request *rq)
{
	struct page *page = page_cache_find(rq->pages, rq->catalog, key_of(rq));

	if (!page || !shown_stock_still(&page->stock, rq->stock, rq->x->arrived_us))
		return false;
	rq->x->status = rq->endpoint->status;
	represent(rq, page, page->tag);
	return true;
}

void representation_finish(struct request *rq)
{
	struct page *page = NULL;

	if (rq->x->reply.failed)
		return;
	struct page rendered = { .plain = buf_view(&rq->x->reply), .stock = rq->shown };
	rendered.tag = tag_of(&rq->x->arena, rendered.plain);
	if (rq->endpoint->flags & ENDPOINT_KEPT)
		page = page_cache_put(rq->pages, rq->catalog, key_of(rq), &rendered);
	represent(rq, page, rendered.tag);
}
