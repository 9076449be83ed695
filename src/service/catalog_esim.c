/* service/catalog_esim.c: the plan of an eSIM product: read, written, copied. */
#include "service/catalog_line_private.h"
#include "service/catalog_names.h"

#include <string.h>

enum { DETAILS_MAX = 40, NETWORKS_MAX = 400, REGION_NAMES_MAX = 20, KYC_FIELDS_MAX = 7 };

static const struct field region_name = { .type = FIELD_STR, .flags = FIELD_NONBLANK, .min = 1, .max = 64 };

struct family_fields {
	uint64_t set;
	int64_t id;
	struct str name;
};
static const struct field family_list[] = {
	{ "id", FIELD_INT64, FIELD_REQUIRED, offsetof(struct family_fields, id), 1, INT32_MAX },
	{ "name", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, offsetof(struct family_fields, name), 1, 255 },
};
static const struct fields family_table = FIELDS(family_list, struct family_fields, FIELDS_CLOSED);

struct refund_fields {
	uint64_t set;
	int64_t fee, hours;
};
static const struct field refund_list[] = {
	{ "fee", FIELD_DECIMAL, 0, offsetof(struct refund_fields, fee), 0, MONEY_ITEM_MAX },
	{ "hours", FIELD_INT64, 0, offsetof(struct refund_fields, hours), 1, INT32_MAX },
};
static const struct fields refund_table = FIELDS(refund_list, struct refund_fields, FIELDS_CLOSED);

struct plan_fields {
	uint64_t set;
	int category;
	struct str code, package, slug, logo, raw;
	struct family_fields family;
	struct field_strs regions, kyc;
	int64_t rank, expiry_minutes;
	struct refund_fields refund;
};
#define AT(member) offsetof(struct plan_fields, member)
enum { PLAN_REFUND = 10 };
static const struct field plan_list[] = {
	{ "category", FIELD_ENUM, FIELD_REQUIRED, AT(category), .names = esim_category_names },
	{ "code", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, AT(code), 1, 64 },
	{ "package", FIELD_STR, FIELD_NULLABLE | FIELD_NONBLANK, AT(package), 1, 64 },
	{ "slug", FIELD_STR, FIELD_NULLABLE | FIELD_NONBLANK, AT(slug), 1, 64 },
	{ "family", FIELD_OBJECT, FIELD_REQUIRED, AT(family), .object = &family_table },
	{ "logo", FIELD_STR, FIELD_NULLABLE | FIELD_NONBLANK, AT(logo), 1, 500 },
	{ "regions", FIELD_STRS, FIELD_NULLABLE, AT(regions), 0, REGION_NAMES_MAX, .item = &region_name },
	{ "rank", FIELD_INT64, FIELD_NULLABLE, AT(rank), 0, INT32_MAX },
	{ "expiry_minutes", FIELD_INT64, FIELD_NULLABLE, AT(expiry_minutes), ESIM_EXPIRY_LEAST_MINUTES, 2880 },
	{ "kyc", FIELD_STRS, FIELD_NULLABLE | FIELD_UNIQUE, AT(kyc), 1, KYC_FIELDS_MAX },
	[PLAN_REFUND] = { "refund", FIELD_OBJECT, FIELD_NULLABLE, AT(refund), .object = &refund_table },
	{ "details", FIELD_RAW, FIELD_NULLABLE, AT(raw) },
	{ "networks", FIELD_RAW, FIELD_NULLABLE, AT(raw) },
};
static const struct fields plan_table = FIELDS(plan_list, struct plan_fields, FIELDS_CLOSED);

static void read_details(struct line_reader *r, const struct json_token *object, struct esim_plan *plan)
{
	struct esim_detail *details;

	if (json_is_null(object))
		return;
	if (json_type(object) != JSON_OBJECT || json_count(object) > DETAILS_MAX) {
		line_fault(r, "esim.details", "must be an object of at most 40 texts");
		return;
	}
	details = ARENA_ARRAY(r->a, struct esim_detail, json_count(object) + 1);
	for (const struct json_token *key = json_first(object); key; key = json_next(object, key)) {
		struct str value = json_text(r->a, json_value(key));

		if (!value.p)
			line_fault(r, "esim.details", "must be an object of at most 40 texts");
		details[plan->detail_count++] = (struct esim_detail){ json_text(r->a, key), value };
	}
	plan->details = details;
}

struct network_fields {
	uint64_t set;
	int64_t id;
	struct str brand, tadig, country;
	bool is_4g, is_5g;
};
static const struct field network_list[] = {
	{ "id", FIELD_INT64, FIELD_REQUIRED, offsetof(struct network_fields, id), 1, INT32_MAX },
	{ "brand", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, offsetof(struct network_fields, brand), 1, 64 },
	{ "tadig", FIELD_STR, FIELD_REQUIRED, offsetof(struct network_fields, tadig), 5, 5 },
	{ "country", FIELD_STR, FIELD_REQUIRED, offsetof(struct network_fields, country), 3, 3 },
	{ "4g", FIELD_BOOL, 0, offsetof(struct network_fields, is_4g) },
	{ "5g", FIELD_BOOL, 0, offsetof(struct network_fields, is_5g) },
};
static const struct fields network_table = FIELDS(network_list, struct network_fields, FIELDS_CLOSED);

static void read_networks(struct line_reader *r, const struct json_token *array, struct esim_plan *plan)
{
	struct esim_network *networks;

	if (json_is_null(array))
		return;
	if (json_type(array) != JSON_ARRAY || json_count(array) > NETWORKS_MAX) {
		line_fault(r, "esim.networks", "must be an array of at most 400");
		return;
	}
	networks = ARENA_ARRAY(r->a, struct esim_network, json_count(array) + 1);
	for (const struct json_token *at = json_first(array); at; at = json_next(array, at)) {
		const char *path = arena_printf(r->a, "esim.networks[%zu]", plan->network_count).p;
		struct network_fields f = { 0 };

		if (!line_bind(r, path, at, &network_table, &f))
			continue;
		networks[plan->network_count++] =
			(struct esim_network){ f.id, f.brand, f.tadig, country_find(f.country), f.is_4g, f.is_5g };
		if (!country_find(f.country))
			line_fault(r, path, "country is not a code of ISO 3166-1 (three letters)");
	}
	plan->networks = networks;
}

static unsigned read_kyc(struct line_reader *r, const struct field_strs *words)
{
	unsigned bits = 0;

	for (size_t i = 0; i < words->n; i++) {
		int bit = value_of_name(kyc_field_names, words->items[i]);

		if (!bit)
			line_fault(r, arena_printf(r->a, "esim.kyc[%zu]", i).p, "is not one of the words for it");
		bits |= (unsigned)bit;
	}
	return bits;
}

const struct esim_plan *read_plan(struct line_reader *r, const struct json_token *object)
{
	struct plan_fields f = { .expiry_minutes = ESIM_EXPIRY_LEAST_MINUTES };
	struct esim_plan *plan = ARENA_NEW(r->a, struct esim_plan);

	if (json_is_null(object) || !line_bind(r, "esim", object, &plan_table, &f))
		return NULL;
	*plan = (struct esim_plan){ .category = (enum esim_category)f.category,
				    .code = f.code,
				    .package = f.package,
				    .slug = f.slug,
				    .family_id = f.family.id,
				    .family = f.family.name,
				    .logo = f.logo,
				    .regions = f.regions.items,
				    .region_count = f.regions.n,
				    .rank = f.rank,
				    .expiry_minutes = f.expiry_minutes ? f.expiry_minutes : ESIM_EXPIRY_LEAST_MINUTES,
				    .kyc = read_kyc(r, &f.kyc),
				    .is_refundable = field_is_set(&f, PLAN_REFUND),
				    .refund_fee = f.refund.fee,
				    .refund_hours = f.refund.hours };
	if ((plan->category == ESIM_DELAYED) != (plan->kyc != 0))
		line_fault(r, "esim.kyc", "is required of delayed plans, and belongs to them alone");
	read_details(r, json_get(object, "details"), plan);
	read_networks(r, json_get(object, "networks"), plan);
	return plan;
}

static void write_networks(struct json_writer *w, const struct esim_plan *plan)
{
	if (!plan->network_count)
		return;
	json_arr(w, "networks");
	for (size_t i = 0; i < plan->network_count; i++) {
		const struct esim_network *n = &plan->networks[i];

		json_obj(w, NULL);
		json_int(w, "id", n->id);
		json_str(w, "brand", n->brand);
		json_str(w, "tadig", n->tadig);
		json_strz(w, "country", n->country->iso);
		json_bool(w, "4g", n->is_4g);
		json_bool(w, "5g", n->is_5g);
		json_end(w);
	}
	json_end(w);
}

static void write_lists(struct json_writer *w, const struct esim_plan *plan)
{
	if (plan->region_count) {
		json_arr(w, "regions");
		for (size_t i = 0; i < plan->region_count; i++)
			json_str(w, NULL, plan->regions[i]);
		json_end(w);
	}
	if (plan->rank)
		json_int(w, "rank", plan->rank);
	json_int(w, "expiry_minutes", plan->expiry_minutes);
	if (plan->kyc) {
		json_arr(w, "kyc");
		for (const struct field_name *name = kyc_field_names; name->name; name++)
			if (plan->kyc & (unsigned)name->value)
				json_strz(w, NULL, name->name);
		json_end(w);
	}
}

static void write_optional(struct json_writer *w, const char *name, struct str text)
{
	if (text.p)
		json_str(w, name, text);
}

void write_plan(struct json_writer *w, const struct esim_plan *plan)
{
	if (!plan)
		return;
	json_obj(w, "esim");
	json_str(w, "category", name_of_value(esim_category_names, (int)plan->category));
	json_str(w, "code", plan->code);
	write_optional(w, "package", plan->package);
	write_optional(w, "slug", plan->slug);
	json_obj(w, "family");
	json_int(w, "id", plan->family_id);
	json_str(w, "name", plan->family);
	json_end(w);
	write_optional(w, "logo", plan->logo);
	write_lists(w, plan);
	if (plan->is_refundable) {
		json_obj(w, "refund");
		json_decimal(w, "fee", plan->refund_fee);
		if (plan->refund_hours)
			json_int(w, "hours", plan->refund_hours);
		json_end(w);
	}
	if (plan->detail_count) {
		json_obj(w, "details");
		for (size_t i = 0; i < plan->detail_count; i++) {
			json_key(w, plan->details[i].name);
			json_str(w, NULL, plan->details[i].value);
		}
		json_end(w);
	}
	write_networks(w, plan);
	json_end(w);
}

static void *copy_items(struct arena *a, const void *items, size_t n, size_t size)
{
	return n ? memcpy(arena_array(a, size, n), items, n * size) : NULL;
}

const struct esim_plan *copy_plan(struct arena *a, const struct esim_plan *plan)
{
	struct esim_plan *copy = copy_items(a, plan, plan ? 1 : 0, sizeof(*copy));

	if (!copy)
		return NULL;
	copy->code = arena_str(a, plan->code);
	copy->package = arena_str(a, plan->package);
	copy->slug = arena_str(a, plan->slug);
	copy->family = arena_str(a, plan->family);
	copy->logo = arena_str(a, plan->logo);
	struct str *regions = copy_items(a, plan->regions, plan->region_count, sizeof(*regions));
	for (size_t i = 0; i < plan->region_count; i++)
		regions[i] = arena_str(a, regions[i]);
	struct esim_detail *details = copy_items(a, plan->details, plan->detail_count, sizeof(*details));
	for (size_t i = 0; i < plan->detail_count; i++)
		details[i] = (struct esim_detail){ arena_str(a, details[i].name), arena_str(a, details[i].value) };
	struct esim_network *networks = copy_items(a, plan->networks, plan->network_count, sizeof(*networks));
	for (size_t i = 0; i < plan->network_count; i++) {
		networks[i].brand = arena_str(a, networks[i].brand);
		networks[i].tadig = arena_str(a, networks[i].tadig);
	}
	copy->regions = regions;
	copy->details = details;
	copy->networks = networks;
	return copy;
}
