#include "api/dvs/body.h"

#include "api/dvs/query.h"

static enum err read_body(struct request *rq, struct json *ret)
{
	enum err e = json_read(&rq->x->arena, rq->x->body, NULL, ret);

	if (!e)
		return OK;
	return dvs_fault(rq, ERR_BAD_REQUEST, "body",
			 arena_printf(&rq->x->arena, "%s at byte %zu", ret->error, ret->error_at).p);
}

static void take_faults(struct request *rq, const struct json_faults *faults, bool schema)
{
	for (size_t i = 0; i < faults->n; i++) {
		const struct json_fault *fault = &faults->items[i];

		if ((fault->code == ERR_BAD_REQUEST) == schema)
			request_add_fault(rq, fault->code, str_of(fault->message));
	}
}

enum err dvs_body(struct request *rq, const struct fields *table, void *ret, const struct json_token **ret_root)
{
	struct json doc = { 0 };
	struct json_faults faults = { 0 };
	enum err e = read_body(rq, &doc);

	if (e)
		return e;
	e = fields_bind(&rq->x->arena, json_root(&doc), table, ret, &faults);
	if (!e) {
		if (ret_root)
			*ret_root = json_root(&doc);
		return OK;
	}
	take_faults(rq, &faults, true);
	take_faults(rq, &faults, false);
	return rq->faults[0].code;
}

enum err dvs_no_body(struct request *rq)
{
	struct json doc = { 0 };

	if (str_is_blank(rq->x->body))
		return OK;
	enum err e = read_body(rq, &doc);
	if (!e && json_type(json_root(&doc)) != JSON_OBJECT)
		e = dvs_fault(rq, ERR_BAD_REQUEST, "body", "must be an object");
	return e;
}
