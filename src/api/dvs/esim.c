#include "api/dvs/esim.h"

#include "api/dvs/words.h"

#define UNIT_MICROS INT64_C(1000000)
#define APPLE_LINK "https://esimsetup.apple.com/esim_qrcode_provisioning?carddata="
#define ANDROID_LINK "https://esimsetup.android.com/esim_qrcode_provisioning?carddata="

/* Largest first; each is a thousand of the next. */
static const char *const sizes[] = { "TB", "GB", "MB", "KB", "B" };

static const struct benefit *data_benefit(const struct product *p)
{
	for (size_t i = 0; i < p->benefit_count; i++)
		if (p->benefits[i].type == BENEFIT_DATA)
			return &p->benefits[i];
	return NULL;
}

static bool is_unlimited(const struct benefit *b)
{
	return b->base_max < 0;
}

/* The size must be a whole number of its unit: 1.5 GB are 1500 MB. Units that are not of the list are left as they are.
 */
static void put_size(struct json_writer *w, const struct benefit *b)
{
	int64_t micros = b->base_max;
	size_t i = 0;

	while (i < ARRAY_LEN(sizes) && !str_is(b->unit, sizes[i]))
		i++;
	while (i + 1 < ARRAY_LEN(sizes) && micros % UNIT_MICROS && micros <= INT64_MAX / 1000) {
		micros *= 1000;
		i++;
	}
	json_obj(w, "size");
	json_int(w, "amount", micros / UNIT_MICROS);
	json_str(w, "unit", i < ARRAY_LEN(sizes) ? str_of(sizes[i]) : b->unit);
	json_end(w);
}

static void put_balance(struct json_writer *w, const struct product *p, const struct benefit *b)
{
	json_obj(w, "balance");
	if (b && !is_unlimited(b))
		put_size(w, b);
	if (p->validity.unit) {
		json_obj(w, "validity");
		json_int(w, "quantity", p->validity.quantity);
		json_strz(w, "unit", dvs_word(dvs_time_units, (int)p->validity.unit));
		json_end(w);
	}
	json_arr(w, "country_set");
	for (size_t i = 0; i < p->coverage_count; i++)
		json_strz(w, NULL, p->coverage[i]->iso);
	if (p->coverage_count == 0)
		json_strz(w, NULL, p->op->country->iso);
	json_end(w);
	json_obj(w, "extended_data_policy");
	json_strz(w, "type", b && is_unlimited(b) ? "UNLIMITED" : "STANDARD");
	if (b && is_unlimited(b))
		json_strz(w, "reset_type", "NONE");
	json_end(w);
	json_end(w);
}

/* A link that opens the phone's own installer; '$' and ':' may stand in a query as they are. */
static void put_link(struct json_writer *w, const char *name, struct str base, struct str code)
{
	struct buf link;

	buf_init(&link, base.n + code.n);
	buf_str(&link, base);
	buf_str(&link, code);
	json_str(w, name, buf_view(&link));
	buf_done(&link);
}

static void put_profile(struct json_writer *w, const struct dvs_delivery *delivery)
{
	json_obj(w, "profile");
	json_str(w, "iccid", delivery->serial);
	json_str(w, "activation_code", delivery->code);
	put_link(w, "apple_universal_link", STR(APPLE_LINK), delivery->code);
	put_link(w, "android_universal_link", STR(ANDROID_LINK), delivery->code);
	put_link(w, "installation_url", STR(APPLE_LINK), delivery->code);
	json_end(w);
}

void dvs_put_esim(struct json_writer *w, const struct order *o, const struct product *p,
		  const struct dvs_delivery *delivery)
{
	bool is_top_up = o->credit_account.n > 0;

	if (p->service->id != SERVICE_ESIM)
		return;
	json_obj(w, "metadata");
	json_strz(w, "type", "ESIM");
	json_strz(w, "activation_type", is_top_up ? "TOP_UP" : "DATA_PLAN");
	put_balance(w, p, data_benefit(p));
	if (!is_top_up && delivery->code.n)
		put_profile(w, delivery);
	json_end(w);
}
