#include "admin/admin.h"

#include "admin/endpoint.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "http/route.h"
#include "service/partner.h"
#include "service/session.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

enum { OPERATORS_MOST = 256, ENDPOINTS_MOST = 64 };

struct known_operator {
	unsigned char token[HASH_BYTES]; /* keyed hash */
	struct str email;
};

/* An operator who has logged in. */
struct open_session {
	unsigned char token[HASH_BYTES]; /* keyed hash */
	char email[256];
	int64_t expires_at; /* business us */
};

/* One of the two ways in. */
struct door {
	struct admin *admin;
	bool asks_token;
};

struct admin {
	struct admin_options options;
	struct door socket, address;
	struct admin_endpoint rows[ENDPOINTS_MOST];
	size_t row_count;
	struct route_table *table;
	struct import_slot *import;
	struct arena arena; /* of the operators */
	struct known_operator operators[OPERATORS_MOST];
	size_t operator_count;
	struct login_gate *gate;
	struct open_session sessions[SESSIONS_MAX];
};

static enum err read_operators(struct admin *admin)
{
	struct operator_list list = { 0 };
	struct arena scratch;
	struct task t = { .verb = &verb_operator_list, .command = &list };

	arena_init(&scratch);
	t.arena = &scratch;
	enum err e = engine_run(admin->options.engine, &t);
	for (size_t i = 0; !e && i < list.count && admin->operator_count < OPERATORS_MOST; i++) {
		struct known_operator *known = &admin->operators[admin->operator_count];

		if (!list.rows[i].active || list.rows[i].token_hash.n != HASH_BYTES)
			continue;
		memcpy(known->token, list.rows[i].token_hash.p, HASH_BYTES);
		known->email = arena_str(&admin->arena, list.rows[i].email);
		admin->operator_count++;
	}
	arena_done(&scratch);
	return e;
}

static void keep_session(struct admin *admin, const unsigned char token[HASH_BYTES], struct str email,
			 int64_t expires_at)
{
	struct open_session *oldest = &admin->sessions[0];

	for (size_t i = 1; i < SESSIONS_MAX; i++)
		if (admin->sessions[i].expires_at < oldest->expires_at)
			oldest = &admin->sessions[i];
	memcpy(oldest->token, token, HASH_BYTES);
	snprintf(oldest->email, sizeof(oldest->email), "%.*s", STR_ARG(email));
	oldest->expires_at = expires_at;
}

void admin_know_session(struct admin *admin, struct str token, struct str email, int64_t expires_at)
{
	unsigned char hash[HASH_BYTES];

	crypto_keyed_hash(engine_keys(admin->options.engine), token, hash);
	keep_session(admin, hash, email, expires_at);
}

/* Those of before the last restart. */
static enum err read_sessions(struct admin *admin)
{
	struct session_list list = { 0 };
	struct arena scratch;
	struct task t = { .verb = &verb_session_list, .command = &list, .arena = &scratch };

	arena_init(&scratch);
	enum err e = engine_run(admin->options.engine, &t);
	for (size_t i = 0; !e && i < list.count; i++)
		if (list.rows[i].token_hash.n == HASH_BYTES)
			keep_session(admin, (const unsigned char *)list.rows[i].token_hash.p, list.rows[i].email,
				     list.rows[i].expires_at);
	arena_done(&scratch);
	return e;
}

enum err admin_new(const struct admin_options *options, struct admin **ret)
{
	static const struct admin_endpoints *const all[] = {
		&admin_partner_endpoints, &admin_wallet_endpoints, &admin_order_endpoints,  &admin_payment_endpoints,
		&admin_catalog_endpoints, &admin_stock_endpoints,  &admin_store_endpoints,  &admin_login_endpoints,
		&admin_kyc_endpoints,	  &admin_key_endpoints,	   &admin_webhook_endpoints
	};
	struct admin *admin = calloc(1, sizeof(*admin));

	must(admin);
	admin->options = *options;
	admin->socket = (struct door){ admin, false };
	admin->address = (struct door){ admin, true };
	arena_init(&admin->arena);
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		for (size_t j = 0; j < all[i]->count; j++) {
			must(admin->row_count < ENDPOINTS_MOST);
			admin->rows[admin->row_count++] = all[i]->rows[j];
		}
	admin->import = import_slot_new();
	admin->gate = login_gate_new();
	admin->table = route_table_new((const struct route_row *)(const void *)admin->rows, admin->row_count,
				       sizeof(admin->rows[0]));
	enum err e = read_operators(admin);
	if (!e)
		e = read_sessions(admin);
	if (e)
		admin_free(admin);
	else
		*ret = admin;
	return e;
}

void admin_free(struct admin *admin)
{
	if (!admin)
		return;
	route_table_free(admin->table);
	import_slot_free(admin->import);
	login_gate_free(admin->gate);
	arena_done(&admin->arena);
	free(admin);
}

struct str admin_public_url(const struct admin *admin)
{
	return str_of(admin->options.public_url);
}

enum err admin_fault(struct admin_request *rq, const char *path, enum err code, const char *rule)
{
	fields_fault(rq->arena, &rq->faults, path, code, rule);
	return code;
}

enum err admin_id(struct admin_request *rq, size_t capture, int64_t *ret)
{
	if (str_to_i64(rq->captures[capture], 1, INT64_MAX, ret))
		return admin_fault(rq, "id", ERR_BAD_REQUEST, "must be a whole number of at least 1");
	return OK;
}

enum err admin_number(struct admin_request *rq, const char *name, int64_t min, int64_t max, int64_t otherwise,
		      int64_t *ret)
{
	struct str text = query_find(&rq->query, name);

	if (!text.p)
		*ret = otherwise;
	else if (str_to_i64(text, min, max, ret))
		return admin_fault(rq, name, ERR_BAD_REQUEST, "is not a whole number, or out of range");
	return OK;
}

enum err admin_currency(struct admin_request *rq, const char *name, struct str code, struct currency *ret)
{
	if (currency_parse(code, ret))
		return admin_fault(rq, name, ERR_BAD_REQUEST, "must be a currency of ISO 4217, such as USD");
	return OK;
}

enum err admin_body(struct admin_request *rq, const struct fields *table, void *ret)
{
	return fields_read(rq->arena, rq->body.n ? rq->body : STR("{}"), table, ret, &rq->faults);
}

void json_moment(struct json_writer *w, const char *name, int64_t us)
{
	if (us)
		json_time(w, name, us, 3, "Z");
	else
		json_null(w, name);
}

void admin_write_metrics(struct admin_request *rq, void (*write_http)(struct buf *b, const struct http_server *server))
{
	const struct admin_options *options = &rq->admin->options;

	if (options->server)
		write_http(rq->reply, options->server);
	if (options->more_metrics)
		options->more_metrics(options->more_metrics_arg, rq->reply);
}

static int status_of(enum err e)
{
	static const struct {
		enum err e;
		int status;
	} rows[] = {
		{ ERR_UNAUTHORIZED, 401 },
		{ ERR_FORBIDDEN, 403 },
		{ ERR_NOT_FOUND, 404 },
		{ ERR_ORDER_NOT_FOUND, 404 },
		{ ERR_PAYMENT_NOT_FOUND, 404 },
		{ ERR_REFERENCE_USED, 409 },
		{ ERR_BALANCE_NOT_FOUND, 404 },
		{ ERR_PRODUCT_NOT_FOUND, 404 },
		{ ERR_CONFLICT, 409 },
		{ ERR_ILLEGAL_STATE, 409 },
		{ ERR_RATE_LIMITED, 429 },
		{ ERR_TOO_LARGE, 413 },
		{ ERR_BUSY, 503 },
		{ ERR_STORE_UNAVAILABLE, 503 },
		{ ERR_TIMEOUT, 504 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].e == e)
			return rows[i].status;
	return err_fault(e) == ERR_FAULT_CALLER ? 400 : 500;
}

/* What a refusal means to the person who gave the command, where the verb has not said more. */
static const char *sentence_of(enum err e)
{
	static const struct {
		enum err e;
		const char *sentence;
	} rows[] = {
		{ ERR_UNAUTHORIZED, "no operator has this token" },
		{ ERR_FORBIDDEN, "only a sandbox allows that: this store is a live one" },
		{ ERR_NOT_FOUND, "there is nothing of this name or number" },
		{ ERR_ORDER_NOT_FOUND, "there is no such order" },
		{ ERR_PAYMENT_NOT_FOUND, "there is no such payment" },
		{ ERR_REFERENCE_USED, "another account has this external id" },
		{ ERR_PRODUCT_NOT_FOUND, "there is no such product" },
		{ ERR_BALANCE_NOT_FOUND, "there is no such wallet; see bodega wallet open --help" },
		{ ERR_INSUFFICIENT_FUNDS, "the wallet does not hold that much" },
		{ ERR_ILLEGAL_STATE, "its state does not allow that" },
		{ ERR_BUSY, "too much is waiting; try again" },
		{ ERR_STORE_UNAVAILABLE, "the store cannot be reached or written now; try again" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].e == e)
			return rows[i].sentence;
	return err_name(e);
}

/* {"error":{"code":"...","message":"...","faults":[...]}} */
static void refuse(struct admin_request *rq, enum err e)
{
	struct json_writer w;

	buf_clear(rq->reply);
	rq->status = status_of(e);
	json_writer_init(&w, rq->reply);
	json_obj(&w, NULL);
	json_obj(&w, "error");
	json_strz(&w, "code", err_name(e));
	struct str message = rq->faults.n ? str_of(rq->faults.items[0].message) : rq->detail;
	json_str(&w, "message", message.p ? message : str_of(sentence_of(e)));
	json_arr(&w, "faults");
	for (size_t i = 0; i < rq->faults.n; i++)
		json_strz(&w, NULL, rq->faults.items[i].message);
	json_end(&w);
	json_end(&w);
	json_end(&w);
	buf_char(rq->reply, '\n');
	log_event(err_fault(e) == ERR_FAULT_US ? LOG_ERROR : LOG_INFO, "admin.refused",
		  "actor=%.*s call=\"%s %s\" error=%s", STR_ARG(rq->by.actor),
		  rq->endpoint ? rq->endpoint->method : "-", rq->endpoint ? rq->endpoint->pattern : "-", err_name(e));
}

static void render(struct admin_request *rq)
{
	struct json_writer w;
	enum err e = rq->task.result;

	if (!rq->detail.p)
		rq->detail = rq->task.detail;
	rq->status = rq->endpoint->status;
	json_writer_init(&w, rq->reply);
	if (rq->after)
		rq->after(rq);
	if (!e)
		e = rq->endpoint->render(rq, &w);
	if (e)
		refuse(rq, e);
	else if (!(rq->endpoint->flags & ADMIN_TEXT))
		buf_char(rq->reply, '\n');
}

static enum err route(struct admin_request *rq, struct str method, struct str path, struct str query)
{
	struct route_match match;
	enum route_result found = route_find(rq->admin->table, method, path, &match);

	if (found != ROUTE_FOUND) {
		rq->detail =
			found == ROUTE_NO_METHOD ? STR("this path has other methods") : STR("there is no such path");
		return ERR_NOT_FOUND;
	}
	rq->endpoint = &rq->admin->rows[match.index];
	for (size_t i = 0; i < match.capture_count && i < ADMIN_CAPTURES; i++)
		if (query_unescape(rq->arena, match.captures[i], QUERY_PLUS_KEPT, &rq->captures[i]))
			return admin_fault(rq, "path", ERR_BAD_REQUEST, "must be percent-encoded UTF-8");
	return query_parse(rq->arena, query, QUERY_PLUS_IS_SPACE, &rq->query);
}

static struct admin_request *request_new(struct admin *admin, struct arena *arena, struct buf *reply)
{
	struct admin_request *rq = ARENA_NEW(arena, struct admin_request);

	rq->admin = admin;
	rq->engine = admin->options.engine;
	rq->import = admin->import;
	rq->gate = admin->gate;
	rq->arena = arena;
	rq->reply = reply;
	rq->now_us = engine_now_us(rq->engine);
	rq->task.arena = arena;
	rq->task.sender = rq;
	return rq;
}

static bool is_hash(const unsigned char a[HASH_BYTES], const unsigned char b[HASH_BYTES])
{
	return crypto_equal((struct str){ (const char *)a, HASH_BYTES }, (struct str){ (const char *)b, HASH_BYTES });
}

/* Whose token it is; every hash is compared, so that time tells nothing. */
static enum err authenticate(const struct admin *admin, struct admin_request *rq)
{
	struct str text = http_header_find(rq->x, "Authorization"), prefix = STR("Bearer ");
	unsigned char hash[HASH_BYTES];
	struct str who = STR_NONE;

	if (!str_starts(text, prefix))
		return ERR_UNAUTHORIZED;
	crypto_keyed_hash(engine_keys(rq->engine), str_skip(text, prefix.n), hash);
	for (size_t i = 0; i < admin->operator_count; i++)
		if (is_hash(hash, admin->operators[i].token))
			who = admin->operators[i].email;
	for (size_t i = 0; i < SESSIONS_MAX; i++)
		if (is_hash(hash, admin->sessions[i].token) && rq->now_us < admin->sessions[i].expires_at)
			who = str_of(admin->sessions[i].email);
	if (!who.p)
		return ERR_UNAUTHORIZED;
	rq->by.actor = arena_printf(rq->arena, "operator:%.*s", STR_ARG(who));
	return OK;
}

static void answer(struct admin_request *rq)
{
	struct http_exchange *x = rq->x;
	bool is_text = rq->endpoint && rq->endpoint->flags & ADMIN_TEXT && rq->status < 400;

	catalog_release(rq->task.catalog);
	rq->task.catalog = NULL;
	x->status = rq->status;
	http_reply_header(x, "Content-Type", is_text ? STR("text/plain; version=0.0.4") : STR("application/json"));
	http_reply(x);
}

static void on_ready(void *arg, struct http_exchange *x);

static void on_done(struct task *t)
{
	struct admin_request *rq = t->sender;
	struct http_exchange *x = rq->x;

	http_ready(rq->admin->options.server, &x, 1);
}

static void submit(struct admin_request *rq)
{
	struct http_exchange *x = rq->x;

	if (!rq->task.catalog)
		rq->task.catalog = engine_catalog(rq->engine);
	rq->task.done = on_done;
	http_park(x, on_ready, NULL);
	if (!task_submit(rq->engine, &rq->task)) {
		rq->task.result = ERR_BUSY;
		http_ready(rq->admin->options.server, &x, 1);
	}
}

/* The next verb of the endpoint, when the one before went well. */
static bool take_next_verb(struct admin_request *rq)
{
	bool has_next = !rq->task.result && rq->endpoint->then && rq->task.verb != rq->endpoint->then;

	if (has_next)
		rq->task.verb = rq->endpoint->then;
	return has_next;
}

static void on_ready(void *arg, struct http_exchange *x)
{
	struct admin_request *rq = x->user;

	(void)arg;
	if (take_next_verb(rq)) {
		submit(rq);
		return;
	}
	render(rq);
	answer(rq);
}

static void handle(void *arg, struct http_exchange *x)
{
	const struct door *door = arg;
	struct admin_request *rq = request_new(door->admin, &x->arena, &x->reply);

	rq->x = x;
	rq->body = x->body;
	rq->by.actor = STR("unix");
	x->user = rq;
	enum err e = route(rq, x->method, x->path, x->query);
	bool is_open = rq->endpoint && rq->endpoint->flags & ADMIN_OPEN;
	if (door->asks_token && !is_open) {
		enum err unknown = authenticate(door->admin, rq);

		e = unknown ? unknown : e;
	}
	if (!e && rq->endpoint->parse)
		e = rq->endpoint->parse(rq);
	if (!e && rq->endpoint->verb) {
		rq->task.verb = rq->endpoint->verb;
		submit(rq);
		return;
	}
	if (e)
		refuse(rq, e);
	else
		render(rq);
	answer(rq);
}

static void refuse_broken(void *arg, struct http_exchange *x, enum err e)
{
	const struct door *door = arg;
	struct admin_request *rq = request_new(door->admin, &x->arena, &x->reply);
	int status = x->status;

	rq->x = x;
	refuse(rq, e);
	rq->status = status;
	answer(rq);
}

struct http_listener admin_socket_listener(struct admin *admin)
{
	return (struct http_listener){
		.handler = handle, .refuse = refuse_broken, .arg = &admin->socket, .body_bytes = ADMIN_BODY_BYTES
	};
}

struct http_listener admin_token_listener(struct admin *admin)
{
	return (struct http_listener){
		.handler = handle, .refuse = refuse_broken, .arg = &admin->address, .body_bytes = ADMIN_BODY_BYTES
	};
}

int admin_call(struct admin *admin, const char *method, struct str target, struct str body, struct buf *reply)
{
	struct arena arena;
	struct str query = target;

	arena_init(&arena);
	struct str path = str_cut(&query, '?');
	struct admin_request *rq = request_new(admin, &arena, reply);
	rq->body = body;
	rq->by.actor = arena_printf(&arena, "unix:%d", (int)getuid());
	enum err e = route(rq, str_of(method), path, query);
	if (!e && rq->endpoint->parse)
		e = rq->endpoint->parse(rq);
	if (!e && rq->endpoint->verb) {
		rq->task.verb = rq->endpoint->verb;
		do
			rq->task.result = engine_run(rq->engine, &rq->task);
		while (take_next_verb(rq));
	}
	if (e)
		refuse(rq, e);
	else
		render(rq);
	int status = rq->status;
	arena_done(&arena);
	return status;
}
