#include "api/edge.h"

#include "api/fragments.h"
#include "api/idempotency.h"
#include "api/page_cache.h"
#include "api/registry.h"
#include "api/relay.h"
#include "api/relay_serve.h"
#include "api/representation.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/rate.h"
#include "http/query.h"
#include "http/route.h"
#include "service/engine.h"
#include "service/first_read.h"
#include "service/token.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
	DIALECTS_MOST = 16,
	FRAGMENT_BYTES = 128 * 1024 * 1024, /* a dialect: 50,000 products in one language, or a few in many */
	PAGE_BYTES = 64 * 1024 * 1024,	    /* a dialect */
};

/* A row of the one table that all dialects share. */
struct api_route {
	struct route_row row; /* first: the route table reads it */
	size_t dialect;
	const struct endpoint *endpoint;
};

struct api {
	struct api_options options;
	struct rates *rates;
	struct token_book *tokens;
	struct relay *relay; /* NULL: everything is done here */
	const struct dialect_api *dialects[DIALECTS_MOST];
	struct fragments *fragments[DIALECTS_MOST];
	struct page_cache *pages[DIALECTS_MOST];
	size_t dialect_count;
	struct api_route *routes;
	size_t route_count;
	struct route_table *table;
};

static void add_dialect(struct api *api, const struct dialect_api *dialect)
{
	size_t n = api->dialect_count++;
	size_t count = api->route_count + dialect->endpoint_count;

	must(n < DIALECTS_MOST);
	api->dialects[n] = dialect;
	api->fragments[n] = fragments_new(FRAGMENT_BYTES);
	api->pages[n] = page_cache_new(PAGE_BYTES);
	api->routes = reallocarray(api->routes, count, sizeof(*api->routes));
	must(api->routes);
	for (size_t i = 0; i < dialect->endpoint_count; i++) {
		const struct endpoint *endpoint = &dialect->endpoints[i];

		must(endpoint->render && (endpoint->verb || endpoint->answer));
		api->routes[api->route_count++] =
			(struct api_route){ { endpoint->method, endpoint->pattern }, n, endpoint };
	}
}

struct api *api_new(const struct api_options *options)
{
	struct api *api = calloc(1, sizeof(*api));

	must(api);
	api->options = *options;
	api->rates = rates_new(SECONDS_US(1));
	api->tokens = token_book_new();
	if (options->relays) {
		api->relay = relay_new(options->engine, options->server);
		must(api->relay);
	}
	for (size_t i = 0; dialect_at(i); i++)
		add_dialect(api, dialect_at(i));
	api->table = route_table_new(&api->routes->row, api->route_count, sizeof(*api->routes));
	return api;
}

void api_stop(struct api *api)
{
	if (!api)
		return;
	relay_free(api->relay);
	api->relay = NULL;
}

void api_free(struct api *api)
{
	if (!api)
		return;
	api_stop(api);
	for (size_t i = 0; i < api->dialect_count; i++) {
		fragments_free(api->fragments[i]);
		page_cache_free(api->pages[i]);
	}
	rates_free(api->rates);
	token_book_free(api->tokens);
	route_table_free(api->table);
	free(api->routes);
	free(api);
}

void request_shows(struct request *rq, const struct order_view *view)
{
	first_reads_note(engine_first_reads(rq->api->options.engine), view);
}

void request_add_fault(struct request *rq, enum err code, struct str message)
{
	if (rq->fault_count < ARRAY_LEN(rq->faults))
		rq->faults[rq->fault_count++] = (struct fault){ code, message };
}

enum err request_fault(struct request *rq, enum err code, struct str message)
{
	request_add_fault(rq, code, message);
	return code;
}

/* "/v1" owns "/v1" and "/v1/...", not "/v10". */
static bool prefix_owns(const char *prefix, struct str path)
{
	struct str p = str_of(prefix);

	return str_starts(path, p) && (path.n == p.n || path.p[p.n] == '/');
}

/* How long the dialect's prefix of the path is; 0 = it has none. */
static size_t owned_by(const struct dialect_api *dialect, struct str path)
{
	size_t longest = prefix_owns(dialect->prefix, path) ? str_of(dialect->prefix).n : 0;

	for (const char *const *alias = dialect->aliases; alias && *alias; alias++)
		if (prefix_owns(*alias, path) && str_of(*alias).n > longest)
			longest = str_of(*alias).n;
	return longest;
}

/* The dialect whose prefix is the longest that owns the path; dialect_count if there is none. */
static size_t owner_of(const struct api *api, struct str path)
{
	size_t best = api->dialect_count, longest = 0;

	for (size_t i = 0; i < api->dialect_count && path.p; i++) {
		size_t n = owned_by(api->dialects[i], path);

		if (n && n >= longest) {
			best = i;
			longest = n;
		}
	}
	return best;
}

static struct request *request_new(struct api *api, struct http_exchange *x, size_t dialect)
{
	struct request *rq = ARENA_NEW(&x->arena, struct request);

	rq->x = x;
	rq->api = api;
	rq->settings = &api->options.settings;
	rq->keys = engine_keys(api->options.engine);
	rq->lookup = api->options.lookup;
	rq->fragments = api->fragments[dialect];
	rq->pages = api->pages[dialect];
	rq->stock = engine_stock(api->options.engine);
	rq->dialect = api->dialects[dialect];
	rq->tokens = api->tokens;
	rq->list = LIST_NONE;
	rq->now_us = engine_now_us(api->options.engine);
	rq->task.arena = &x->arena;
	rq->task.sender = rq;
	x->user = rq;
	return rq;
}

/* Everything that was held for the request; the exchange itself is the server's. */
static void release(struct request *rq)
{
	directory_release(rq->directory);
	catalog_release(rq->catalog);
	rq->directory = NULL;
	rq->catalog = NULL;
}

static void send_answer(struct request *rq)
{
	struct http_exchange *x = rq->x;

	if (rq->dialect->finish)
		rq->dialect->finish(rq);
	if (rq->dialect->content_type && x->status != 304)
		http_reply_header(x, "Content-Type", str_of(rq->dialect->content_type));
	release(rq);
	http_reply(x);
}

/* Wrong credentials concern an operator, who may want to shut an address out; none at all are how clients begin. */
static bool is_break_in(const struct request *rq, enum err e)
{
	return e == ERR_UNAUTHORIZED && http_header_find(rq->x, "Authorization").n > 0;
}

/* The edge logs once: our own faults as errors. The path may hold a phone number, so the route stands for it. */
static void log_refusal(const struct request *rq)
{
	enum err e = rq->faults[0].code;
	enum log_level level = is_break_in(rq, e) ? LOG_WARN : LOG_DEBUG;

	if (err_fault(e) == ERR_FAULT_US)
		level = LOG_ERROR;
	log_event(level, "api.refused", "request=%016" PRIx64 " peer=%.*s route=\"%s %s\" partner=%" PRId64 " error=%s",
		  rq->x->id, STR_ARG(rq->x->peer), rq->endpoint ? rq->endpoint->method : "-",
		  rq->endpoint ? rq->endpoint->pattern : "-", rq->credential ? rq->credential->partner_id : 0,
		  err_name(e));
}

static void refuse(struct request *rq, enum err e)
{
	if (rq->fault_count == 0)
		request_add_fault(rq, e ? e : ERR_INTERNAL, STR_NONE);
	log_refusal(rq);
	buf_clear(&rq->x->reply);
	rq->dialect->refuse(rq);
	send_answer(rq);
}

static void render(struct request *rq)
{
	struct json_writer w;

	rq->x->status = rq->endpoint->status;
	json_writer_init(&w, &rq->x->reply);
	rq->endpoint->render(rq, &w);
	/* A failed buffer is the server's to answer; rendering itself may have found a fault of ours. */
	if (rq->fault_count) {
		refuse(rq, rq->faults[0].code);
		return;
	}
	if (rq->endpoint->flags & ENDPOINT_TAGGED)
		representation_finish(rq);
	send_answer(rq);
}

/* After the verb, or instead of one. */
static void answer(struct request *rq)
{
	enum err e;

	if (rq->endpoint->flags & ENDPOINT_KEPT && representation_kept(rq)) {
		send_answer(rq);
		return;
	}
	e = rq->endpoint->answer ? rq->endpoint->answer(rq) : OK;
	if (e || rq->fault_count)
		refuse(rq, e);
	else
		render(rq);
}

/* A fault for each sentence of what the verb has to say. */
static void add_faults(struct request *rq, enum err e, struct str detail)
{
	do
		request_add_fault(rq, e, str_cut(&detail, '\n'));
	while (detail.p);
}

/* On the loop thread again, with the task's result. */
static void on_ready(void *arg, struct http_exchange *x)
{
	struct request *rq = x->user;
	enum err e = rq->task.result;

	(void)arg;
	if (x->gone) {
		release(rq);
		http_reply(x);
		return;
	}
	if (e) {
		add_faults(rq, e, err_fault(e) == ERR_FAULT_CALLER ? rq->task.detail : STR_NONE);
		refuse(rq, e);
		return;
	}
	answer(rq);
}

/* On the committer's or a reader's thread. Many in a row cost one wake-up: http_ready wakes a loop once for a list. */
static void on_done(struct task *t)
{
	struct request *rq = t->sender;
	struct http_exchange *x = rq->x;

	http_ready(rq->api->options.server, &x, 1);
}

static void submit(struct request *rq)
{
	struct http_exchange *x = rq->x;

	rq->task.verb = rq->endpoint->verb;
	rq->task.catalog = rq->catalog;
	rq->task.partner_id = rq->credential ? rq->credential->partner_id : 0;
	rq->task.done = on_done;
	/* Parked first: the task may be done before task_submit returns. */
	http_park(x, on_ready, rq->api);
	if (!task_submit(rq->api->options.engine, &rq->task)) {
		rq->task.result = ERR_BUSY;
		http_ready(rq->api->options.server, &x, 1);
	}
}

static enum err take_captures(struct request *rq, const struct route_match *match)
{
	must(match->capture_count <= REQUEST_CAPTURES);
	for (size_t i = 0; i < match->capture_count; i++) {
		enum err e = query_unescape(&rq->x->arena, match->captures[i], QUERY_PLUS_KEPT, &rq->captures[i]);

		if (e)
			return request_fault(rq, e, STR("path: must be percent-encoded UTF-8"));
	}
	return OK;
}

static void retry_after(struct request *rq, const struct rate_verdict *verdict)
{
	http_reply_header(rq->x, "Retry-After", arena_printf(&rq->x->arena, "%" PRId64, verdict->retry_after_seconds));
}

enum err request_throttle(struct request *rq, int64_t key, int64_t a_second)
{
	struct rate_verdict verdict = rates_take(rq->api->rates, key, a_second, rq->x->arrived_us);

	if (verdict.allowed)
		return OK;
	retry_after(rq, &verdict);
	return ERR_RATE_LIMITED;
}

static enum err take_rate(struct request *rq)
{
	const struct partner *partner = rq->credential->partner;
	int nodes = engine_nodes(rq->api->options.engine);
	struct rate_verdict verdict = rates_take(rq->api->rates, rq->credential->id,
						 rate_share(partner->rate_limit, nodes), rq->x->arrived_us);

	/* The limit is the partner's; what remains is what this node still allows. */
	if (rq->dialect->rate_headers)
		rq->dialect->rate_headers(rq, verdict.limit == RATE_UNLIMITED ? RATE_UNLIMITED : partner->rate_limit,
					  verdict.remaining);
	if (verdict.allowed)
		return OK;
	retry_after(rq, &verdict);
	return ERR_RATE_LIMITED;
}

/* Some calls are not for every credential. */
static enum err check_scopes(const struct request *rq, unsigned scopes)
{
	unsigned flags = rq->endpoint ? rq->endpoint->flags : 0;
	bool is_refused = (flags & ENDPOINT_RESTRICTED && !(scopes & SCOPE_ADMIN)) ||
			  (flags & ENDPOINT_ELEVATED && scopes & SCOPE_LIMITED);

	return is_refused ? ERR_RESTRICTED : OK;
}

static enum err authenticate(struct request *rq)
{
	const struct credential *credential;

	enum err e = rq->dialect->authenticate(rq, &credential);
	if (!e && !credential->partner->active)
		e = ERR_FORBIDDEN;
	if (!e)
		e = check_scopes(rq, credential->scopes);
	if (e)
		return e;
	rq->credential = credential;
	/* The node that handed it on has counted it. */
	return rq->is_relayed ? OK : take_rate(rq);
}

/* Everything before the dialect's own parse: who, how often, which path. */
static enum err admit(struct request *rq, const struct route_match *match)
{
	bool is_open = rq->endpoint ? rq->endpoint->flags & ENDPOINT_OPEN : rq->dialect->unknown_first;

	rq->directory = engine_directory(rq->api->options.engine);
	enum err e = is_open ? OK : authenticate(rq);

	if (e)
		return e;
	if (!rq->endpoint) {
		struct str allow = route_allow(rq->api->table, &rq->x->arena, rq->x->path);

		http_reply_header(rq->x, "Allow", allow);
		return allow.n ? ERR_METHOD_NOT_ALLOWED : ERR_NOT_FOUND;
	}
	rq->catalog = engine_catalog(rq->api->options.engine);
	if (rq->credential && catalog_list(rq->catalog, rq->credential->partner->price_list, &rq->list))
		rq->list = LIST_NONE;
	e = take_captures(rq, match);
	return e ? e : request_take_key(rq);
}

static void carry_out(struct request *rq)
{
	enum err e = rq->endpoint->parse ? rq->endpoint->parse(rq) : OK;

	if (e || rq->fault_count)
		refuse(rq, e);
	else if (rq->endpoint->verb)
		submit(rq);
	else
		answer(rq);
}

/* On the loop thread again, with what became of it at another node. */
static void on_relayed(void *arg, struct http_exchange *x)
{
	struct request *rq = x->user;
	struct api *api = arg;

	/* The server is about to end: what is under way is not asked any more. */
	enum relay_result result = api->relay ? relay_finish(api->relay, x, rq->relayed) : RELAY_UNKNOWN;
	if (x->gone || result == RELAY_ANSWERED) {
		release(rq);
		http_reply(x);
	} else if (result == RELAY_NOT_TAKEN) {
		carry_out(rq);
	} else {
		refuse(rq, ERR_STORE_UNAVAILABLE);
	}
}

/* What writes a partner's rows goes to the node that owns them; reads are as right here. */
static bool hand_on(struct request *rq)
{
	const struct verb *verb = rq->endpoint->verb;
	int held_seconds = rq->endpoint->flags & ENDPOINT_HELD ? LIMIT_SYNC_HOLD_SECONDS : 0;

	if (!rq->api->relay || rq->is_relayed || !rq->credential || !verb || verb->read || verb->read_only)
		return false;
	rq->relayed = relay_start(rq->api->relay, rq->x, rq->credential->partner_id, held_seconds, on_relayed, rq->api);
	return rq->relayed;
}

/* A path under nobody's prefix. */
static void answer_nobody(struct http_exchange *x)
{
	struct json_writer w;

	x->status = 404;
	http_reply_header(x, "Content-Type", STR("application/json"));
	json_writer_init(&w, &x->reply);
	json_obj(&w, NULL);
	json_strz(&w, "error", "not_found");
	json_end(&w);
	http_reply(x);
}

static void handle(struct api *api, struct http_exchange *x, bool is_relayed)
{
	struct route_match match = { 0 };
	bool is_found = route_find(api->table, x->method, x->path, &match) == ROUTE_FOUND;
	size_t dialect = is_found ? api->routes[match.index].dialect : owner_of(api, x->path);

	if (dialect == api->dialect_count) {
		answer_nobody(x);
		return;
	}
	struct request *rq = request_new(api, x, dialect);
	rq->endpoint = is_found ? api->routes[match.index].endpoint : NULL;
	rq->is_relayed = is_relayed;
	enum err e = admit(rq, &match);
	if (is_relayed && !rq->credential) {
		/* A credential that was made a moment ago is known where it came in. */
		release(rq);
		relay_turn_back(x);
	} else if (e || rq->fault_count) {
		refuse(rq, e);
	} else if (!hand_on(rq)) {
		carry_out(rq);
	}
}

void api_handle(void *arg, struct http_exchange *x)
{
	handle(arg, x, false);
}

static void handle_relayed(void *arg, struct http_exchange *x)
{
	struct api *api = arg;
	struct route_match match;

	if (route_find(api->table, x->method, x->path, &match) == ROUTE_FOUND)
		handle(api, x, true);
	else
		relay_turn_back(x);
}

void api_handle_relayed(void *arg, struct http_exchange *x)
{
	struct api *api = arg;

	relay_serve(api->options.engine, api->options.server, x, handle_relayed, api);
}

size_t api_body_limit(void *arg, const struct http_exchange *x)
{
	const struct api *api = arg;
	struct route_match match;

	if (route_find(api->table, x->method, x->path, &match) != ROUTE_FOUND)
		return LIMIT_BODY_BYTES;
	const struct api_route *route = &api->routes[match.index];
	size_t of_dialect = api->dialects[route->dialect]->body_bytes;
	if (route->endpoint->body_bytes)
		return route->endpoint->body_bytes;
	return of_dialect ? of_dialect : LIMIT_BODY_BYTES;
}

void api_write_metrics(void *arg, struct buf *b)
{
	relay_write_metrics(((const struct api *)arg)->relay, b);
}

void api_refuse(void *arg, struct http_exchange *x, enum err e)
{
	struct api *api = arg;
	size_t dialect = owner_of(api, x->path.p ? x->path : x->target);

	if (dialect == api->dialect_count) {
		http_reply(x);
		return;
	}
	struct request *rq = request_new(api, x, dialect);
	refuse(rq, e);
}
