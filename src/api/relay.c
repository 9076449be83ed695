#include "api/relay.h"

#include "base/clock.h"
#include "base/log.h"
#include "http/client.h"
#include "service/shard.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECT_MS = 1000, SEAL_SECONDS = 30, HASH_CHARS = 64, ANSWER_HEADERS = 16, SENT_HEADERS = LIMIT_HEADERS + 2 };

static const char seal_header[] = "Bodega-Relay";

/* What this node knows of another one's health, by slot. Loop thread. */
struct peer {
	int64_t token;
	int64_t silent_at; /* its batch_no when it failed us; -1: it did not */
	int under_way;
};

struct relay {
	struct engine *engine;
	struct http_server *server;
	struct http_client *client;
	struct peer peers[LIMIT_NODE_SLOTS];
	_Atomic(int64_t) answered, not_taken, unknown;
};

struct relayed {
	struct http_request request;
	struct relay *relay;
	struct http_exchange *x;
	struct shard_node owner;
	int64_t partner_id;
	/* what came */
	enum http_error error;
	bool sent;
	int status;
	struct str headers; /* raw lines */
};

struct relay *relay_new(struct engine *engine, struct http_server *server)
{
	const struct http_client_options options = { .allow_private = true,
						     .max_in_flight = LIMIT_NODE_SLOTS * LIMIT_RELAYS_PER_NODE,
						     .no_slow_lane = true };
	struct relay *r = calloc(1, sizeof(*r));

	must(r);
	r->engine = engine;
	r->server = server;
	if (!http_client_new(&options, &r->client))
		return r;
	free(r);
	return NULL;
}

void relay_free(struct relay *r)
{
	if (!r)
		return;
	http_client_free(r->client);
	free(r);
}

/* A key of its own: what is sealed with it is nothing else that the master key vouches for. */
static void seal(struct engine *engine, const struct http_exchange *x, struct str moment, struct buf *hex)
{
	unsigned char key[HASH_BYTES], mac[HASH_BYTES];
	struct buf text;

	buf_init(&text, LIMIT_TARGET_BYTES + x->body.n + LIMIT_HEADER_BYTES);
	crypto_keyed_hash(engine_keys(engine), STR("key of requests between nodes"), key);
	buf_printf(&text, "%.*s %.*s %.*s?%.*s\n", STR_ARG(moment), STR_ARG(x->method), STR_ARG(x->path),
		   STR_ARG(x->query));
	buf_str(&text, x->body);
	crypto_hmac_sha256((struct str){ (const char *)key, sizeof(key) }, buf_view(&text), mac);
	buf_hex(hex, mac, sizeof(mac));
	buf_done(&text);
}

bool relay_is_sealed(struct engine *engine, const struct http_exchange *x)
{
	struct str given = http_header_find(x, seal_header), moment = str_cut(&given, ' ');
	char hex[HASH_CHARS];
	struct buf wanted = { .p = hex, .cap = sizeof(hex), .max = sizeof(hex) };
	int64_t then, age_us;

	if (str_to_i64(moment, 0, INT64_MAX, &then))
		return false;
	age_us = engine_wall_us(engine) - then;
	if (age_us > SECONDS_US(SEAL_SECONDS) || age_us < -SECONDS_US(SEAL_SECONDS))
		return false;
	seal(engine, x, moment, &wanted);
	return crypto_equal(given, buf_view(&wanted));
}

/* Headers that are about the connection, or that the other side makes itself. */
static bool is_of_the_hop(struct str name)
{
	static const char *const names[] = { "Host",	   "Connection", "Content-Length", "Transfer-Encoding",
					     "Keep-Alive", "Expect",	 "Upgrade",	   "Date",
					     "TE",	   "Trailer",	 "X-Request-Id",   seal_header };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eq_nocase(name, str_of(names[i])))
			return true;
	return false;
}

/* On the client's thread. The exchange is parked, so its arena and its reply are ours until http_ready. */
static void on_done(struct http_request *request, const struct http_response *response)
{
	struct relayed *relayed = request->sender;
	struct http_exchange *x = relayed->x;

	relayed->error = response->error;
	relayed->sent = response->sent;
	relayed->status = response->status;
	relayed->headers = response->headers.n ? arena_str(&x->arena, response->headers) : STR_NONE;
	if (response->error == HTTP_ANSWERED)
		buf_str(&x->reply, response->body);
	http_ready(relayed->relay->server, &x, 1);
}

static void put_headers(struct relay *r, struct http_exchange *x, struct http_request *request)
{
	struct http_field *fields = ARENA_ARRAY(&x->arena, struct http_field, SENT_HEADERS);
	struct str moment = arena_printf(&x->arena, "%" PRId64, engine_wall_us(r->engine));
	char hex[HASH_CHARS];
	struct buf mac = { .p = hex, .cap = sizeof(hex), .max = sizeof(hex) };
	bool has_type = false;
	size_t n = 0;

	for (size_t i = 0; i < x->header_count && n < LIMIT_HEADERS; i++) {
		const struct http_header *h = &x->headers[i];

		if (is_of_the_hop(h->name))
			continue;
		has_type |= str_eq_nocase(h->name, STR("Content-Type"));
		fields[n++] = (struct http_field){ arena_strz(&x->arena, h->name), h->value };
	}
	/* libcurl would name one of its own. */
	if (!has_type)
		fields[n++] = (struct http_field){ "Content-Type", STR("") };
	seal(r->engine, x, moment, &mac);
	fields[n++] = (struct http_field){ seal_header, arena_printf(&x->arena, "%.*s %.*s", STR_ARG(moment),
								     STR_ARG(buf_view(&mac))) };
	request->headers = fields;
	request->header_count = n;
}

static struct peer *peer_of(struct relay *r, const struct shard_node *node)
{
	struct peer *peer = &r->peers[node->token % LIMIT_NODE_SLOTS];

	if (peer->token != node->token)
		*peer = (struct peer){ .token = node->token, .silent_at = -1, .under_way = peer->under_way };
	/* It has written since: it lives. */
	if (peer->silent_at >= 0 && node->batch_no > peer->silent_at)
		peer->silent_at = -1;
	return peer;
}

struct relayed *relay_start(struct relay *r, struct http_exchange *x, int64_t partner_id, int held_seconds,
			    http_handler on_ready, void *arg)
{
	struct shard_node owner;

	if (!engine_owner(r->engine, partner_id, &owner))
		return NULL;
	struct peer *peer = peer_of(r, &owner);
	if (peer->silent_at >= 0 || peer->under_way >= LIMIT_RELAYS_PER_NODE)
		return NULL;
	struct relayed *relayed = ARENA_NEW(&x->arena, struct relayed);
	*relayed = (struct relayed){ .relay = r, .x = x, .owner = owner, .partner_id = partner_id };
	struct str url = arena_printf(&x->arena, "http://%s%.*s%s%.*s", owner.address, STR_ARG(x->path),
				      x->query.p ? "?" : "", STR_ARG(x->query));
	relayed->request = (struct http_request){ .method = arena_strz(&x->arena, x->method),
						  .url = url.p,
						  .body = x->body,
						  .timeout_ms = (LIMIT_RELAY_SECONDS + held_seconds) * INT64_C(1000),
						  .connect_ms = CONNECT_MS,
						  .max_response_bytes = LIMIT_RESPONSE_BYTES,
						  .max_per_host = LIMIT_RELAYS_PER_NODE,
						  .no_resend = true,
						  .done = on_done,
						  .sender = relayed };
	put_headers(r, x, &relayed->request);
	peer->under_way++;
	/* Parked first: it may be done before the submission returns. */
	http_park(x, on_ready, arg);
	http_client_submit(r->client, &relayed->request);
	return relayed;
}

/* Status line and headers as they came, but for what the server writes itself. */
static void take_answer(struct http_exchange *x, const struct relayed *relayed)
{
	struct str rest = relayed->headers;
	size_t n = 0;

	x->status = relayed->status;
	str_cut(&rest, '\n');
	while (rest.n && n < ANSWER_HEADERS) {
		struct str value = str_trim(str_cut(&rest, '\n'));
		struct str name = str_cut(&value, ':');

		if (!value.p || is_of_the_hop(name))
			continue;
		http_reply_header(x, arena_strz(&x->arena, name), str_trim(value));
		n++;
	}
}

static enum relay_result result_of(const struct relayed *relayed)
{
	if (relayed->error == HTTP_ANSWERED)
		return relayed->status == RELAY_REFUSED ? RELAY_NOT_TAKEN : RELAY_ANSWERED;
	return relayed->sent ? RELAY_UNKNOWN : RELAY_NOT_TAKEN;
}

/* Left alone until it writes again. What it has written since it was asked, before it fell silent, is no sign of life.
 */
static void note_silence(struct relay *r, const struct relayed *relayed)
{
	struct peer *peer = &r->peers[relayed->owner.token % LIMIT_NODE_SLOTS];
	struct shard_node now;

	if (peer->token != relayed->owner.token)
		return;
	peer->silent_at = relayed->owner.batch_no;
	if (engine_owner(r->engine, relayed->partner_id, &now) && now.token == peer->token)
		peer->silent_at = now.batch_no;
}

enum relay_result relay_finish(struct relay *r, struct http_exchange *x, struct relayed *relayed)
{
	enum relay_result result = result_of(relayed);

	r->peers[relayed->owner.token % LIMIT_NODE_SLOTS].under_way--;
	if (relayed->error || relayed->status == 503)
		note_silence(r, relayed);
	if (result == RELAY_ANSWERED) {
		atomic_fetch_add(&r->answered, 1);
		take_answer(x, relayed);
		return result;
	}
	atomic_fetch_add(result == RELAY_UNKNOWN ? &r->unknown : &r->not_taken, 1);
	log_warn("relay.failed", "request=%016" PRIx64 " to=%s error=%s taken=%s", x->id, relayed->owner.address,
		 http_error_name(relayed->error), result == RELAY_UNKNOWN ? "unknown" : "no");
	buf_clear(&x->reply);
	return result;
}

void relay_write_metrics(const struct relay *r, struct buf *b)
{
	const struct {
		const char *name;
		int64_t value;
	} rows[] = { { "answered", r ? atomic_load(&r->answered) : 0 },
		     { "not_taken", r ? atomic_load(&r->not_taken) : 0 },
		     { "unknown", r ? atomic_load(&r->unknown) : 0 } };

	buf_printf(b, "# TYPE bodega_relayed_total counter\n");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		buf_printf(b, "bodega_relayed_total{what=\"%s\"} %lld\n", rows[i].name, (long long)rows[i].value);
}
