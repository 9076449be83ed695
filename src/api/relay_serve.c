#include "api/relay_serve.h"

#include "api/relay_message.h"
#include "base/limits.h"
#include "http/inner.h"
#include "service/engine.h"

/* One message; lives in its exchange's arena. */
struct served {
	struct http_server *server;
	struct http_exchange *outer;
	struct http_exchange *inner[LIMIT_BATCH];
	size_t count, open; /* open: not answered yet */
	bool parked;
};

void relay_turn_back(struct http_exchange *x)
{
	x->status = RELAY_REFUSED;
	http_reply(x);
}

size_t relay_body_limit(void *arg, const struct http_exchange *x)
{
	(void)arg;
	return str_is(x->path, RELAY_PATH) ? LIMIT_RELAY_BYTES : 0;
}

static void answered(void *arg, struct http_exchange *inner)
{
	struct served *served = arg;

	(void)inner;
	served->open--;
	if (!served->open && served->parked)
		http_ready(served->server, &served->outer, 1);
}

static void let_go(struct served *served)
{
	for (size_t i = 0; i < served->count; i++)
		http_inner_free(served->inner[i]);
	served->count = 0;
}

/* All of it, before anything is done: a message is taken whole or not at all. */
static bool take_apart(struct served *served, struct str message)
{
	struct str item;
	bool bad = false;

	while (!bad && (item = relay_next_item(&message, &bad)).p) {
		if (served->count == LIMIT_BATCH)
			return false;
		struct http_exchange *inner = http_inner_new(served->server, answered, served);
		served->inner[served->count++] = inner;
		bad = !relay_read_request(item, inner);
	}
	return !bad && served->count;
}

static void put_together(void *arg, struct http_exchange *x)
{
	struct served *served = arg;

	/* The server ends: what is still open has nobody who would bring it back. */
	served->parked = false;
	for (size_t i = 0; i < served->count && served->open; i++)
		http_inner_give_up(served->inner[i]);
	for (size_t i = 0; i < served->count; i++) {
		relay_put_answer(&x->reply, served->inner[i]);
		x->secret |= served->inner[i]->secret;
	}
	let_go(served);
	http_reply(x);
}

void relay_serve(struct engine *engine, struct http_server *server, struct http_exchange *x, http_handler handle,
		 void *arg)
{
	struct served *served = ARENA_NEW(&x->arena, struct served);

	*served = (struct served){ .server = server, .outer = x };
	if (!relay_is_sealed(engine_keys(engine), engine_wall_us(engine), x) || !take_apart(served, x->body)) {
		let_go(served);
		relay_turn_back(x);
		return;
	}
	served->open = served->count;
	for (size_t i = 0; i < served->count; i++)
		handle(arg, served->inner[i]);
	if (!served->open) {
		put_together(served, x);
		return;
	}
	served->parked = true;
	http_park(x, put_together, served);
}
