/* admin/endpoint.h: an admin endpoint is a row, like those of the dialects (api/endpoint.h).
 *
 * parse (loop thread): bytes -> a command in the request's arena, or faults. verb: on the committer or a reader.
 * render (loop thread): result -> bytes. Rows without a verb are answered at once. */
#pragma once

#include "admin/admin.h"
#include "http/query.h"
#include "service/audit.h"
#include "service/task.h"
#include "json/fields.h"
#include "json/writer.h"

struct import_slot; /* what is being imported: admin/catalog.c */
struct order;
struct login_gate; /* how often somebody has tried to log in: admin/login.c */

enum { ADMIN_CAPTURES = 4, ADMIN_BODY_BYTES = 4 * 1024 * 1024 };

struct admin_request {
	struct admin *admin;
	struct engine *engine;
	struct import_slot *import;
	struct login_gate *gate;
	void (*after)(struct admin_request *rq); /* once the verb has run, whatever came of it; may be NULL */
	struct http_exchange *x;		 /* NULL: admin_call() */
	struct arena *arena;
	const struct admin_endpoint *endpoint;
	struct by by;
	struct str captures[ADMIN_CAPTURES]; /* decoded */
	struct query query;
	struct str body;
	int64_t now_us; /* business */
	struct task task;
	struct json_faults faults;
	struct str detail; /* a sentence for a refusal without faults; absent = the error's name says it */
	int status;
	struct buf *reply;
};

enum { ADMIN_OPEN = 1, /* no token: health */ ADMIN_TEXT = 2 /* the answer is plain text */ };

struct admin_endpoint {
	const char *method, *pattern; /* first, as http/route.h wants it */
	unsigned flags;
	int status;				     /* of success */
	enum err (*parse)(struct admin_request *rq); /* may be NULL */
	const struct verb *verb;		     /* may be NULL */
	enum err (*render)(struct admin_request *rq, struct json_writer *w);
	const struct verb *then; /* runs on the same command after the success of `verb`; may be NULL */
};

struct admin_endpoints {
	const struct admin_endpoint *rows;
	size_t count;
};
extern const struct admin_endpoints admin_partner_endpoints, admin_wallet_endpoints, admin_order_endpoints,
	admin_payment_endpoints, admin_catalog_endpoints, admin_stock_endpoints, admin_store_endpoints,
	admin_login_endpoints, admin_kyc_endpoints, admin_key_endpoints, admin_webhook_endpoints;

struct import_slot *import_slot_new(void);
void import_slot_free(struct import_slot *slot); /* NULL is fine */
struct login_gate *login_gate_new(void);
void login_gate_free(struct login_gate *gate); /* NULL is fine */

/* From now on the token is that operator's, until it ends (business us). Of too many the one that ends first goes. */
void admin_know_session(struct admin *admin, struct str token, struct str email, int64_t expires_at);

/* What partners call the server by; absent when nobody listens. */
struct str admin_public_url(const struct admin *admin);

/* For parsers. The capture or parameter as a number of at least 1; a fault otherwise. */
MUST_USE enum err admin_id(struct admin_request *rq, size_t capture, int64_t *ret);
/* A query parameter in [min, max]; `otherwise` when it is not given. */
MUST_USE enum err admin_number(struct admin_request *rq, const char *name, int64_t min, int64_t max, int64_t otherwise,
			       int64_t *ret);
/* A currency code out of a path, query or body. */
MUST_USE enum err admin_currency(struct admin_request *rq, const char *name, struct str code, struct currency *ret);
/* Binds the body; no body counts as {}. */
MUST_USE enum err admin_body(struct admin_request *rq, const struct fields *table, void *ret);
/* Adds a fault and returns its code. */
MUST_USE enum err admin_fault(struct admin_request *rq, const char *path, enum err code, const char *rule);
/* The order's id and state: what verbs that change one answer. */
MUST_USE enum err admin_put_state(struct json_writer *w, const struct order *o);
void json_moment(struct json_writer *w, const char *name, int64_t us); /* RFC 3339; null for 0 */
/* What the server and the rest of the program have to tell to /metrics. */
void admin_write_metrics(struct admin_request *rq, void (*write_http)(struct buf *b, const struct http_server *server));
