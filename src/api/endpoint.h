/* api/endpoint.h: an endpoint is a row; this is what rows are made of and what runs them.
 *
 * parse (loop thread): bytes -> a command in the request's arena, or a list of faults. The verb's need and act decide,
 * on the committer or a reader. render (loop thread): result -> bytes, straight into the reply. Endpoints that are
 * answered from memory (the catalogue) have `answer` in place of a verb. A handler with a business `if`, or a dialect
 * that touches SQL, is in the wrong folder. */
#pragma once

#include "core/catalog.h"
#include "http/server.h"
#include "service/directory.h"
#include "service/task.h"
#include "json/writer.h"

struct api; /* everything a request needs from the server: engine, snapshots, clock, keys, settings; api/edge.h */
struct endpoint;
struct route_captures;

/* One refusal; a dialect may answer several at once. */
struct fault {
	enum err code;
	struct str message; /* absent = the dialect's own words for the code */
};

struct request {
	struct http_exchange *x; /* bytes in and out; its arena is the request's */
	struct api *api;
	const struct endpoint *endpoint;
	const struct credential *credential; /* NULL on rows without authentication */
	const struct directory *directory;   /* held */
	const struct catalog *catalog;	     /* held */
	struct str captures[4];		     /* of the pattern's {names}, percent-decoded */
	int64_t now_us;			     /* business time of arrival */
	struct task task;
	struct fault faults[LIMIT_FIELD_ERRORS];
	size_t fault_count;
	void *result; /* of `answer` */
};

enum endpoint_flag {
	ENDPOINT_OPEN = 1,	 /* no authentication */
	ENDPOINT_IDEMPOTENT = 2, /* honours Idempotency-Key */
};

struct endpoint {
	const char *method, *pattern; /* "/v1/products/{id}" */
	unsigned flags;
	int status;			       /* of success */
	enum err (*parse)(struct request *rq); /* fills rq->task.command; ERR_* or faults refuse */
	const struct verb *verb;
	enum err (*answer)(struct request *rq); /* in place of a verb: from memory, at once */
	void (*render)(struct request *rq, struct json_writer *w);
};

/* One dialect: its rows and its ways of saying no. One a folder, listed in api/registry.c. */
struct dialect_api {
	enum dialect dialect;
	const char *prefix; /* "/v1": the longest matching prefix owns an unknown path */
	const struct endpoint *endpoints;
	size_t endpoint_count;
	/* Who is calling: reads the headers, asks directory_authenticate(). ERR_UNAUTHORIZED otherwise. */
	enum err (*authenticate)(struct request *rq);
	/* Writes status, headers and body for rq->faults (at least one). */
	void (*refuse)(struct request *rq);
	/* Headers of every authenticated answer: rate limit. */
	void (*rate_headers)(struct request *rq, int64_t limit, int64_t remaining);
};

/* Adds a fault; returns its code, so that a parser can `return request_fault(...)`. */
enum err request_fault(struct request *rq, enum err code, struct str message);
