/* api/payvessel/order.c: an order and its eSIMs as this API shows them. */
#include "api/payvessel/order.h"

#include "base/clock.h"
#include "base/uuid.h"
#include "core/rate.h"
#include "service/esim.h"
#include "service/public.h"

static const char uuid_kind[] = "payvessel order";

struct str pv_order_uuid(const struct keys *keys, struct arena *a, int64_t order_id)
{
	return uuid_of_id(keys, a, uuid_kind, order_id);
}

enum err pv_order_id(const struct keys *keys, struct str uuid, int64_t *ret_id)
{
	return uuid_to_id(keys, uuid_kind, uuid, ret_id);
}

const char *pv_status(enum order_state state)
{
	static const char *const names[] = {
		[ORDER_CREATED] = "pending",	 [ORDER_CONFIRMED] = "pending",	  [ORDER_SUBMITTED] = "processing",
		[ORDER_COMPLETED] = "completed", [ORDER_PARTIAL] = "completed",	  [ORDER_DECLINED] = "failed",
		[ORDER_REJECTED] = "failed",	 [ORDER_CANCELLED] = "failed",	  [ORDER_EXPIRED] = "failed",
		[ORDER_REVERSED] = "completed",	 [ORDER_REVERSING] = "completed", [ORDER_AWAITING_KYC] = "processing",
	};

	must((size_t)state < ARRAY_LEN(names) && names[state]);
	return names[state];
}

void pv_begin(struct json_writer *w, const char *message)
{
	json_obj(w, NULL);
	json_bool(w, "status", true);
	json_strz(w, "message", message);
}

void pv_end(struct json_writer *w)
{
	json_end(w);
}

struct str pv_location(struct arena *a, const struct product *p)
{
	struct buf b;

	if (!p->coverage_count)
		return str_of(p->op->country->is_group ? p->op->country->iso : p->op->country->alpha2);
	buf_init(&b, LIMIT_BODY_BYTES);
	for (size_t i = 0; i < p->coverage_count; i++) {
		if (i)
			buf_char(&b, ',');
		buf_str(&b, str_of(p->coverage[i]->alpha2));
	}
	struct str text = arena_str(a, buf_view(&b));
	buf_done(&b);
	return text;
}

static void put_time(struct json_writer *w, const char *name, int64_t us)
{
	if (us)
		json_time(w, name, us, 6, "Z");
	else
		json_null(w, name);
}

/* Of a profile: the form of another system, without the colon in the zone (payvessel.md 5). */
static void put_profile_time(struct json_writer *w, const char *name, int64_t us)
{
	if (us)
		json_time(w, name, us, 0, "+0000");
	else
		json_null(w, name);
}

/* What the order is worth at the rate it was made with. */
static void put_naira(struct json_writer *w, struct arena *a, const struct order *o, struct str details)
{
	struct json doc;
	struct currency naira;
	int64_t rate, amount;

	must(currency_parse(STR("NGN"), &naira) == OK);
	if (details.p && json_read(a, details, NULL, &doc) == OK &&
	    json_micros(json_get(json_root(&doc), "naira"), &rate) == OK &&
	    rate_convert(o->amount, rate, naira, &amount) == OK)
		json_decimal(w, "amount_naira", amount);
	else
		json_null(w, "amount_naira");
}

static const char *error_message(const struct order *o)
{
	static const struct {
		enum order_state state;
		const char *message;
	} rows[] = {
		{ ORDER_DECLINED, "The provider could not provision the eSIM" },
		{ ORDER_REJECTED, "No provider is available for this package" },
		{ ORDER_CANCELLED, "The order was cancelled" },
		{ ORDER_EXPIRED, "The order has expired" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (o->state == (int)rows[i].state)
			return rows[i].message;
	return NULL;
}

static void put_package(struct json_writer *w, struct arena *a, const struct esim_package *package)
{
	const struct product *p = package->product;

	json_obj(w, NULL);
	json_str(w, "package_code", p->esim ? p->esim->package : STR_NONE);
	json_str(w, "package_name", p->name);
	json_str(w, "slug", p->esim ? p->esim->slug : STR_NONE);
	json_int(w, "duration", esim_days(package->hours));
	json_int(w, "volume", package->bytes);
	json_str(w, "location_code", pv_location(a, p));
	put_profile_time(w, "create_time", package->bought_us);
	json_end(w);
}

static const char *esim_status(const struct esim *esim, const struct esim_usage *usage, const struct esim_totals *t,
			       int64_t now_us)
{
	if (esim->state == ESIM_WITHDRAWN)
		return "CANCEL";
	if (!usage->is_told)
		return NULL;
	if (!t->activated_us)
		return "GOT_RESOURCE";
	if (t->expires_us && t->expires_us <= now_us)
		return "USED_EXPIRED";
	return t->bytes > 0 && t->used_bytes >= t->bytes ? "USED_UP" : "IN_USE";
}

static void put_identity(struct json_writer *w, struct arena *a, const struct json_token *profile)
{
	static const struct {
		const char *name, *stored;
	} rows[] = { { "ac", "code" }, { "msisdn", "msisdn" }, { "imsi", "imsi" },
		     { "pin", "pin" }, { "puk", "puk" },       { "apn", "apn" } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		json_str(w, rows[i].name, json_text(a, json_get(profile, rows[i].stored)));
}

static void put_links(struct request *rq, struct json_writer *w, const struct esim *esim)
{
	static const struct str ending = { ".png", 4 };
	struct str picture = public_link(rq->keys, &rq->x->arena, rq->settings->public_url, PUBLIC_ESIM, esim->order_id,
					 esim->unit, ending.p);

	json_str(w, "qr_code_url", picture);
	json_str(w, "short_url", (struct str){ picture.p, picture.n - ending.n });
}

static void put_numbers(struct json_writer *w, struct arena *a, const struct order *o, const struct esim *esim)
{
	json_str(w, "esim_tran_no", arena_printf(a, "%lld%02d", (long long)esim->order_id, esim->unit));
	json_str(w, "order_no", arena_printf(a, "B%lld", (long long)o->id));
	json_str(w, "transaction_id", order_reference(o));
	json_int(w, "sms_status", 0);
	json_int(w, "active_type", 2);
	json_int(w, "data_type", 1);
	json_null(w, "ip_export");
	json_null(w, "fup_policy");
}

/* 2: its family has top-ups; 1: it has none (payvessel.md 5). */
static int top_up_type(const struct request *rq, const struct product *p)
{
	return catalog_tops_up(rq->catalog, rq->list, ESIM_BY_PACKAGE, p->esim->family_id) ? 2 : 1;
}

static void put_usage(struct request *rq, struct json_writer *w, const struct order_view *view, const struct esim *esim,
		      const struct esim_usage *usage)
{
	static const char *const smdp[] = {
		[SMDP_RELEASED] = "RELEASED", [SMDP_INSTALLED] = "INSTALLATION", [SMDP_ENABLED] = "ENABLED"
	};
	struct esim_totals t = esim_totals(usage->packages, usage->package_count);

	json_strz(w, "esim_status", esim_status(esim, usage, &t, rq->now_us));
	json_strz(w, "smdp_status", usage->is_told ? smdp[usage->smdp] : NULL);
	json_str(w, "eid", usage->eid.p ? usage->eid : STR(""));
	put_profile_time(w, "installation_time", usage->installed_us);
	put_profile_time(w, "activate_time", t.activated_us);
	put_profile_time(w, "expired_time", t.expires_us);
	json_int(w, "total_volume", t.bytes);
	json_int(w, "total_duration", esim_days(t.hours));
	json_strz(w, "duration_unit", "DAY");
	if (usage->is_told)
		json_int(w, "order_usage", t.used_bytes);
	else
		json_null(w, "order_usage");
	json_int(w, "support_top_up_type", top_up_type(rq, view->product));
	json_arr(w, "packages");
	for (size_t i = 0; i < usage->package_count; i++)
		put_package(w, &rq->x->arena, &usage->packages[i]);
	json_end(w);
}

/* Where nobody was asked, or nobody answered: what was bought is known, for no top-up is bought in this API. */
static struct esim_usage usage_untold(struct arena *a, const struct order_view *view, const struct esim *esim)
{
	struct esim_package *package = ARENA_NEW(a, struct esim_package);

	*package = esim_package_of(view->product, esim->created_at, view->order.id);
	return (struct esim_usage){ .packages = package, .package_count = 1 };
}

static enum err put_profile(struct request *rq, struct json_writer *w, const struct order_view *view,
			    const struct esim *esim, const struct esim_usage *told)
{
	struct arena *a = &rq->x->arena;
	const struct esim_usage usage = told ? *told : usage_untold(a, view, esim);
	struct str plain;
	struct json doc;
	enum err e = esim_profile_open(rq->keys, a, esim, &plain);

	if (!e && json_read(a, plain, NULL, &doc))
		e = ERR_SEALED;
	if (e)
		return e;
	json_obj(w, NULL);
	json_str(w, "iccid", esim->iccid);
	put_links(rq, w, esim);
	put_identity(w, a, json_root(&doc));
	put_numbers(w, a, &view->order, esim);
	put_usage(rq, w, view, esim, &usage);
	json_end(w);
	return OK;
}

static void put_head(struct request *rq, struct json_writer *w, const struct order_view *view)
{
	const struct order *o = &view->order;
	const struct product *p = view->product;
	struct arena *a = &rq->x->arena;

	json_str(w, "id", pv_order_uuid(rq->keys, a, o->id));
	json_str(w, "reference", order_reference(o));
	json_str(w, "provider_order_no",
		 o->state == ORDER_CREATED ? STR_NONE : arena_printf(a, "B%lld", (long long)o->id));
	json_str(w, "provider_transaction_id", view->unit_count ? view->units[0].operator_reference : STR_NONE);
	json_str(w, "package_code", p->esim->package);
	json_str(w, "package_slug", p->esim->slug);
	json_str(w, "package_name", p->name);
	json_str(w, "location", pv_location(a, p));
	json_strz(w, "currency_code", "USD");
	json_int(w, "quantity", o->quantity);
	json_decimal(w, "amount_usd", o->amount);
	put_naira(w, a, o, view->extras->details);
	json_strz(w, "status", pv_status((enum order_state)o->state));
	json_strz(w, "error_message", error_message(o));
}

static void render_order(struct request *rq, struct json_writer *w, const struct order_view *view,
			 const struct esim_usage *usage, const char *message)
{
	const struct order *o = &view->order;
	bool is_completed = str_is(str_of(pv_status((enum order_state)o->state)), "completed");
	enum err e = view->product && view->product->esim && view->extras ? OK : ERR_STORE_FAILED;

	if (e) {
		request_add_fault(rq, e, STR_NONE);
		return;
	}
	pv_begin(w, message);
	json_obj(w, "data");
	put_head(rq, w, view);
	json_arr(w, "profiles");
	for (size_t i = 0; is_completed && i < view->extras->esim_count && !e; i++)
		e = put_profile(rq, w, view, &view->extras->esims[i], usage ? &usage[i] : NULL);
	if (e) {
		request_add_fault(rq, e, STR_NONE);
		return;
	}
	json_end(w);
	put_time(w, "created_datetime", o->created_at);
	put_time(w, "updated_datetime", o->updated_at);
	put_time(w, "completed_datetime", is_completed ? o->completed_at : 0);
	json_end(w);
	pv_end(w);
	request_shows(rq, view);
}

void pv_create_render(struct request *rq, struct json_writer *w)
{
	const struct order_place *c = rq->task.command;

	if (c->replayed)
		http_reply_header(rq->x, "Idempotent-Replayed", STR("true"));
	render_order(rq, w, &c->view, NULL, "eSIM order created successfully");
}

void pv_order_render(struct request *rq, struct json_writer *w)
{
	const struct esim_get *c = rq->task.command;

	render_order(rq, w, &c->view, c->usage, "eSIM order retrieved successfully");
}
