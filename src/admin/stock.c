/* admin/stock.c: batches of stock: opened, filled in chunks, flipped or abandoned; listed, voided. */
#include "admin/endpoint.h"

#include "base/clock.h"
#include "base/csv.h"
#include "base/limits.h"
#include "service/stock.h"

enum { CODE_MOST = 500, SERIAL_MOST = 200, DATE_CHARS = 10 };

struct open_body {
	uint64_t set;
	int64_t product, low;
	bool sandbox;
	struct str note;
};
static const struct field open_fields[] = {
	{ "product", FIELD_INT64, FIELD_REQUIRED, offsetof(struct open_body, product), .min = 1, .max = INT32_MAX },
	{ "low", FIELD_INT64, 0, offsetof(struct open_body, low), .min = 0, .max = STOCK_PLACES_MAX },
	{ "sandbox", FIELD_BOOL, 0, offsetof(struct open_body, sandbox) },
	{ "note", FIELD_STR, FIELD_NULLABLE, offsetof(struct open_body, note), .min = 0, .max = 60 },
};
static const struct fields open_table = FIELDS(open_fields, struct open_body, FIELDS_CLOSED);

static enum err open_parse(struct admin_request *rq)
{
	struct stock_open *c = ARENA_NEW(rq->arena, struct stock_open);
	struct open_body body = { 0 };

	rq->task.command = c;
	enum err e = admin_body(rq, &open_table, &body);
	*c = (struct stock_open){
		.by = rq->by, .product_id = body.product, .sandbox = body.sandbox, .low = body.low, .note = body.note
	};
	return e;
}

static enum err open_render(struct admin_request *rq, struct json_writer *w)
{
	json_obj(w, NULL);
	json_int(w, "batch", ((const struct stock_open *)rq->task.command)->batch);
	json_end(w);
	return OK;
}

static enum err line_fault(struct admin_request *rq, size_t line, const char *rule)
{
	return admin_fault(rq, arena_printf(rq->arena, "line %zu", line).p, ERR_BAD_REQUEST, rule);
}

static bool is_date(struct str text)
{
	int64_t us;

	return text.n == DATE_CHARS && clock_parse_date(text, &us) == OK;
}

/* code[,serial[,expires]] */
static enum err read_line(struct admin_request *rq, struct str text, struct stock_line *ret)
{
	struct str fields[3] = { STR_NONE, STR_NONE, STR_NONE };
	size_t n;

	if (!str_is_utf8(text) || csv_fields(rq->arena, text, fields, ARRAY_LEN(fields), &n))
		return line_fault(rq, ret->line, "must be code,serial,expires in UTF-8");
	ret->code = fields[0];
	ret->serial = fields[1];
	ret->expires = fields[2];
	if (!ret->code.n || ret->code.n > CODE_MOST || ret->serial.n > SERIAL_MOST)
		return line_fault(rq, ret->line, "a code has 1 to 500 bytes, a serial number at most 200");
	if (ret->expires.n && !is_date(ret->expires))
		return line_fault(rq, ret->line, "expires must be a date, YYYY-MM-DD");
	return OK;
}

static enum err fill_parse(struct admin_request *rq)
{
	struct stock_fill *c = ARENA_NEW(rq->arena, struct stock_fill);
	struct stock_line *lines = ARENA_ARRAY(rq->arena, struct stock_line, LIMIT_STOCK_CHUNK_ROWS);
	struct str rest = rq->body, text;
	int64_t line;

	rq->task.command = c;
	enum err e = admin_id(rq, 0, &c->batch);
	if (!e)
		e = admin_number(rq, "expected", 0, STOCK_PLACES_MAX, 0, &c->expected);
	if (!e)
		e = admin_number(rq, "line", 1, INT64_MAX / 2, 1, &line);
	while (!e && csv_line(&rest, &text)) {
		if (str_is_blank(text)) {
			line++;
			continue;
		}
		if (c->count == LIMIT_STOCK_CHUNK_ROWS)
			return admin_fault(rq, "body", ERR_TOO_LARGE, "must have at most 500 lines");
		lines[c->count].line = (size_t)line++;
		e = read_line(rq, text, &lines[c->count++]);
	}
	if (!e && !c->count)
		e = admin_fault(rq, "body", ERR_BAD_REQUEST, "must have a line");
	c->lines = lines;
	return e;
}

static enum err fill_render(struct admin_request *rq, struct json_writer *w)
{
	const struct stock_fill *c = rq->task.command;

	json_obj(w, NULL);
	json_int(w, "total", c->duplicate_count ? c->expected : c->total);
	json_arr(w, "duplicates");
	for (size_t i = 0; i < c->duplicate_count; i++)
		json_int(w, NULL, (int64_t)c->duplicates[i]);
	json_end(w);
	json_end(w);
	return OK;
}

static enum err turn_parse(struct admin_request *rq, enum stock_batch_state to)
{
	struct stock_turn *c = ARENA_NEW(rq->arena, struct stock_turn);

	c->by = rq->by;
	c->to = to;
	rq->task.command = c;
	return admin_id(rq, 0, &c->batch);
}

static enum err activate_parse(struct admin_request *rq)
{
	return turn_parse(rq, STOCK_ACTIVE);
}

static enum err void_parse(struct admin_request *rq)
{
	return turn_parse(rq, STOCK_VOIDED);
}

static enum err abandon_parse(struct admin_request *rq)
{
	return turn_parse(rq, STOCK_ABANDONED);
}

static void put_batch(struct json_writer *w, const struct stock_batch *b)
{
	json_obj(w, NULL);
	json_int(w, "batch", b->id);
	json_int(w, "product", b->product_id);
	json_bool(w, "sandbox", b->sandbox);
	json_strz(w, "state", stock_state_name(b->state));
	json_int(w, "total", b->total);
	json_int(w, "free", b->free);
	json_int(w, "reserved", b->reserved);
	json_int(w, "sold", b->sold);
	json_int(w, "voided", b->voided);
	json_int(w, "low", b->low);
	json_str(w, "note", b->note);
	json_moment(w, "created_at", b->created_at);
}

static enum err turn_render(struct admin_request *rq, struct json_writer *w)
{
	const struct stock_turn *c = rq->task.command;

	put_batch(w, &c->row);
	json_bool(w, "more", c->more);
	json_end(w);
	return OK;
}

static enum err list_parse(struct admin_request *rq)
{
	struct stock_list *c = ARENA_NEW(rq->arena, struct stock_list);

	rq->task.command = c;
	return admin_number(rq, "product", 1, INT32_MAX, 0, &c->product_id);
}

static enum err list_render(struct admin_request *rq, struct json_writer *w)
{
	const struct stock_list *c = rq->task.command;

	json_arr(w, NULL);
	for (size_t i = 0; i < c->count; i++) {
		put_batch(w, &c->rows[i]);
		json_end(w);
	}
	json_end(w);
	return OK;
}

static enum err events_parse(struct admin_request *rq)
{
	struct stock_events *c = ARENA_NEW(rq->arena, struct stock_events);

	rq->task.command = c;
	enum err e = admin_number(rq, "product", 1, INT32_MAX, 0, &c->product_id);
	if (!e)
		e = admin_number(rq, "before", 1, INT64_MAX, INT64_MAX, &c->before);
	return e ? e : admin_number(rq, "limit", 1, STOCK_SHOWN_MAX, 100, &c->most);
}

static enum err events_render(struct admin_request *rq, struct json_writer *w)
{
	const struct stock_events *c = rq->task.command;

	json_arr(w, NULL);
	for (size_t i = 0; i < c->count; i++) {
		const struct stock_event *event = &c->rows[i];

		json_obj(w, NULL);
		json_int(w, "id", event->id);
		json_strz(w, "type", "stock.low");
		json_int(w, "product", event->product_id);
		json_bool(w, "sandbox", event->sandbox);
		json_int(w, "remaining", event->remaining);
		json_int(w, "low", event->mark);
		json_moment(w, "created_at", event->created_at);
		json_end(w);
	}
	json_end(w);
	return OK;
}

static enum err reveal_parse(struct admin_request *rq)
{
	struct order_reveal *c = ARENA_NEW(rq->arena, struct order_reveal);
	int64_t unit = 1;

	c->by = rq->by;
	rq->task.command = c;
	enum err e = admin_id(rq, 0, &c->order_id);
	if (!e)
		e = admin_id(rq, 1, &unit);
	c->unit = unit <= INT32_MAX ? (int)unit : 0;
	return e;
}

static enum err reveal_render(struct admin_request *rq, struct json_writer *w)
{
	json_raw_value(w, NULL, ((const struct order_reveal *)rq->task.command)->plain);
	return OK;
}

static const struct admin_endpoint rows[] = {
	/* clang-format off */
	{ "GET", "/admin/v1/stock", 0, 200, list_parse, &verb_stock_list, list_render },
	{ "GET", "/admin/v1/stock/events", 0, 200, events_parse, &verb_stock_events, events_render },
	{ "POST", "/admin/v1/stock", 0, 201, open_parse, &verb_stock_open, open_render },
	{ "POST", "/admin/v1/stock/{batch}/lines", 0, 200, fill_parse, &verb_stock_fill, fill_render },
	{ "POST", "/admin/v1/stock/{batch}/activate", 0, 200, activate_parse, &verb_stock_turn, turn_render },
	{ "POST", "/admin/v1/stock/{batch}/void", 0, 200, void_parse, &verb_stock_turn, turn_render },
	{ "DELETE", "/admin/v1/stock/{batch}", 0, 200, abandon_parse, &verb_stock_turn, turn_render },
	{ "POST", "/admin/v1/orders/{id}/units/{unit}/reveal", 0, 200,
	  reveal_parse, &verb_order_reveal, reveal_render },
	/* clang-format on */
};
const struct admin_endpoints admin_stock_endpoints = { rows, ARRAY_LEN(rows) };
