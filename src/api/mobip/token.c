/* api/mobip/token.c: get_token and login (mobip.md 4). */
#include "api/mobip/payment.h"

#include "api/mobip/input.h"
#include "base/clock.h"
#include "base/rate.h"
#include "service/token.h"

/* Logins are few and their secrets long: this is for those who try many. */
enum { LOGINS_A_SECOND_ADDRESS = 50, LOGINS_A_SECOND_ACCOUNT = 20, LIFE_HOURS_MOST = 720 };

struct login {
	struct str account, secret;
	int64_t hours;
};

static const struct mobip_field login_fields[] = {
	{ "api_account_id", NULL, MOBIP_TEXT, true, offsetof(struct login, account), .max = 64 },
	{ "api_secret_key", NULL, MOBIP_OPAQUE, true, offsetof(struct login, secret), .max = 255 },
	{ "api_ttl", NULL, MOBIP_NUMBER, false, offsetof(struct login, hours), 1, LIFE_HOURS_MOST, 1 },
};

struct granted {
	const struct credential *credential;
	struct str token;
	int64_t life_us;
};

/* Account, secret and state of the account, in that order; the directory is held by the request. */
enum err mobip_token_parse(struct request *rq)
{
	struct granted *g = ARENA_NEW(&rq->x->arena, struct granted);
	struct login login = { 0 };
	enum err e = mobip_read(rq);

	if (!e)
		e = mobip_bind(rq, login_fields, ARRAY_LEN(login_fields), &login);
	if (!e)
		e = request_throttle(rq, rate_key_of_peer(rq->x->peer), LOGINS_A_SECOND_ADDRESS);
	if (!e)
		e = request_throttle(rq, rate_key(login.account), LOGINS_A_SECOND_ACCOUNT);
	if (!e)
		e = directory_authenticate(rq->directory, rq->keys, DIALECT_MOBIP, login.account, login.secret,
					   rq->now_us, &g->credential);
	if (!e && !g->credential->partner->active)
		e = ERR_FORBIDDEN;
	g->life_us = SECONDS_US(login.hours * 3600);
	rq->result = g;
	return e;
}

enum err mobip_token_answer(struct request *rq)
{
	struct granted *g = rq->result;

	return token_issue(rq->tokens, rq->keys, &rq->x->arena, g->credential->id, rq->now_us, g->life_us, &g->token);
}

void mobip_token_render(struct request *rq, struct json_writer *w)
{
	const struct granted *g = rq->result;

	mobip_begin(w);
	json_str(w, "access_token", g->token);
	json_end(w);
}

enum err mobip_login_answer(struct request *rq)
{
	must(rq->credential);
	return OK;
}
