/* admin/login.c: e-mail and password against a token that ends.
 *
 * A password costs argon2id's time and memory, and it can be guessed: so attempts are counted, in a window of a minute,
 * by the address that they come from and all together. */
#include "admin/endpoint.h"

#include "base/clock.h"
#include "service/session.h"

#include <stdlib.h>

enum { ATTEMPTS_A_PEER = 5, ATTEMPTS_IN_ALL = 60 };

static const int64_t window_us = SECONDS_US(60);

struct login_gate {
	int64_t since_us; /* monotonic */
	size_t count;
	uint64_t peers[ATTEMPTS_IN_ALL]; /* hashes of where the attempts of this window came from */
};

struct login_gate *login_gate_new(void)
{
	struct login_gate *gate = calloc(1, sizeof(*gate));

	must(gate);
	return gate;
}

void login_gate_free(struct login_gate *gate)
{
	free(gate);
}

static bool gate_passes(struct login_gate *gate, struct str peer)
{
	int64_t now_us = clock_mono_us();
	uint64_t hash = str_hash(peer);
	size_t of_peer = 0;

	if (now_us - gate->since_us >= window_us)
		*gate = (struct login_gate){ .since_us = now_us };
	for (size_t i = 0; i < gate->count; i++)
		of_peer += gate->peers[i] == hash;
	if (gate->count == ATTEMPTS_IN_ALL || of_peer >= ATTEMPTS_A_PEER)
		return false;
	gate->peers[gate->count++] = hash;
	return true;
}

struct login_body {
	uint64_t set;
	struct str email, password;
};
static const struct field login_fields[] = {
	{ "email", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, offsetof(struct login_body, email), .min = 3,
	  .max = 254 },
	{ "password", FIELD_STR, FIELD_REQUIRED, offsetof(struct login_body, password), .min = 1, .max = 256 },
};
static const struct fields login_table = FIELDS(login_fields, struct login_body, FIELDS_CLOSED);

static enum err login_parse(struct admin_request *rq)
{
	struct operator_login *l = ARENA_NEW(rq->arena, struct operator_login);
	struct str peer = rq->x ? rq->x->peer : rq->by.actor;
	char *token = arena_alloc(rq->arena, 33);
	struct login_body body;
	enum err e = admin_body(rq, &login_table, &body);

	rq->task.command = l;
	if (e)
		return e;
	if (!gate_passes(rq->gate, peer)) {
		rq->detail = STR("too many attempts; try again in a minute");
		return ERR_RATE_LIMITED;
	}
	crypto_token(token);
	*l = (struct operator_login){ .by = { STR("login") },
				      .email = body.email,
				      .password = body.password,
				      .token = str_of(token),
				      .peer = peer };
	return OK;
}

static enum err login_render(struct admin_request *rq, struct json_writer *w)
{
	const struct operator_login *l = rq->task.command;

	admin_know_session(rq->admin, l->token, l->email, l->expires_at);
	json_obj(w, NULL);
	json_str(w, "email", l->email);
	json_str(w, "token", l->token);
	json_moment(w, "expires_at", l->expires_at);
	json_end(w);
	return OK;
}

static const struct admin_endpoint rows[] = {
	/* clang-format off */
	{ "POST", "/admin/v1/login", ADMIN_OPEN, 201, login_parse, &verb_operator_check, login_render,
	  &verb_operator_login },
	/* clang-format on */
};
const struct admin_endpoints admin_login_endpoints = { rows, ARRAY_LEN(rows) };
