#include "api/s2s/query.h"

#include "base/clock.h"
#include "core/geography.h"

enum { CURSOR_MOST = 512 };

void s2s_fault(struct request *rq, const char *name, const char *rule)
{
	request_add_fault(rq, ERR_BAD_REQUEST, arena_printf(&rq->x->arena, "%s: %s", name, rule));
}

struct s2s_query s2s_query(struct request *rq)
{
	struct s2s_query q = { .rq = rq };

	if (query_parse(&rq->x->arena, rq->x->query, QUERY_PLUS_IS_SPACE, &q.params))
		s2s_fault(rq, "query", "must be percent-encoded UTF-8");
	return q;
}

void s2s_query_int(struct s2s_query *q, const char *name, int64_t min, int64_t max, int64_t *ret)
{
	struct str text = query_find(&q->params, name);

	if (text.p && str_to_i64(text, min, max, ret))
		s2s_fault(q->rq, name,
			  arena_printf(&q->rq->x->arena, "must be an integer from %lld to %lld", (long long)min,
				       (long long)max)
				  .p);
}

void s2s_query_bool(struct s2s_query *q, const char *name, bool *ret)
{
	struct str text = query_find(&q->params, name);

	if (!text.p)
		return;
	if (str_is(text, "true") || str_is(text, "1"))
		*ret = true;
	else if (str_is(text, "false") || str_is(text, "0"))
		*ret = false;
	else
		s2s_fault(q->rq, name, "must be true or false");
}

void s2s_query_time(struct s2s_query *q, const char *name, bool to_end, int64_t *ret_us)
{
	struct str text = query_find(&q->params, name);
	int64_t us;

	if (!text.p)
		return;
	if (clock_parse_date(text, &us) == OK)
		*ret_us = to_end ? us + SECONDS_US(24 * 3600) - 1 : us;
	else if (clock_parse_rfc3339(text, true, &us) == OK)
		*ret_us = us;
	else
		s2s_fault(q->rq, name, "must be a date or a time of RFC 3339");
}

void s2s_query_word(struct s2s_query *q, const char *name, const struct field_name *words, int *ret)
{
	struct str text = query_find(&q->params, name);

	if (!text.p)
		return;
	for (; words->name; words++) {
		if (str_is(text, words->name)) {
			*ret = words->value;
			return;
		}
	}
	s2s_fault(q->rq, name, "is not one of the words for it");
}

int s2s_query_locale(struct s2s_query *q)
{
	struct str text = query_find(&q->params, "locale");
	struct str own = q->rq->credential->partner->locale;

	if (text.p && !str_is(text, "en") && !str_is(text, "ru")) {
		s2s_fault(q->rq, "locale", "must be en or ru");
		return LOCALE_DEFAULT;
	}
	int locale = locale_find(text.p ? text : own);
	return locale < 0 ? LOCALE_DEFAULT : locale;
}

/* ---- cursors ---- */

static struct str url_base64(struct arena *a, struct str plain)
{
	struct buf b;

	buf_init(&b, CURSOR_MOST * 2);
	buf_base64(&b, plain.p, plain.n);
	char *text = arena_alloc(a, b.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < b.n && b.p[i] != '='; i++)
		text[n++] = b.p[i] == '+' ? '-' : b.p[i] == '/' ? '_' : b.p[i];
	buf_done(&b);
	return (struct str){ text, n };
}

static enum err from_url_base64(struct arena *a, struct str text, struct str *ret)
{
	char *standard = arena_alloc(a, text.n + 4);
	size_t n = text.n;

	for (size_t i = 0; i < n; i++) {
		if (text.p[i] == '+' || text.p[i] == '/' || text.p[i] == '=')
			return ERR_BAD_REQUEST;
		standard[i] = text.p[i] == '-' ? '+' : text.p[i] == '_' ? '/' : text.p[i];
	}
	while (n % 4)
		standard[n++] = '=';
	return crypto_unbase64(a, (struct str){ standard, n }, ret);
}

/* One of another list is none: it has another key, or says a time where this one does not. */
static bool cursor_read(struct arena *a, struct str text, const char *key, bool by_time, struct s2s_cursor *ret)
{
	struct str plain;
	struct json doc;

	if (text.n > CURSOR_MOST || from_url_base64(a, text, &plain) || json_read(a, plain, NULL, &doc))
		return false;
	return by_time == (json_get(json_root(&doc), "created_at") != NULL) &&
	       json_i64(json_get(json_root(&doc), key), 1, INT64_MAX, &ret->id) == OK &&
	       json_boolean(json_get(json_root(&doc), "_pointsToNextItems"), &ret->forward) == OK;
}

void s2s_query_cursor(struct s2s_query *q, const char *key, bool by_time, struct s2s_cursor *ret)
{
	struct str text = query_find(&q->params, "cursor");

	*ret = (struct s2s_cursor){ 0 };
	if (text.n && !cursor_read(&q->rq->x->arena, text, key, by_time, ret)) {
		*ret = (struct s2s_cursor){ 0 };
		s2s_fault(q->rq, "cursor", "is not a cursor of this list");
	}
}

static void put_cursor(struct request *rq, struct json_writer *w, const char *name, const char *key,
		       const struct s2s_edge *edge, bool forward)
{
	struct json_writer inner;
	struct buf b;

	buf_init(&b, CURSOR_MOST);
	json_writer_init(&inner, &b);
	json_obj(&inner, NULL);
	if (edge->created_us)
		json_time(&inner, "created_at", edge->created_us, 0, "");
	json_int(&inner, key, edge->id);
	json_bool(&inner, "_pointsToNextItems", forward);
	json_end(&inner);
	json_str(w, name, url_base64(&rq->x->arena, buf_view(&b)));
	buf_done(&b);
}

void s2s_put_meta(struct request *rq, struct json_writer *w, const struct s2s_meta *meta)
{
	json_obj(w, "meta");
	if (meta->more_after)
		put_cursor(rq, w, "next_cursor", meta->key, &meta->last, true);
	else
		json_null(w, "next_cursor");
	if (meta->more_before)
		put_cursor(rq, w, "prev_cursor", meta->key, &meta->first, false);
	else
		json_null(w, "prev_cursor");
	json_int(w, "per_page", meta->per_page);
	json_end(w);
}
