#include "api/relay.h"

#include "api/relay_message.h"
#include "api/relay_serve.h"
#include "base/clock.h"
#include "base/log.h"
#include "http/client.h"
#include "service/shard.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECT_MS = 1000, SEAL_BYTES = 128, URL_BYTES = SHARD_ADDRESS_BYTES + 16 };

/* How often it is looked whether those who owe an answer still live. */
static const int64_t look_us = SECONDS_US(1);

/* What this node knows of another one, by slot. Loop thread. */
struct peer {
	int64_t token;
	int64_t silent_at; /* its batch_no when it failed us; -1: it did not */
	int under_way;
	int messages;		       /* on their way, without those whose answer may be held */
	struct relayed *first, **last; /* wait for the end of the turn, or for an earlier message */
};

/* Requests that travel together. Made and freed by the loop thread; in between the client's thread says once how it
 * went. */
struct relay_message {
	struct http_request request;
	struct relay *relay;
	struct relay_message *prev, *next;
	struct shard_node owner;
	bool alone;  /* its answer may be held */
	bool landed; /* a member has been finished */
	bool secret; /* so is an answer */
	struct relayed *members;
	size_t open; /* members that are not finished */
	struct http_field fields[2];
	char url[URL_BYTES], seal[SEAL_BYTES];
	struct buf body, answers;
	/* under the relay's lock */
	bool done, given_up;
};

struct relay {
	struct engine *engine;
	struct http_server *server;
	struct http_client *client;
	struct peer peers[LIMIT_NODE_SLOTS];
	struct relay_message *messages;
	int64_t look_at_us; /* monotonic */
	pthread_mutex_t lock;
	_Atomic(int64_t) answered, not_taken, unknown, sent;
};

struct relayed {
	struct relay *relay;
	struct http_exchange *x;
	struct relayed *next; /* of those that wait, or of the message */
	struct relay_message *message;
	struct shard_node owner;
	int64_t partner_id;
	/* what came of it */
	enum http_error error;
	bool sent;
	int status;
	struct str answer; /* in the message */
};

static int64_t turn(void *arg);

struct relay *relay_new(struct engine *engine, struct http_server *server)
{
	const struct http_client_options options = { .allow_private = true,
						     .max_in_flight = LIMIT_NODE_SLOTS * LIMIT_RELAYS_PER_NODE,
						     .no_slow_lane = true };
	struct relay *r = calloc(1, sizeof(*r));

	must(r && pthread_mutex_init(&r->lock, NULL) == 0);
	r->engine = engine;
	r->server = server;
	for (size_t i = 0; i < LIMIT_NODE_SLOTS; i++)
		r->peers[i].last = &r->peers[i].first;
	if (http_client_new(&options, &r->client)) {
		pthread_mutex_destroy(&r->lock);
		free(r);
		return NULL;
	}
	http_server_each_turn(server, turn, r);
	return r;
}

static struct relay_message *message_new(struct relay *r, const struct shard_node *owner)
{
	struct relay_message *m = calloc(1, sizeof(*m));

	must(m);
	m->relay = r;
	m->owner = *owner;
	buf_init(&m->body, LIMIT_RELAY_BYTES);
	buf_init(&m->answers, LIMIT_RESPONSE_BYTES);
	m->next = r->messages;
	if (m->next)
		m->next->prev = m;
	r->messages = m;
	return m;
}

static void message_free(struct relay_message *m)
{
	*(m->prev ? &m->prev->next : &m->relay->messages) = m->next;
	if (m->next)
		m->next->prev = m->prev;
	buf_done(&m->body);
	if (m->secret)
		crypto_wipe(m->answers.p, m->answers.n);
	buf_done(&m->answers);
	free(m);
}

void relay_free(struct relay *r)
{
	struct relay_message *next;

	if (!r)
		return;
	http_server_each_turn(r->server, NULL, NULL);
	http_client_free(r->client);
	for (struct relay_message *m = r->messages; m; m = next) {
		next = m->next;
		message_free(m);
	}
	pthread_mutex_destroy(&r->lock);
	free(r);
}

/* Brings members back to the loop; they may be gone afterwards. */
static void bring_back(struct relay *r, struct relayed *members)
{
	struct http_exchange *exchanges[LIMIT_BATCH];
	size_t n = 0;

	for (struct relayed *m = members; m; m = m->next) {
		must(n < LIMIT_BATCH);
		exchanges[n++] = m->x;
	}
	http_ready(r->server, exchanges, n);
}

/* Each member's part of what came. An answer that is not what was asked for says nothing. */
static void share_out(struct relay_message *m, const struct http_response *response)
{
	struct str rest = buf_view(&m->answers);
	bool bad = false;

	for (struct relayed *member = m->members; member; member = member->next) {
		member->error = response->error;
		member->sent = response->sent;
		member->status = response->status;
		if (response->error == HTTP_ANSWERED && response->status == 200) {
			member->answer = relay_next_item(&rest, &bad);
			member->status = relay_answer_status(member->answer);
		}
		/* Too large for now: not even read. */
		if (response->error == HTTP_ANSWERED && response->status == 413)
			member->status = RELAY_REFUSED;
		if (response->error == HTTP_ANSWERED && member->status != RELAY_REFUSED && !member->answer.p)
			member->error = HTTP_BROKEN;
	}
}

/* On the client's thread. The exchanges are parked: what is theirs is ours until they are brought back. */
static void on_done(struct http_request *request, const struct http_response *response)
{
	struct relay_message *m = request->sender;
	struct relay *r = m->relay;

	pthread_mutex_lock(&r->lock);
	bool wanted = !m->given_up;
	m->done = true;
	if (wanted) {
		buf_str(&m->answers, response->body);
		share_out(m, response);
	}
	struct relayed *members = m->members;
	pthread_mutex_unlock(&r->lock);
	if (wanted)
		bring_back(r, members);
}

static void message_send(struct relay_message *m, int held_seconds)
{
	struct relay *r = m->relay;
	struct buf seal = { .p = m->seal, .cap = sizeof(m->seal), .max = sizeof(m->seal) };

	must(!m->body.failed);
	relay_seal(engine_keys(r->engine), engine_wall_us(r->engine), buf_view(&m->body), &seal);
	must(!seal.failed);
	m->fields[0] = (struct http_field){ RELAY_SEAL_HEADER, buf_view(&seal) };
	m->fields[1] = (struct http_field){ "Content-Type", STR("application/octet-stream") };
	snprintf(m->url, sizeof(m->url), "http://%s%s", m->owner.address, RELAY_PATH);
	m->request = (struct http_request){ .method = "POST",
					    .url = m->url,
					    .headers = m->fields,
					    .header_count = ARRAY_LEN(m->fields),
					    .body = buf_view(&m->body),
					    .timeout_ms = (LIMIT_RELAY_SECONDS + held_seconds) * INT64_C(1000),
					    .connect_ms = CONNECT_MS,
					    .max_response_bytes = LIMIT_RESPONSE_BYTES,
					    .max_per_host = LIMIT_RELAYS_PER_NODE,
					    .no_resend = true,
					    .done = on_done,
					    .sender = m };
	atomic_fetch_add(&r->sent, 1);
	http_client_submit(r->client, &m->request);
}

static void message_add(struct relay_message *m, struct relayed *relayed)
{
	relay_put_request(&m->body, relayed->x);
	relayed->message = m;
	relayed->next = m->members;
	m->members = relayed;
	m->open++;
}

/* Members come back in the order in which they went. */
static void message_close(struct relay_message *m)
{
	struct relayed *turned = NULL;

	while (m->members) {
		struct relayed *member = m->members;

		m->members = member->next;
		member->next = turned;
		turned = member;
	}
	m->members = turned;
}

static struct relayed *take_waiting(struct peer *peer)
{
	struct relayed *relayed = peer->first;

	peer->first = relayed->next;
	if (!peer->first)
		peer->last = &peer->first;
	relayed->next = NULL;
	return relayed;
}

static void send_waiting(struct relay *r, struct peer *peer)
{
	while (peer->first && peer->messages < LIMIT_RELAY_MESSAGES) {
		struct relay_message *m = message_new(r, &peer->first->owner);

		do
			message_add(m, take_waiting(peer));
		while (peer->first && peer->first->owner.token == m->owner.token && m->open < LIMIT_BATCH &&
		       m->body.n < LIMIT_BODY_BYTES / 2);
		message_close(m);
		peer->messages++;
		message_send(m, 0);
	}
}

/* What has not left yet is not to wait for a node that is left alone. */
static void turn_back_waiting(struct relay *r, struct peer *peer)
{
	while (peer->first) {
		struct relayed *relayed = take_waiting(peer);

		relayed->error = HTTP_STOPPED;
		bring_back(r, relayed);
	}
}

/* A node whose lease is over never answers for its jobs: others do. Its callers wait for the rest of their time for
 * nothing. The client keeps the message until the transfer's own end. */
static void give_up_gone(struct relay *r)
{
	struct relay_message *next;

	for (struct relay_message *m = r->messages; m; m = next) {
		struct relayed *members = NULL;
		next = m->next;

		pthread_mutex_lock(&r->lock);
		bool over = m->done && m->given_up;
		if (!m->done && !m->given_up && !engine_has_node(r->engine, m->owner.token)) {
			m->given_up = true;
			members = m->members;
		}
		pthread_mutex_unlock(&r->lock);
		for (struct relayed *member = members; member; member = member->next) {
			member->error = HTTP_TIMEOUT;
			member->sent = true;
		}
		bring_back(r, members);
		if (over && !m->open)
			message_free(m);
	}
}

/* At the end of every turn of the loop. */
static int64_t turn(void *arg)
{
	struct relay *r = arg;

	for (size_t i = 0; i < LIMIT_NODE_SLOTS; i++) {
		struct peer *peer = &r->peers[i];

		if (peer->first && peer->silent_at >= 0)
			turn_back_waiting(r, peer);
		else if (peer->first)
			send_waiting(r, peer);
	}
	if (!r->messages)
		return INT64_MAX;
	int64_t now_us = clock_mono_us();
	if (now_us >= r->look_at_us) {
		give_up_gone(r);
		r->look_at_us = now_us + look_us;
	}
	return r->look_at_us;
}

static struct peer *peer_of(struct relay *r, const struct shard_node *node)
{
	struct peer *peer = &r->peers[node->token % LIMIT_NODE_SLOTS];

	if (peer->token != node->token) {
		peer->token = node->token;
		peer->silent_at = -1;
	}
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
	peer->under_way++;
	/* Parked first: it may be done before the submission returns. */
	http_park(x, on_ready, arg);
	if (held_seconds) {
		struct relay_message *m = message_new(r, &owner);

		m->alone = true;
		message_add(m, relayed);
		message_send(m, held_seconds);
	} else {
		*peer->last = relayed;
		peer->last = &relayed->next;
	}
	return relayed;
}

static enum relay_result result_of(const struct relayed *relayed, struct http_exchange *x)
{
	if (relayed->error != HTTP_ANSWERED)
		return relayed->sent ? RELAY_UNKNOWN : RELAY_NOT_TAKEN;
	if (relayed->status == RELAY_REFUSED)
		return RELAY_NOT_TAKEN;
	return relay_read_answer(relayed->answer, x) ? RELAY_ANSWERED : RELAY_UNKNOWN;
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

/* The first member that is finished makes room for the next message, the last one lets go of this one. */
static void leave_message(struct relay *r, struct relayed *relayed)
{
	struct relay_message *m = relayed->message;
	struct peer *peer = &r->peers[relayed->owner.token % LIMIT_NODE_SLOTS];

	peer->under_way--;
	if (!m)
		return;
	m->secret |= relayed->x->secret;
	if (!m->landed && !m->alone)
		peer->messages--;
	m->landed = true;
	if (--m->open == 0 && !m->given_up)
		message_free(m);
}

enum relay_result relay_finish(struct relay *r, struct http_exchange *x, struct relayed *relayed)
{
	enum relay_result result = result_of(relayed, x);

	if (relayed->message && (relayed->error || relayed->status == 503))
		note_silence(r, relayed);
	if (result == RELAY_ANSWERED) {
		atomic_fetch_add(&r->answered, 1);
	} else {
		atomic_fetch_add(result == RELAY_UNKNOWN ? &r->unknown : &r->not_taken, 1);
		log_warn("relay.failed", "request=%016" PRIx64 " to=%s error=%s taken=%s", x->id,
			 relayed->owner.address, http_error_name(relayed->error),
			 result == RELAY_UNKNOWN ? "unknown" : "no");
		buf_clear(&x->reply);
	}
	leave_message(r, relayed);
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

	buf_lit(b, "# HELP bodega_relayed_total Requests handed on to another node.\n"
		   "# TYPE bodega_relayed_total counter\n");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		buf_printf(b, "bodega_relayed_total{what=\"%s\"} %lld\n", rows[i].name, (long long)rows[i].value);
	buf_lit(b, "# HELP bodega_relay_messages_total Messages that carried them.\n"
		   "# TYPE bodega_relay_messages_total counter\n");
	buf_printf(b, "bodega_relay_messages_total %lld\n", (long long)(r ? atomic_load(&r->sent) : 0));
}
