#include "service/business_clock.h"

#include "base/clock.h"
#include "service/unit.h"
#include "store/nodes.h"

static const char name[] = "business_clock_offset_us";
static const int64_t most_us = 50 * 366 * SECONDS_US(86400);

enum err business_clock_read(struct db *db, int64_t *ret_offset_us)
{
	struct arena a;
	struct str text;

	arena_init(&a);
	enum err e = setting_get(db, &a, name, &text);
	*ret_offset_us = 0;
	if (!e && text.p)
		e = str_to_i64(text, 0, most_us, ret_offset_us);
	arena_done(&a);
	return e;
}

static void advance_need(struct unit *u, const struct task *t)
{
	(void)u;
	(void)t;
}

static void advanced(struct engine *e, void *arg)
{
	engine_clock_moved(e, *(const int64_t *)arg);
}

static enum err advance_decide(struct unit *u, struct clock_advance *c)
{
	int64_t offset_us;

	if (!engine_sandbox_clock(u->engine))
		return ERR_FORBIDDEN;
	enum err e = db_lock(u->db, DB_LOCK_SETTINGS);
	if (!e)
		e = business_clock_read(u->db, &offset_us);
	if (e)
		return e;
	if (c->by_us <= 0 || c->by_us > most_us - offset_us)
		return ERR_BAD_REQUEST;
	int64_t *offset = ARENA_NEW(&u->arena, int64_t);
	*offset = offset_us + c->by_us;
	e = setting_put(u->db, name, arena_printf(&u->arena, "%lld", (long long)*offset));
	if (e)
		return e;
	c->now_us = u->wall_us + *offset;
	unit_after_commit(u, advanced, offset);
	unit_changed(u, CHANGED_CLOCK);
	return OK;
}

static enum err advance_act(struct unit *u, struct task *t)
{
	struct clock_advance *c = t->command;
	enum err e = advance_decide(u, c);

	return audited(u, &c->by, "clock.advance", STR("clock"),
		       arena_printf(&u->arena, "by_us %lld", (long long)c->by_us), e);
}

const struct verb verb_clock_advance = { .name = "clock.advance", .need = advance_need, .act = advance_act };
