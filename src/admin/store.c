/* admin/store.c: the store as a whole: its clock, its open questions, its health. */
#include "admin/endpoint.h"

#include "admin/metrics.h"
#include "base/clock.h"
#include "service/business_clock.h"
#include "service/status.h"
#include "service/task_list.h"

static const int64_t stuck_us = SECONDS_US(5);

struct advance_body {
	uint64_t set;
	struct str by;
};
static const struct field advance_fields[] = {
	{ "by", FIELD_STR, FIELD_REQUIRED, offsetof(struct advance_body, by), .min = 2, .max = 20 },
};
static const struct fields advance_table = FIELDS(advance_fields, struct advance_body, FIELDS_CLOSED);

static enum err advance_parse(struct admin_request *rq)
{
	struct clock_advance *c = ARENA_NEW(rq->arena, struct clock_advance);
	struct advance_body body;

	c->by = rq->by;
	rq->task.command = c;
	enum err e = admin_body(rq, &advance_table, &body);
	if (e)
		return e;
	if (clock_parse_duration(body.by, &c->by_us))
		return admin_fault(rq, "by", ERR_BAD_REQUEST, "must be a duration such as 25h, 90s or 1h30m");
	return OK;
}

static enum err advance_render(struct admin_request *rq, struct json_writer *w)
{
	json_obj(w, NULL);
	json_moment(w, "now", ((const struct clock_advance *)rq->task.command)->now_us);
	json_end(w);
	return OK;
}

static enum err clock_render(struct admin_request *rq, struct json_writer *w)
{
	json_obj(w, NULL);
	json_moment(w, "now", rq->now_us);
	/* Rounded: the machine's clock and the store's differ by a little, and the request came a little while ago. */
	json_int(w, "ahead_seconds", (rq->now_us - clock_wall_us() + 500000) / 1000000);
	json_bool(w, "can_be_advanced", engine_sandbox_clock(rq->engine));
	json_end(w);
	return OK;
}

static enum err tasks_parse(struct admin_request *rq)
{
	struct task_list *c = ARENA_NEW(rq->arena, struct task_list);

	rq->task.command = c;
	enum err e = admin_number(rq, "limit", 1, TASKS_SHOWN_MAX, 100, &c->most);
	c->closed_too = query_find(&rq->query, "all").p != NULL;
	return e;
}

static enum err tasks_render(struct admin_request *rq, struct json_writer *w)
{
	const struct task_list *c = rq->task.command;

	json_arr(w, NULL);
	for (size_t i = 0; i < c->count; i++) {
		const struct work_task *t = &c->rows[i];

		json_obj(w, NULL);
		json_int(w, "id", t->id);
		json_strz(w, "kind", task_kind_name((enum task_kind)t->kind));
		if (t->order_id)
			json_int(w, "order_id", t->order_id);
		else
			json_null(w, "order_id");
		json_str(w, "detail", t->detail);
		json_bool(w, "open", t->state == TASK_OPEN);
		json_moment(w, "created_at", t->created_at);
		json_moment(w, "closed_at", t->closed_at);
		json_end(w);
	}
	json_end(w);
	return OK;
}

static enum err close_parse(struct admin_request *rq)
{
	struct task_close *c = ARENA_NEW(rq->arena, struct task_close);

	c->by = rq->by;
	rq->task.command = c;
	return admin_id(rq, 0, &c->id);
}

static enum err close_render(struct admin_request *rq, struct json_writer *w)
{
	json_obj(w, NULL);
	json_int(w, "id", ((const struct task_close *)rq->task.command)->id);
	json_end(w);
	return OK;
}

static enum err status_parse(struct admin_request *rq)
{
	rq->task.command = ARENA_NEW(rq->arena, struct store_status);
	return OK;
}

static enum err status_render(struct admin_request *rq, struct json_writer *w)
{
	const struct store_status *s = rq->task.command;
	struct engine_stats stats;

	engine_stats(rq->engine, &stats);
	json_obj(w, NULL);
	json_moment(w, "now", rq->now_us);
	json_str(w, "public_url", admin_public_url(rq->admin));
	json_bool(w, "store_ok", stats.store_ok);
	json_int(w, "commits", stats.commits);
	json_int(w, "request_queue", stats.request_queue);
	json_int(w, "result_queue", stats.result_queue);
	json_int(w, "parked", stats.parked);
	json_int(w, "partners", s->partners);
	json_int(w, "unknown", s->unknown.count);
	json_int(w, "callbacks_waiting", s->jobs[JOB_CALLBACK].count);
	json_int(w, "open_tasks", s->open_tasks);
	json_obj(w, "open_orders");
	for (size_t i = 0; i < s->state_count; i++)
		json_int(w, order_state_name((enum order_state)s->states[i].key), s->states[i].count);
	json_end(w);
	json_end(w);
	return OK;
}

static enum err healthz_render(struct admin_request *rq, struct json_writer *w)
{
	(void)w;
	buf_lit(rq->reply, "ok\n");
	return OK;
}

/* Red when what comes now could not be written. */
static enum err readyz_render(struct admin_request *rq, struct json_writer *w)
{
	struct engine_stats stats;

	(void)w;
	engine_stats(rq->engine, &stats);
	if (!stats.store_ok)
		buf_lit(rq->reply, "the store is not writable\n");
	else if (stats.stuck_us > stuck_us)
		buf_lit(rq->reply, "a commit has been waiting for more than 5 s\n");
	else
		buf_lit(rq->reply, "ok\n");
	if (!stats.store_ok || stats.stuck_us > stuck_us)
		rq->status = 503;
	return OK;
}

static enum err metrics_render(struct admin_request *rq, struct json_writer *w)
{
	(void)w;
	metrics_write(rq);
	return OK;
}

static const struct admin_endpoint rows[] = {
	/* clang-format off */
	{ "POST", "/admin/v1/clock/advance", 0, 200, advance_parse, &verb_clock_advance, advance_render },
	{ "GET", "/admin/v1/clock", 0, 200, NULL, NULL, clock_render },
	{ "GET", "/admin/v1/tasks", 0, 200, tasks_parse, &verb_task_list, tasks_render },
	{ "POST", "/admin/v1/tasks/{id}/close", 0, 200, close_parse, &verb_task_close, close_render },
	{ "GET", "/admin/v1/status", 0, 200, status_parse, &verb_store_status, status_render },
	{ "GET", "/healthz", ADMIN_OPEN | ADMIN_TEXT, 200, NULL, NULL, healthz_render },
	{ "GET", "/readyz", ADMIN_OPEN | ADMIN_TEXT, 200, NULL, NULL, readyz_render },
	{ "GET", "/metrics", ADMIN_TEXT, 200, status_parse, &verb_store_status, metrics_render },
	/* clang-format on */
};
const struct admin_endpoints admin_store_endpoints = { rows, ARRAY_LEN(rows) };
