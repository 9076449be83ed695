/* api/mobimatter/order.c: an order as this API shows it. */
#include "api/mobimatter/order.h"

#include "api/fragments.h"
#include "api/mobimatter/catalog.h"
#include "api/mobimatter/errors.h"
#include "base/clock.h"
#include "base/qr.h"
#include "service/public.h"

enum { QR_BYTES_MOST = 64 * 1024, FRACTION_MOST = 3 };
#define APPLE_LINK "https://esimsetup.apple.com/esim_qrcode_provisioning?carddata="
#define ANDROID_LINK "https://esimsetup.android.com/esim_qrcode_provisioning?carddata="

const char *mm_state(enum order_state state)
{
	static const char *const names[] = {
		[ORDER_CREATED] = "Created",	 [ORDER_CONFIRMED] = "Processing", [ORDER_SUBMITTED] = "Processing",
		[ORDER_COMPLETED] = "Completed", [ORDER_PARTIAL] = "Completed",	   [ORDER_DECLINED] = "Cancelled",
		[ORDER_REJECTED] = "Cancelled",	 [ORDER_CANCELLED] = "Cancelled",  [ORDER_EXPIRED] = "Expired",
		[ORDER_REVERSED] = "Refunded",	 [ORDER_REVERSING] = "Completed",  [ORDER_AWAITING_KYC] = "Processing"
	};

	must((size_t)state < ARRAY_LEN(names) && names[state]);
	return names[state];
}

static const char *const categories[] = { [ESIM_REALTIME] = "esim_realtime",
					  [ESIM_DELAYED] = "esim_delayed",
					  [ESIM_ADDON] = "esim_addon",
					  [ESIM_REPLACEMENT] = "esim_replacement" };

const char *mm_category(enum esim_category category)
{
	return categories[category];
}

enum esim_category mm_category_of(struct str word)
{
	for (size_t i = 1; i < ARRAY_LEN(categories); i++)
		if (str_is(word, categories[i]))
			return (enum esim_category)i;
	return (enum esim_category)0;
}

void mm_put_date(struct json_writer *w, const char *name, int64_t us)
{
	int64_t ms = us / 1000 % 1000;
	int digits = FRACTION_MOST;

	for (; digits > 0 && ms % 10 == 0; ms /= 10)
		digits--;
	json_time(w, name, us, digits, "");
}

/* ---- the line item ---- */

static void put_detail(struct json_writer *w, const char *name, struct str value)
{
	if (!value.p)
		return;
	json_obj(w, NULL);
	json_strz(w, "name", name);
	json_str(w, "value", value);
	json_end(w);
}

/* The text that a code says and, right behind it, its picture; absent if it fits no code. */
static struct str draw_qr(struct arena *a, struct str code)
{
	struct buf png, piece;

	buf_init(&png, QR_BYTES_MOST);
	buf_init(&piece, 3 * QR_BYTES_MOST);
	enum err e = qr_png(&png, code);
	buf_str(&piece, code);
	buf_lit(&piece, "data:image/png;base64,");
	buf_base64(&piece, png.p, png.n);
	struct str text = e ? STR_NONE : arena_str(a, buf_view(&piece));
	buf_done(&png);
	buf_done(&piece);
	return text;
}

/* Clients ask again and again: kept with the catalogue's pieces, behind the text that it says, so that nobody ever gets
 * another one's. */
static struct str qr_uri(const struct mm_rendering *r, struct str code)
{
	unsigned char hash[HASH_BYTES];
	struct fragment_key key = { 0 };
	struct str piece = STR_NONE;

	if (r->fragments) {
		crypto_keyed_hash(r->keys, code, hash);
		memcpy(&key.id, hash, sizeof(key.id));
		piece = fragments_find(r->fragments, r->catalog, key);
	}
	if (!piece.p || !str_starts(piece, code)) {
		piece = draw_qr(r->arena, code);
		if (r->fragments && piece.p)
			fragments_add(r->fragments, r->catalog, key, piece);
	}
	return piece.p ? str_skip(piece, code.n) : STR_NONE;
}

/* The profile as it was stored, and the parts of "LPA:1$host$code". */
struct profile {
	const struct json_token *root;
	struct str lpa, host, code, phone;
};

static enum err open_profile(const struct mm_rendering *r, const struct esim *esim, struct profile *ret)
{
	struct str plain;
	struct json doc;
	enum err e = esim_profile_open(r->keys, r->arena, esim, &plain);

	if (!e && json_read(r->arena, plain, NULL, &doc))
		e = ERR_SEALED;
	if (e)
		return e;
	ret->root = json_root(&doc);
	ret->lpa = json_text(r->arena, json_get(ret->root, "code"));
	struct str msisdn = json_text(r->arena, json_get(ret->root, "msisdn"));
	ret->phone = msisdn.p ? arena_printf(r->arena, "+%.*s", STR_ARG(msisdn)) : STR_NONE;
	struct str rest = ret->lpa;
	str_cut(&rest, '$');
	ret->host = str_cut(&rest, '$');
	ret->code = rest;
	return OK;
}

static void put_profile(const struct mm_rendering *r, const struct esim *esim, const struct profile *p)
{
	struct json_writer *w = r->w;

	put_detail(w, "ACTIVATION_CODE", p->code);
	put_detail(w, "PHONE_NUMBER", p->phone);
	put_detail(w, "ICCID", esim->iccid);
	put_detail(w, "LOCAL_PROFILE_ASSISTANT", p->lpa);
	put_detail(w, "ACCESS_POINT_NAME", json_text(r->arena, json_get(p->root, "apn")));
	put_detail(w, "SMDP_ADDRESS", p->host);
	put_detail(w, "IMSI", json_text(r->arena, json_get(p->root, "imsi")));
	put_detail(w, "QR_CODE", qr_uri(r, p->lpa));
}

static void put_parent(const struct mm_rendering *r, const struct order_view *view, const struct esim *esim,
		       const struct profile *p)
{
	const struct order *root = view->extras->root;

	if (!root)
		return;
	put_detail(r->w, "PARENT_ORDER", order_reference(root));
	put_detail(r->w, "PARENT_IDENTIFIER", p->phone.p ? p->phone : esim ? esim->iccid : STR_NONE);
}

static void put_install_links(const struct mm_rendering *r, const struct profile *p)
{
	if (!p->lpa.p)
		return;
	json_obj(r->w, "oneClickInstall");
	json_str(r->w, "ios", arena_printf(r->arena, APPLE_LINK "%.*s", STR_ARG(p->lpa)));
	json_str(r->w, "android", arena_printf(r->arena, ANDROID_LINK "%.*s", STR_ARG(p->lpa)));
	json_end(r->w);
}

/* What the buyer may see by now. A top-up has no profile of its own, only whose it is for. */
static enum err put_details(const struct mm_rendering *r, const struct order_view *view)
{
	const struct order *o = &view->order;
	const struct order_extras *x = view->extras;
	enum esim_category category = view->product->esim->category;
	bool has_paid = order_has_paid((enum order_state)o->state);
	const struct esim *esim = x->esim_count ? &x->esims[0] : NULL;
	struct profile p = { 0 };
	enum err e = esim && has_paid ? open_profile(r, esim, &p) : OK;

	if (e)
		return e;
	json_arr(r->w, "lineItemDetails");
	if (o->state == ORDER_AWAITING_KYC && r->base_url)
		put_detail(r->w, "KYC_URL", public_link(r->keys, r->arena, r->base_url, PUBLIC_KYC, o->id, 0, ""));
	if (esim && has_paid && category != ESIM_ADDON)
		put_profile(r, esim, &p);
	else if (esim && has_paid) {
		put_detail(r->w, "PHONE_NUMBER", p.phone);
		put_detail(r->w, "ICCID", esim->iccid);
	}
	put_parent(r, view, esim, &p);
	json_end(r->w);
	if (category != ESIM_ADDON)
		put_install_links(r, &p);
	return OK;
}

static enum err put_line_item(const struct mm_rendering *r, const struct order_view *view)
{
	const struct order *o = &view->order;
	const struct product *p = view->product;
	const struct esim_plan *plan = p->esim;
	struct json_writer *w = r->w;

	json_obj(w, "orderLineItem");
	json_str(w, "productId", plan->code);
	json_strz(w, "productCategory", mm_category(plan->category));
	json_str(w, "productFamilyName", plan->family);
	json_str(w, "productFamilyId", arena_printf(r->arena, "%lld", (long long)plan->family_id));
	json_str(w, "title", p->name);
	json_str(w, "provider", arena_printf(r->arena, "%lld", (long long)p->op->id));
	json_str(w, "providerName", p->op->name);
	json_str(w, "providerLogo", plan->logo);
	json_decimal(w, "retailPrice", o->retail_currency ? o->retail_amount : o->amount);
	json_decimal(w, "wholesalePrice", o->amount);
	enum err e = put_details(r, view);
	if (e)
		return e;
	if (r->details_of)
		mm_put_product_details(w, r->arena, r->details_of, p);
	json_end(w);
	return OK;
}

enum err mm_put_order(const struct mm_rendering *r, const char *name, const struct order_view *view)
{
	const struct order *o = &view->order;
	struct json_writer *w = r->w;
	struct json doc;

	if (!view->product || !view->product->esim || !view->extras ||
	    json_read(r->arena, view->extras->details, NULL, &doc))
		return ERR_STORE_FAILED;
	json_obj(w, name);
	json_str(w, "orderId", order_reference(o));
	json_strz(w, "orderState", mm_state((enum order_state)o->state));
	json_str(w, "merchantId", json_text(r->arena, json_get(json_root(&doc), "merchant")));
	json_null(w, "externalId");
	json_strz(w, "currencyCode", "USD");
	mm_put_date(w, "created", o->created_at);
	if (o->state == ORDER_CREATED)
		json_null(w, "updated");
	else
		mm_put_date(w, "updated", o->updated_at);
	enum err e = put_line_item(r, view);
	if (e)
		return e;
	json_str(w, "label", json_text(r->arena, json_get(json_root(&doc), "label")));
	json_end(w);
	return OK;
}

/* ---- endpoints ---- */

static void render_order(struct request *rq, struct json_writer *w, const struct order_view *view,
			 const struct catalog *details_of)
{
	struct mm_rendering r = { w,	      &rq->x->arena, rq->keys,	 rq->settings->public_url,
				  details_of, rq->fragments, rq->catalog };

	mm_begin(rq, w);
	enum err e = mm_put_order(&r, "result", view);
	if (e) {
		request_add_fault(rq, e, STR_NONE);
		return;
	}
	mm_end(w);
	request_shows(rq, view);
}

void mm_create_render(struct request *rq, struct json_writer *w)
{
	const struct order_place *c = rq->task.command;

	if (c->replayed)
		http_reply_header(rq->x, "Idempotent-Replayed", STR("true"));
	mm_begin(rq, w);
	json_obj(w, "result");
	json_str(w, "orderId", order_reference(&c->view.order));
	json_strz(w, "productCategory", mm_category(c->view.product->esim->category));
	json_end(w);
	mm_end(w);
}

/* An order that failed while it was completed has given its money back. */
enum err mm_complete_answer(struct request *rq)
{
	const struct order_complete *c = rq->task.command;

	return c->view.order.state == ORDER_DECLINED || c->view.order.state == ORDER_REJECTED ? ERR_METHOD_NOT_SUPPORTED
											      : OK;
}

void mm_complete_render(struct request *rq, struct json_writer *w)
{
	render_order(rq, w, &((const struct order_complete *)rq->task.command)->view, NULL);
}

void mm_order_render(struct request *rq, struct json_writer *w)
{
	const bool *with_details = rq->result;

	render_order(rq, w, &((const struct esim_get *)rq->task.command)->view, *with_details ? rq->catalog : NULL);
}

void mm_say(struct request *rq, struct json_writer *w, const char *sentence)
{
	mm_begin(rq, w);
	json_strz(w, "result", sentence);
	mm_end(w);
}

void mm_cancel_render(struct request *rq, struct json_writer *w)
{
	mm_say(rq, w, "Order cancelled");
}

/* The supplier did not agree: it is as if nothing had been asked. */
enum err mm_refund_answer(struct request *rq)
{
	const struct order_refund *c = rq->task.command;

	return c->view.order.state == ORDER_COMPLETED
		       ? request_fault(rq, ERR_ILLEGAL_STATE, STR("The eSIM is installed"))
		       : OK;
}

void mm_refund_render(struct request *rq, struct json_writer *w)
{
	mm_say(rq, w, "Order marked for refund");
}

void mm_terms_render(struct request *rq, struct json_writer *w)
{
	const struct refund_ask *c = rq->task.command;

	mm_begin(rq, w);
	json_obj(w, "result");
	json_bool(w, "isEligible", c->terms.is_eligible);
	if (c->terms.is_eligible)
		json_decimal(w, "fee", c->terms.fee);
	else
		json_null(w, "fee");
	json_strz(w, "reason", c->terms.reason);
	json_end(w);
	mm_end(w);
}

void mm_linked_render(struct request *rq, struct json_writer *w)
{
	const struct esim_get *c = rq->task.command;
	const struct order_extras *x = c->view.extras;
	const unsigned *states = rq->result;

	mm_begin(rq, w);
	json_arr(w, "result");
	for (size_t i = 0; i < x->link_count && !x->root; i++)
		if (!states || *states >> x->links[i].state & 1)
			json_str(w, NULL, x->links[i].reference);
	json_end(w);
	mm_end(w);
}

void mm_balance_render(struct request *rq, struct json_writer *w)
{
	const struct balance_list *c = rq->task.command;

	mm_begin(rq, w);
	json_obj(w, "result");
	json_decimal(w, "balance", c->count ? c->accounts[0].balance - c->accounts[0].held : 0);
	json_end(w);
	mm_end(w);
}
