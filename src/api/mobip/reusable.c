#include "api/mobip/reusable.h"

#include "api/mobip/input.h"
#include "base/uuid.h"
#include "service/public.h"

enum { TEXT_MOST = 255, MESSAGE_MOST = 1000, URL_MOST = 2048 };

struct asked {
	int64_t item_amount, tax_amount;
	struct str item_name, photo, video, message, reference, category, brand;
};

/* mobip.md 1, 5. A video is required in one column of the documentation and has no default in the other: it is not. */
static const struct mobip_field fields[] = {
	{ "item_amount", "item_amount_in_cents", MOBIP_NUMBER, true, offsetof(struct asked, item_amount), 0,
	  MOBIP_MINOR_MOST },
	{ "tax_amount", "tax_amount_in_cents", MOBIP_NUMBER, true, offsetof(struct asked, tax_amount), 0,
	  MOBIP_MINOR_MOST },
	{ "item_name", NULL, MOBIP_TEXT, true, offsetof(struct asked, item_name), .max = TEXT_MOST },
	{ "item_photo", NULL, MOBIP_URL, true, offsetof(struct asked, photo), .max = URL_MOST },
	{ "item_video", NULL, MOBIP_URL, false, offsetof(struct asked, video), .max = URL_MOST },
	{ "item_message", NULL, MOBIP_TEXT, false, offsetof(struct asked, message), .max = MESSAGE_MOST },
	{ "item_reference", NULL, MOBIP_TEXT, false, offsetof(struct asked, reference), .max = TEXT_MOST },
	{ "item_category", NULL, MOBIP_TEXT, false, offsetof(struct asked, category), .max = TEXT_MOST },
	{ "item_brand", NULL, MOBIP_TEXT, false, offsetof(struct asked, brand), .max = TEXT_MOST },
};

enum err mobip_reusable_parse(struct request *rq)
{
	struct reusable_create *c = ARENA_NEW(&rq->x->arena, struct reusable_create);
	struct asked asked = { 0 };
	enum err e = mobip_bind(rq, fields, ARRAY_LEN(fields), &asked);

	rq->task.command = c;
	*c = (struct reusable_create){ .item_name = asked.item_name,
				       .photo_url = asked.photo,
				       .video_url = asked.video,
				       .message = asked.message,
				       .reference = asked.reference,
				       .category = asked.category,
				       .brand = asked.brand,
				       .idempotency_key = rq->idempotency_key,
				       .idempotency_hash = rq->request_hash };
	if (!e)
		e = mobip_amount(rq, "item_amount", asked.item_amount, &c->item_amount);
	return e ? e : mobip_amount(rq, "tax_amount", asked.tax_amount, &c->tax_amount);
}

struct str mobip_qr_id(struct request *rq, int64_t id)
{
	return uuid_of_id(rq->keys, &rq->x->arena, "reusable", id);
}

void mobip_reusable_render(struct request *rq, struct json_writer *w)
{
	const struct reusable_create *c = rq->task.command;
	const char *base = rq->settings->public_url;
	struct arena *a = &rq->x->arena;

	if (c->replayed)
		http_reply_header(rq->x, "Idempotent-Replayed", STR("true"));
	mobip_begin(w);
	json_str(w, "qr_id", mobip_qr_id(rq, c->id));
	json_str(w, "url_qr", public_link(rq->keys, a, base, PUBLIC_REUSABLE_QR, c->id, 0, ".png"));
	json_str(w, "url_checkout", public_link(rq->keys, a, base, PUBLIC_REUSABLE, c->id, 0, ""));
	json_end(w);
}
