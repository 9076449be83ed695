/* admin/catalog.c: imports of the catalogue, in steps that each are small: begin, lines, check, write, write, ...
 *
 * One import at a time. Its state is the loop thread's, except while a step of it runs elsewhere (busy). */
#include "admin/endpoint.h"

#include "base/clock.h"
#include "service/import.h"

#include <stdlib.h>

static const int64_t abandoned_after_us = SECONDS_US(600);

struct import_slot {
	struct catalog_import *import; /* NULL: none */
	int64_t id, used_us;	       /* used: monotonic */
	struct str note;
	char note_text[256];
	bool busy, is_checked;
	int64_t batch; /* 0: nothing is written yet */
	size_t next;
};

struct import_slot *import_slot_new(void)
{
	struct import_slot *slot = calloc(1, sizeof(*slot));

	must(slot);
	return slot;
}

static void empty(struct import_slot *slot)
{
	int64_t id = slot->id;

	catalog_import_free(slot->import);
	*slot = (struct import_slot){ .id = id };
}

void import_slot_free(struct import_slot *slot)
{
	if (slot)
		catalog_import_free(slot->import);
	free(slot);
}

struct begin_body {
	uint64_t set;
	struct str note;
};
static const struct field begin_fields[] = {
	{ "note", FIELD_STR, 0, offsetof(struct begin_body, note), .min = 0, .max = 60 },
};
static const struct fields begin_table = FIELDS(begin_fields, struct begin_body, FIELDS_CLOSED);

static enum err begin_parse(struct admin_request *rq)
{
	struct import_slot *slot = rq->import;
	struct begin_body body;
	enum err e = admin_body(rq, &begin_table, &body);

	if (e)
		return e;
	if (slot->import && (slot->busy || clock_mono_us() - slot->used_us < abandoned_after_us)) {
		rq->detail = STR("another import is under way");
		return ERR_CONFLICT;
	}
	empty(slot);
	const struct catalog *current = engine_catalog(rq->engine);
	slot->import = catalog_import_new(current);
	catalog_release(current);
	slot->id++;
	slot->used_us = clock_mono_us();
	if (body.note.n)
		memcpy(slot->note_text, body.note.p, body.note.n);
	slot->note = (struct str){ slot->note_text, body.note.n };
	return OK;
}

static enum err begin_render(struct admin_request *rq, struct json_writer *w)
{
	json_obj(w, NULL);
	json_int(w, "id", rq->import->id);
	json_end(w);
	return OK;
}

static void step_over(struct admin_request *rq)
{
	rq->import->busy = false;
	rq->import->used_us = clock_mono_us();
}

/* The import that the path names, taken for one step. */
static enum err take_step(struct admin_request *rq, bool wants_checked)
{
	struct import_slot *slot = rq->import;
	int64_t id;
	enum err e = admin_id(rq, 0, &id);

	if (e)
		return e;
	if (!slot->import || slot->id != id)
		return ERR_NOT_FOUND;
	if (slot->busy || slot->is_checked != wants_checked) {
		rq->detail = slot->busy ? STR("a step of this import is under way") : STR("not the turn of this step");
		return ERR_CONFLICT;
	}
	slot->busy = true;
	rq->after = step_over;
	return OK;
}

static enum err lines_parse(struct admin_request *rq)
{
	struct import_feed *c = ARENA_NEW(rq->arena, struct import_feed);
	enum err e = take_step(rq, false);

	*c = (struct import_feed){ rq->import->import, rq->body };
	rq->task.command = c;
	return e;
}

static enum err lines_render(struct admin_request *rq, struct json_writer *w)
{
	json_obj(w, NULL);
	json_int(w, "rows", (int64_t)catalog_import_rows(rq->import->import));
	json_end(w);
	return OK;
}

static enum err check_parse(struct admin_request *rq)
{
	struct import_check *c = ARENA_NEW(rq->arena, struct import_check);
	enum err e = take_step(rq, false);

	c->import = rq->import->import;
	rq->task.command = c;
	return e;
}

static enum err check_render(struct admin_request *rq, struct json_writer *w)
{
	const struct import_check *c = rq->task.command;
	const struct import_error *error;
	size_t total = 0;

	json_obj(w, NULL);
	json_bool(w, "good", c->good);
	json_int(w, "rows", (int64_t)catalog_import_rows(c->import));
	json_arr(w, "errors");
	for (size_t i = 0; (error = catalog_import_error(c->import, i, &total)); i++) {
		json_obj(w, NULL);
		json_int(w, "line", (int64_t)error->line);
		json_strz(w, "text", error->text);
		json_end(w);
	}
	json_end(w);
	json_int(w, "errors_total", (int64_t)total);
	json_end(w);
	if (c->good)
		rq->import->is_checked = true;
	else
		empty(rq->import);
	return OK;
}

static enum err write_parse(struct admin_request *rq)
{
	const struct import_slot *slot = rq->import;
	struct import_write *c = ARENA_NEW(rq->arena, struct import_write);
	enum err e = take_step(rq, true);

	*c = (struct import_write){
		.by = rq->by, .import = slot->import, .note = slot->note, .batch = slot->batch, .first = slot->next
	};
	rq->task.command = c;
	return e;
}

static enum err write_render(struct admin_request *rq, struct json_writer *w)
{
	const struct import_write *c = rq->task.command;
	int64_t rows = (int64_t)catalog_import_rows(c->import), written = (int64_t)c->next;

	rq->import->batch = c->found_batch;
	rq->import->next = c->next;
	json_obj(w, NULL);
	json_int(w, "batch", c->found_batch);
	json_int(w, "written", written < rows ? written : rows);
	json_int(w, "rows", rows);
	json_bool(w, "done", c->done);
	json_end(w);
	if (c->done)
		empty(rq->import);
	return OK;
}

static enum err batches_parse(struct admin_request *rq)
{
	struct batch_list *c = ARENA_NEW(rq->arena, struct batch_list);

	rq->task.command = c;
	return admin_number(rq, "limit", 1, 1000, 20, &c->most);
}

static enum err batches_render(struct admin_request *rq, struct json_writer *w)
{
	const struct batch_list *c = rq->task.command;

	json_arr(w, NULL);
	for (size_t i = 0; i < c->count; i++) {
		json_obj(w, NULL);
		json_int(w, "id", c->rows[i].id);
		json_strz(w, "state", batch_state_name(c->rows[i].state));
		json_int(w, "rows", c->rows[i].row_count);
		json_str(w, "note", c->rows[i].note);
		json_moment(w, "created_at", c->rows[i].created_at);
		json_end(w);
	}
	json_end(w);
	return OK;
}

static enum err abandon_parse(struct admin_request *rq)
{
	struct import_abandon *c = ARENA_NEW(rq->arena, struct import_abandon);

	c->by = rq->by;
	rq->task.command = c;
	enum err e = admin_id(rq, 0, &c->batch);
	if (!e && rq->import->import && rq->import->batch == c->batch) {
		if (rq->import->busy)
			return ERR_CONFLICT;
		empty(rq->import);
	}
	return e;
}

static enum err abandon_render(struct admin_request *rq, struct json_writer *w)
{
	json_obj(w, NULL);
	json_int(w, "batch", ((const struct import_abandon *)rq->task.command)->batch);
	json_end(w);
	return OK;
}

static const struct admin_endpoint rows[] = {
	/* clang-format off */
	{ "POST", "/admin/v1/imports", 0, 201, begin_parse, NULL, begin_render },
	{ "POST", "/admin/v1/imports/{id}/lines", 0, 200, lines_parse, &verb_import_feed, lines_render },
	{ "POST", "/admin/v1/imports/{id}/check", 0, 200, check_parse, &verb_import_check, check_render },
	{ "POST", "/admin/v1/imports/{id}/write", 0, 200, write_parse, &verb_import_write, write_render },
	{ "GET", "/admin/v1/batches", 0, 200, batches_parse, &verb_batch_list, batches_render },
	{ "DELETE", "/admin/v1/batches/{id}", 0, 200, abandon_parse, &verb_import_abandon, abandon_render },
	/* clang-format on */
};
const struct admin_endpoints admin_catalog_endpoints = { rows, ARRAY_LEN(rows) };
