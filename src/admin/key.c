/* admin/key.c: the master key and how it is rotated. Only over the control socket: the new key travels there. */
#include "admin/endpoint.h"

#include "service/key_rotation.h"

static enum err parse(struct admin_request *rq)
{
	struct key_rotation *c = ARENA_NEW(rq->arena, struct key_rotation);

	c->by = rq->by;
	rq->task.command = c;
	return rq->x && !str_is(rq->x->peer, "unix") ? ERR_FORBIDDEN : OK;
}

static void put_state(struct json_writer *w, const struct key_rotation *c)
{
	static const char *const stages[] = { "none", "begun", "sealing", "whole" };

	must(c->at.stage >= 0 && c->at.stage < (int)ARRAY_LEN(stages));
	json_obj(w, NULL);
	json_strz(w, "stage", stages[c->at.stage]);
	json_int(w, "looked", c->at.looked);
}

static enum err begin_render(struct admin_request *rq, struct json_writer *w)
{
	struct key_rotation *c = rq->task.command;
	struct buf hex;

	buf_init(&hex, sizeof(c->master) * 2);
	buf_hex(&hex, c->master, sizeof(c->master));
	put_state(w, c);
	json_str(w, "key", buf_view(&hex));
	if (rq->x)
		rq->x->secret = true;
	json_end(w);
	crypto_wipe(hex.p, hex.n);
	crypto_wipe(c->master, sizeof(c->master));
	buf_done(&hex);
	return OK;
}

static enum err step_render(struct admin_request *rq, struct json_writer *w)
{
	const struct key_rotation *c = rq->task.command;

	put_state(w, c);
	json_bool(w, "waits", c->waits);
	json_end(w);
	return OK;
}

static enum err state_render(struct admin_request *rq, struct json_writer *w)
{
	const struct key_rotation *c = rq->task.command;

	put_state(w, c);
	json_int(w, "rows", c->rows);
	json_end(w);
	return OK;
}

static enum err finish_render(struct admin_request *rq, struct json_writer *w)
{
	(void)rq;
	json_obj(w, NULL);
	json_bool(w, "finished", true);
	json_end(w);
	return OK;
}

static const struct admin_endpoint rows[] = {
	{ "GET", "/admin/v1/key", 0, 200, parse, &verb_key_state, state_render },
	{ "POST", "/admin/v1/key/rotate", 0, 200, parse, &verb_key_begin, begin_render },
	{ "POST", "/admin/v1/key/step", 0, 200, parse, &verb_key_step, step_render },
	{ "POST", "/admin/v1/key/finish", 0, 200, parse, &verb_key_finish, finish_render },
};
const struct admin_endpoints admin_key_endpoints = { rows, ARRAY_LEN(rows) };
