#include "api/s2s/esim.h"

#include "api/s2s/create.h"
#include "api/s2s/order.h"
#include "api/s2s/query.h"
#include "api/s2s/sign.h"
#include "base/uuid.h"
#include "core/shop.h"
#include "service/esim.h"

/* A gigabyte is 2^30 bytes, as the products count it; shown to the third decimal place. */
#define GIGABYTE (INT64_C(1) << 30)
enum { GIGABYTE_STEP = 1000 };

enum err s2s_esim_parse(struct request *rq)
{
	struct esim_get *c = ARENA_NEW(&rq->x->arena, struct esim_get);

	rq->task.command = c;
	c->lookup = rq->lookup;
	c->optional = true;
	c->name = (struct order_name){ .dialect = DIALECT_S2S, .iccid = rq->captures[0] };
	return esim_is_iccid(c->name.iccid) ? OK : ERR_ESIM_NOT_FOUND;
}

/* ---- how it stands ---- */

/* null = without end. */
static void put_gigabytes(struct json_writer *w, const char *name, int64_t bytes)
{
	__int128 micros = ((__int128)bytes * 1000000 + GIGABYTE / 2) / GIGABYTE;

	if (bytes < 0)
		json_null(w, name);
	else
		json_decimal(w, name, (int64_t)((micros + GIGABYTE_STEP / 2) / GIGABYTE_STEP * GIGABYTE_STEP));
}

static int64_t bytes_left(const struct esim_package *p)
{
	return p->bytes < 0 ? -1 : p->bytes - p->used_bytes;
}

static bool is_over(const struct esim_package *p, int64_t now_us)
{
	return p->expires_us && p->expires_us <= now_us;
}

static void put_moment(struct json_writer *w, const char *name, int64_t us)
{
	if (us)
		json_time(w, name, us, 0, "Z");
	else
		json_null(w, name);
}

static void put_balance(struct json_writer *w, const struct esim_usage *usage, int64_t now_us)
{
	int64_t total = 0, left = 0;

	for (size_t i = 0; i < usage->package_count; i++) {
		const struct esim_package *p = &usage->packages[i];

		if (is_over(p, now_us))
			continue;
		total = total < 0 || p->bytes < 0 ? -1 : total + p->bytes;
		left = left < 0 || p->bytes < 0 ? -1 : left + bytes_left(p);
	}
	json_obj(w, "data_balance");
	put_gigabytes(w, "total_gb", total);
	put_gigabytes(w, "remaining_gb", left);
	json_strz(w, "unit", "GB");
	json_end(w);
}

static void put_packages(struct request *rq, struct json_writer *w, const struct esim_usage *usage)
{
	json_arr(w, "active_packages");
	for (size_t i = 0; i < usage->package_count; i++) {
		const struct esim_package *p = &usage->packages[i];
		const char *status = !p->activated_us		      ? "queued"
				     : p->bytes > 0 && !bytes_left(p) ? "depleted"
								      : "active";

		if (is_over(p, rq->now_us))
			continue;
		json_obj(w, NULL);
		json_str(w, "id", arena_printf(&rq->x->arena, "pkg_%lld", (long long)p->order_id));
		json_str(w, "name", p->product->name);
		put_gigabytes(w, "data_total", p->bytes);
		put_gigabytes(w, "data_remaining", bytes_left(p));
		json_strz(w, "data_unit", "GB");
		put_moment(w, "activated_at", p->activated_us);
		put_moment(w, "expires_at", p->expires_us);
		json_strz(w, "status", status);
		json_end(w);
	}
	json_end(w);
}

static void put_country(struct json_writer *w, const struct product *p, const struct country *country)
{
	struct str network = p->op->name;

	for (size_t i = 0; p->esim && i < p->esim->network_count; i++)
		if (p->esim->networks[i].country == country)
			network = p->esim->networks[i].brand;
	json_obj(w, NULL);
	json_str(w, "country_name", country_name(country, LOCALE_DEFAULT));
	json_strz(w, "country_code", country->alpha2);
	json_str(w, "network_name", network);
	json_end(w);
}

static void put_coverage(struct json_writer *w, const struct product *p)
{
	const struct country *home = p->op->country;

	json_arr(w, "coverage");
	for (size_t i = 0; i < p->coverage_count; i++)
		put_country(w, p, p->coverage[i]);
	for (size_t i = 0; !p->coverage_count && i < country_count(); i++)
		if (country_at(i) == home ? !home->is_group : country_covers(home, country_at(i)))
			put_country(w, p, country_at(i));
	json_end(w);
}

static const char *status_of(const struct esim *esim, const struct esim_usage *usage)
{
	static const char *const words[] = {
		[SMDP_RELEASED] = "Released", [SMDP_INSTALLED] = "Installed", [SMDP_ENABLED] = "Enabled"
	};

	return esim->state == ESIM_WITHDRAWN ? "Deleted" : words[usage->smdp];
}

static enum err profile_code(struct request *rq, const struct esim *esim, struct str *ret)
{
	struct str plain;
	struct json doc;
	enum err e = esim_profile_open(rq->keys, &rq->x->arena, esim, &plain);

	if (!e && json_read(&rq->x->arena, plain, NULL, &doc))
		e = ERR_SEALED;
	if (!e)
		*ret = json_text(&rq->x->arena, json_get(json_root(&doc), "code"));
	return e;
}

/* Silence of the network is not an eSIM without data. */
enum err s2s_esim_answer(struct request *rq)
{
	const struct esim_get *c = rq->task.command;

	if (!c->is_found || c->named >= c->view.extras->esim_count)
		return ERR_ESIM_NOT_FOUND;
	return c->usage ? OK : ERR_TIMEOUT;
}

void s2s_esim_render(struct request *rq, struct json_writer *w)
{
	const struct esim_get *c = rq->task.command;
	const struct order_extras *x = c->view.extras;
	struct str code = STR_NONE;

	const struct esim *esim = &x->esims[c->named];
	const struct esim_usage *usage = &c->usage[c->named];
	enum err e = profile_code(rq, esim, &code);
	if (e) {
		request_add_fault(rq, e, STR_NONE);
		return;
	}
	json_obj(w, NULL);
	json_bool(w, "success", true);
	json_obj(w, "data");
	json_str(w, "esim_id", s2s_esim_uuid(rq->keys, &rq->x->arena, esim->order_id, esim->unit));
	json_str(w, "iccid", esim->iccid);
	json_strz(w, "status", status_of(esim, usage));
	json_str(w, "qr_code", code);
	json_bool(w, "can_renew", c->can_renew);
	json_str(w, "last_bundle", usage->packages[usage->package_count - 1].product->name);
	put_balance(w, usage, rq->now_us);
	put_packages(rq, w, usage);
	put_coverage(w, c->root_product);
	json_end(w);
	json_end(w);
}

/* ---- another package ---- */

/* As the order shows what it was made with. */
static struct str fields_of(struct arena *a, struct str iccid)
{
	struct json_writer w;
	struct buf b;

	buf_init(&b, LIMIT_BODY_BYTES);
	json_writer_init(&w, &b);
	json_obj(&w, NULL);
	json_str(&w, "iccid", iccid);
	json_int(&w, "quantity", 1);
	json_end(&w);
	struct str fields = arena_str(a, buf_view(&b));
	buf_done(&b);
	return fields;
}

/* What is wrong is told only if the external_id is a new one. */
static void take_sku(struct request *rq, struct order_place *c, const struct json_token *sku)
{
	struct str uuid = json_text(&rq->x->arena, sku);

	if (json_is_null(sku))
		return;
	if (!is_uuid(uuid)) {
		c->invalid = ERR_BAD_REQUEST;
		c->invalid_detail = STR("sku_uuid: must be a UUID, or null");
		return;
	}
	const struct product *p = catalog_sku_by_uuid(rq->catalog, rq->list, uuid);
	if (p)
		c->product_id = p->id;
	else
		c->invalid = ERR_PRODUCT_NOT_FOUND;
}

enum err s2s_top_up_parse(struct request *rq)
{
	struct order_place *c = ARENA_NEW(&rq->x->arena, struct order_place);
	struct arena *a = &rq->x->arena;
	struct str iccid = rq->captures[0];
	struct json doc;

	rq->task.command = c;
	enum err e = s2s_signed_body(rq, &doc);
	if (e)
		return e;
	const struct json_token *root = json_root(&doc), *sku = json_get(root, "sku_uuid");
	const struct json_token *metadata = json_get(root, "metadata");
	struct str external_id = json_text(a, json_get(root, "external_id"));
	e = s2s_check_signed(rq, iccid, external_id);
	if (e)
		return e;
	*c = s2s_order(rq, external_id);
	c->quantity = 1;
	c->iccid = iccid;
	c->details = s2s_order_details(a, metadata, fields_of(a, iccid));
	c->fingerprint = s2s_fingerprint(arena_printf(a, "top-up %.*s\nsku=%.*s\n%.*s", STR_ARG(iccid),
						      STR_ARG(json_text(a, sku)), STR_ARG(json_raw(metadata))));
	take_sku(rq, c, sku);
	if (s2s_metadata_fault(metadata)) {
		c->invalid = ERR_BAD_REQUEST;
		c->invalid_detail = arena_printf(a, "metadata: %s", s2s_metadata_fault(metadata));
	}
	if (!esim_is_iccid(iccid))
		c->invalid = ERR_ESIM_NOT_FOUND;
	return OK;
}

void s2s_top_up_render(struct request *rq, struct json_writer *w)
{
	s2s_put_placed(rq, w, "Top-up order created successfully");
}
