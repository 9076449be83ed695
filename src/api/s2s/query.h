/* api/s2s/query.h: query parameters and cursors of the S2S API. Every fault names its parameter. */
#pragma once

#include "api/endpoint.h"
#include "http/query.h"
#include "json/fields.h"

struct s2s_query {
	struct request *rq;
	struct query params;
};

/* Reads the request's query. Each of the next adds a fault and leaves *ret when the parameter is not as it must be. */
struct s2s_query s2s_query(struct request *rq);
void s2s_query_int(struct s2s_query *q, const char *name, int64_t min, int64_t max, int64_t *ret);
void s2s_query_bool(struct s2s_query *q, const char *name, bool *ret); /* true, false, 1, 0 */
/* RFC 3339, where a space may stand for '+', or a bare date: midnight UTC, or with `to_end` its last microsecond. */
void s2s_query_time(struct s2s_query *q, const char *name, bool to_end, int64_t *ret_us);
void s2s_query_word(struct s2s_query *q, const char *name, const struct field_name *words, int *ret);
/* en or ru, the partner's otherwise. */
int s2s_query_locale(struct s2s_query *q);

/* A place in a list, as a client hands it back: opaque to it, base64url of JSON. Lists by time say the time too, so
 * that rows of one second are told apart by `key`. */
struct s2s_cursor {
	int64_t id;   /* 0 = none was given */
	bool forward; /* the page goes on behind it; else it ends before it */
};
void s2s_query_cursor(struct s2s_query *q, const char *key, bool by_time, struct s2s_cursor *ret);
/* "meta": the cursors are of the first and last row; a row of time 0 has none. */
struct s2s_edge {
	int64_t id, created_us;
};
struct s2s_meta {
	const char *key;
	bool more_before, more_after;
	struct s2s_edge first, last;
	int64_t per_page;
};
void s2s_put_meta(struct request *rq, struct json_writer *w, const struct s2s_meta *meta);

/* Adds "name: rule". */
void s2s_fault(struct request *rq, const char *name, const char *rule);
