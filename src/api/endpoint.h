/* api/endpoint.h: an endpoint is a row; this is what rows are made of and what runs them.
 *
 * parse (loop thread): bytes -> a command in the request's arena, or a list of faults. The verb's need and act decide,
 * on the committer or a reader. answer (loop thread): from memory, in place of a verb (the catalogue) or after it (an
 * empty list that is a refusal). render (loop thread): result -> bytes, straight into the reply. A handler with a
 * business `if`, or a dialect that touches SQL, is in the wrong folder. */
#pragma once

#include "api/shown_stock.h"
#include "base/limits.h"
#include "core/catalog_query.h"
#include "core/lookup.h"
#include "http/server.h"
#include "service/directory.h"
#include "service/order.h"
#include "service/task.h"
#include "service/work.h"
#include "json/reader.h"
#include "json/writer.h"

struct api; /* the edge itself: api/edge.h */
struct endpoint;
struct fragments;
struct page_cache;
struct relayed;

/* A price list number that no catalogue has: a partner whose list sells nothing sees nothing. */
enum { LIST_NONE = PRICE_LISTS_MAX, REQUEST_CAPTURES = 4 };

/* What an operator may choose; the same for all dialects. Immutable while the server runs. */
struct api_settings {
	/* What links begin with: "https://api.example.com", without a slash at its end. Not copied; whole once the
	 * server runs. */
	const char *public_url;
	bool empty_list_is_200; /* DVS: an empty list is 200 [], not 404 with the resource's code */
};

/* One refusal; a dialect may answer several at once. */
struct fault {
	enum err code;
	struct str message; /* absent = the dialect's own words for the code */
};

struct request {
	struct http_exchange *x; /* bytes in and out; its arena is the request's */
	struct api *api;
	const struct api_settings *settings;
	const struct keys *keys;     /* opens what is sealed */
	const struct lookup *lookup; /* NULL: no supplier answers look-ups */
	struct fragments *fragments; /* the dialect's cache of rendered catalogue pieces */
	struct page_cache *pages;    /* and of whole answers: api/representation.h */
	struct stock_book *stock;
	struct shown_stock shown;	       /* what the answer says of it */
	const struct dialect_api *dialect;     /* never NULL for functions of a dialect */
	const struct endpoint *endpoint;       /* NULL for an unknown path */
	const struct credential *credential;   /* NULL before authentication and on open rows */
	const struct directory *directory;     /* held until the answer is rendered */
	const struct catalog *catalog;	       /* held likewise */
	int list;			       /* the partner's price list in `catalog`, or LIST_NONE */
	struct str captures[REQUEST_CAPTURES]; /* of the pattern's {names}, percent-decoded */
	int64_t now_us;			       /* business time of arrival */
	struct str idempotency_key;	       /* absent = none was sent */
	int64_t request_hash;		       /* of method, path and raw body; set with the key */
	struct task task;		       /* its command is what parse made */
	struct fault faults[LIMIT_FIELD_ERRORS];
	size_t fault_count;
	void *result;		   /* of `answer` */
	void *input;		   /* the dialect's own: what it has read before it knew who calls */
	struct token_book *tokens; /* service/token.h: of dialects whose callers log in */
	bool is_relayed;	   /* another node handed it on: it has counted it, and it goes no further */
	struct relayed *relayed;   /* on its way to another node; NULL: it is done here */
};

enum endpoint_flag {
	ENDPOINT_OPEN = 1,	 /* no authentication */
	ENDPOINT_IDEMPOTENT = 2, /* honours Idempotency-Key */
	ENDPOINT_HELD = 4,	 /* the answer may wait for the end of an order */
	ENDPOINT_TAGGED = 8,	 /* ETag, If-None-Match and gzip: api/representation.h */
	/* Kept whole: it has no verb, sets no headers, and its bytes follow from snapshot, price list, the partner's
	 * language and sandbox, first capture, query and shown stock alone. With ENDPOINT_TAGGED. */
	ENDPOINT_KEPT = 16,
	ENDPOINT_RESTRICTED = 32, /* for credentials of SCOPE_ADMIN alone: ERR_RESTRICTED */
	ENDPOINT_ELEVATED = 64,	  /* not for credentials of SCOPE_LIMITED: ERR_RESTRICTED */
};

struct endpoint {
	const char *method, *pattern; /* "/v1/products/{id}"; first, as http/route.h wants it */
	unsigned flags;
	int status;				/* of success */
	enum err (*parse)(struct request *rq);	/* fills rq->task.command; ERR_* or faults refuse. May be NULL */
	const struct verb *verb;		/* may be NULL */
	enum err (*answer)(struct request *rq); /* in place of a verb, or after its success. May be NULL */
	void (*render)(struct request *rq, struct json_writer *w);
	size_t body_bytes; /* the largest body; 0 = the dialect's */
};

/* One dialect: its rows and its ways of saying no. One a folder, listed in api/registry.c. */
struct dialect_api {
	enum dialect dialect;
	const char *prefix;	    /* "/v1": the longest matching prefix owns an unknown path */
	const char *const *aliases; /* more of them, ends with NULL; NULL = none */
	const struct endpoint *endpoints;
	size_t endpoint_count;
	const char *content_type; /* of every answer; NULL: render, refuse and finish set it */
	bool unknown_first;	  /* an unknown path is said to be one before anybody is asked who he is */
	size_t body_bytes;	  /* the largest body of its calls; 0 = LIMIT_BODY_BYTES, which it is not below */
	/* Who is calling: reads the headers, asks directory_authenticate(). ERR_UNAUTHORIZED otherwise. */
	enum err (*authenticate)(struct request *rq, const struct credential **ret);
	/* Writes headers and body for rq->faults (at least one) and sets x->status, unless it is an error status
	 * already: then the HTTP server has chosen it. `endpoint` may be NULL. Does not send. */
	void (*refuse)(struct request *rq);
	/* Last, on every answer, once its body is whole: another form of it, headers. May be NULL. */
	void (*finish)(struct request *rq);
	/* Headers of every authenticated answer: rate limit. */
	void (*rate_headers)(struct request *rq, int64_t limit, int64_t remaining);
	/* The body of a callback, in the arena. ERR_SEALED when a delivery cannot be opened, ERR_STORE_FAILED when the
	 * product is not known any more. */
	enum err (*callback_body)(struct arena *a, const struct keys *keys, const struct order_view *view,
				  struct str *ret);
	/* Headers of its own for one try, now; how many. NULL = none. */
	size_t (*callback_headers)(struct arena *a, const struct keys *keys, const struct callback_get *callback,
				   struct callback_header ret[CALLBACK_HEADERS]);
	/* How the end of a payment is called out; of the dialect of payment requests alone, else NULL. */
	void (*payment_callback)(struct arena *a, const struct keys *keys, const struct callback_get *callback,
				 struct payment_callback *ret);
	/* The members of an order in the feed (api/events.h): its names, and the state that it was in. */
	void (*put_event_order)(struct json_writer *w, struct arena *a, const struct keys *keys, const struct order *o);
	const int64_t *callback_waits; /* after the first, second, ... failed try, us; ends with 0. NULL = as always */
	/* Appends what a person may paste into a shell to buy from a demo; `credential` as demo_secrets_invent() names
	 * its parts. */
	void (*print_sample)(struct buf *b, const struct json_token *credential, const char *base_url);
};

/* What is left of a product for the caller: at most LIMIT_STOCK_SHOWN, a few seconds old. False: it is not sold from
 * stock, and somebody makes as many as are asked for. */
bool request_stock(struct request *rq, const struct product *p, int64_t *ret_left);

/* The answer shows the order, and what it delivered: if it is the first one, that is marked (service/first_read.h). */
void request_shows(struct request *rq, const struct order_view *view);

/* How often something may be tried, whoever tries it: ERR_RATE_LIMITED past `a_second` of the same key (base/rate.h).
 */
MUST_USE enum err request_throttle(struct request *rq, int64_t key, int64_t a_second);

/* Adds a fault; past the limit it is dropped. */
void request_add_fault(struct request *rq, enum err code, struct str message);
/* The same; returns the code, so that a parser can `return request_fault(...)`. */
MUST_USE enum err request_fault(struct request *rq, enum err code, struct str message);
