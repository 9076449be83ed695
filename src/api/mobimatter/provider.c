/* api/mobimatter/provider.c: what the network says of an order's eSIM: usage (no envelope) and info. */
#include "api/mobimatter/order.h"

#include "api/mobimatter/errors.h"
#include "base/clock.h"

enum { MEGABYTE = 1024 * 1024 };

/* Only a delivered eSIM has anything to tell. */
enum err mm_provider_answer(struct request *rq)
{
	const struct esim_get *c = rq->task.command;

	if (!c->view.extras || !c->view.extras->esim_count || !c->root_product || !c->root_product->esim)
		return request_fault(rq, ERR_ILLEGAL_STATE, STR("the order has no eSIM"));
	if (!c->usage)
		return ERR_METHOD_NOT_SUPPORTED;
	return OK;
}

static struct str megabytes(struct arena *a, int64_t bytes)
{
	return bytes < 0 ? STR("Unlimited") : arena_printf(a, "%lld MB", (long long)(bytes / MEGABYTE));
}

static struct str date_of(struct arena *a, int64_t us)
{
	char text[40];
	struct buf b = { .p = text, .cap = sizeof(text), .max = sizeof(text) };

	if (!us)
		return STR_NONE;
	clock_put_rfc3339(&b, us, 0, "Z");
	return arena_str(a, buf_view(&b));
}

static void put_data(struct json_writer *w, struct arena *a, const struct esim_usage *usage, struct str phone,
		     int64_t now_us)
{
	const struct esim_package *last = &usage->packages[usage->package_count - 1]; /* if all are over */
	int64_t left = 0;

	for (size_t i = 0; i < usage->package_count; i++) {
		const struct esim_package *p = &usage->packages[i];

		if (p->expires_us && p->expires_us <= now_us)
			continue;
		left = p->bytes < 0 || left < 0 ? -1 : left + p->bytes - p->used_bytes;
		last = p;
	}
	json_obj(w, "data");
	json_str(w, "activationDate", date_of(a, usage->packages[0].activated_us));
	json_str(w, "expirationDate", date_of(a, last->expires_us));
	json_strz(w, "status", !usage->is_told ? NULL : usage->packages[0].activated_us ? "Active" : "Not active");
	json_str(w, "balance", usage->is_told ? megabytes(a, left) : STR_NONE);
	json_str(w, "phone", phone);
	json_end(w);
}

struct secrets {
	struct str phone, puk, host;
};

static enum err open_secrets(struct request *rq, const struct esim *esim, struct secrets *ret)
{
	struct arena *a = &rq->x->arena;
	struct str plain, msisdn;
	struct json doc;
	enum err e = esim_profile_open(rq->keys, a, esim, &plain);

	if (!e && json_read(a, plain, NULL, &doc))
		e = ERR_SEALED;
	if (e)
		return e;
	msisdn = json_text(a, json_get(json_root(&doc), "msisdn"));
	ret->phone = msisdn.p ? arena_printf(a, "+%.*s", STR_ARG(msisdn)) : STR_NONE;
	ret->puk = json_text(a, json_get(json_root(&doc), "puk"));
	struct str rest = json_text(a, json_get(json_root(&doc), "code"));
	str_cut(&rest, '$');
	ret->host = str_cut(&rest, '$');
	return OK;
}

void mm_usage_render(struct request *rq, struct json_writer *w)
{
	const struct esim_get *c = rq->task.command;
	const struct product *p = c->root_product;
	struct arena *a = &rq->x->arena;
	struct esim_allowance allowance = esim_allowance(p);
	struct secrets secrets;
	enum err e = open_secrets(rq, &c->view.extras->esims[0], &secrets);

	if (e) {
		request_add_fault(rq, e, STR_NONE);
		return;
	}
	json_obj(w, NULL);
	json_str(w, "orderId", order_reference(&c->view.order));
	json_str(w, "merchantId", rq->credential->public_id);
	json_str(w, "planName", p->name);
	json_str(w, "planData", megabytes(a, allowance.bytes));
	json_str(w, "validityDays", arena_printf(a, "%lld", (long long)esim_days(allowance.hours)));
	json_bool(w, "rechargeable", catalog_tops_up(rq->catalog, rq->list, ESIM_BY_CODE, p->esim->family_id));
	json_obj(w, "providerInfo");
	json_str(w, "providerName", p->op->name);
	json_str(w, "providerLogo", p->esim->logo);
	json_strz(w, "message",
		  c->usage[0].is_told ? "" : "The provider tells neither usage nor installation of its eSIMs");
	put_data(w, a, &c->usage[0], secrets.phone, rq->now_us);
	json_end(w);
	json_end(w);
}

static void put_location(struct request *rq, struct json_writer *w, const struct esim_usage *usage)
{
	const bool *skip = rq->result;

	if (!usage->location || *skip) {
		json_null(w, "location");
		return;
	}
	json_obj(w, "location");
	json_str(w, "updated", date_of(&rq->x->arena, usage->seen_us));
	json_strz(w, "country", usage->location->alpha2);
	json_null(w, "network");
	json_end(w);
}

static const char *kyc_word(int kyc)
{
	static const char *const words[] = { [0] = NULL,
					     [KYC_OPEN] = "IN_PROGRESS",
					     [KYC_SUBMITTED] = "IN_PROGRESS",
					     [KYC_APPROVED] = "APPROVED",
					     [KYC_REJECTED] = "REJECTED",
					     [KYC_LAPSED] = "REJECTED" };

	return words[kyc];
}

static void put_esim(struct request *rq, struct json_writer *w, const struct esim_get *c, const struct secrets *secrets)
{
	const struct esim *esim = &c->view.extras->esims[0];
	const struct esim_usage *usage = &c->usage[0];
	static const char *const words[2][2] = { { "Available", "AVAILABLE" }, { "Installed", "INSTALLED" } };
	const char *const *status = words[usage->installed_us != 0];

	json_obj(w, "esim");
	json_strz(w, "status", usage->is_told ? status[0] : NULL);
	json_strz(w, "installationStatus", usage->is_told ? status[1] : NULL);
	json_str(w, "smdpCode", secrets->host);
	json_str(w, "installationDate", date_of(&rq->x->arena, usage->installed_us));
	put_location(rq, w, usage);
	json_strz(w, "kycStatus", kyc_word(c->view.extras->kyc));
	json_str(w, "iccid", esim->iccid);
	json_str(w, "phoneNumber", secrets->phone);
	json_str(w, "puk", secrets->puk);
	json_bool(w, "isSuspended", esim->state == ESIM_WITHDRAWN);
	json_null(w, "wallet");
	json_end(w);
}

static void put_used(struct json_writer *w, const char *name, const struct esim_usage *usage, int64_t used)
{
	if (usage->is_told)
		json_int(w, name, used);
	else
		json_null(w, name);
}

void mm_info_render(struct request *rq, struct json_writer *w)
{
	const struct esim_get *c = rq->task.command;
	const struct esim_usage *usage = &c->usage[0];
	struct secrets secrets;
	enum err e = open_secrets(rq, &c->view.extras->esims[0], &secrets);

	if (e) {
		request_add_fault(rq, e, STR_NONE);
		return;
	}
	mm_begin(rq, w);
	json_obj(w, "result");
	json_null(w, "ussdCode");
	put_esim(rq, w, c, &secrets);
	json_arr(w, "packages");
	for (size_t i = 0; i < usage->package_count; i++) {
		const struct esim_package *p = &usage->packages[i];

		json_obj(w, NULL);
		json_str(w, "name", p->product->name);
		/* Always the product of the eSIM itself (mobimatter.md 6). */
		json_str(w, "associatedProductId", c->root_product->esim->code);
		json_str(w, "activationDate", date_of(&rq->x->arena, p->activated_us));
		json_str(w, "expirationDate", date_of(&rq->x->arena, p->expires_us));
		json_int(w, "totalAllowanceMb", p->bytes > 0 ? p->bytes / MEGABYTE : p->bytes);
		json_int(w, "totalAllowanceMin", p->minutes);
		put_used(w, "usedMb", usage, p->used_bytes / MEGABYTE);
		put_used(w, "usedMin", usage, p->used_minutes);
		json_end(w);
	}
	json_end(w);
	json_end(w);
	mm_end(w);
}
