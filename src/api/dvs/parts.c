#include "api/dvs/parts.h"

#include "api/dvs/words.h"

void dvs_put_text(struct json_writer *w, const char *name, struct str text)
{
	json_str(w, name, text.p ? text : STR(""));
}

static void put_region(struct json_writer *w, const struct region *region)
{
	json_obj(w, NULL);
	json_str(w, "name", region->name);
	json_str(w, "code", region->code);
	json_end(w);
}

void dvs_put_regions(struct json_writer *w, const char *name, const struct region *const *regions, size_t count)
{
	if (count == 0) {
		json_null(w, name);
		return;
	}
	json_arr(w, name);
	for (size_t i = 0; i < count; i++)
		put_region(w, regions[i]);
	json_end(w);
}

void dvs_put_country(struct json_writer *w, const char *name, const struct country *country, enum dvs_country_form form,
		     int locale)
{
	json_obj(w, name);
	json_str(w, "name", country_name(country, locale));
	json_strz(w, "iso_code", country->iso);
	if (form == DVS_COUNTRY_PLAIN || country->region_count == 0) {
		json_null(w, "regions");
	} else {
		json_arr(w, "regions");
		for (size_t i = 0; i < country->region_count; i++)
			put_region(w, &country->regions[i]);
		json_end(w);
	}
	json_end(w);
}

void dvs_put_operator_members(struct json_writer *w, const struct operator_ *op, int locale)
{
	json_int(w, "id", op->id);
	json_str(w, "name", op->name);
	dvs_put_country(w, "country", op->country, DVS_COUNTRY_PLAIN, locale);
	dvs_put_regions(w, "regions", op->regions, op->region_count);
}

void dvs_put_operator(struct json_writer *w, const char *name, const struct operator_ *op, int locale)
{
	json_obj(w, name);
	dvs_put_operator_members(w, op, locale);
	json_end(w);
}

void dvs_put_product_service(struct json_writer *w, const char *name, const struct product *p)
{
	json_obj(w, name);
	json_int(w, "id", p->service->id);
	json_str(w, "name", p->service->name);
	if (p->subservice) {
		json_obj(w, "subservice");
		json_int(w, "id", p->subservice->id);
		json_str(w, "name", p->subservice->name);
		json_end(w);
	} else {
		json_null(w, "subservice");
	}
	json_end(w);
}

static void put_strings(struct json_writer *w, const char *name, const struct str *items, size_t count)
{
	if (count == 0) {
		json_null(w, name);
		return;
	}
	json_arr(w, name);
	for (size_t i = 0; i < count; i++)
		json_str(w, NULL, items[i]);
	json_end(w);
}

void dvs_put_tags(struct json_writer *w, const char *name, const struct product *p)
{
	put_strings(w, name, p->tags, p->tag_count);
}

void dvs_put_validity(struct json_writer *w, const char *name, const struct validity *validity)
{
	if (!validity->unit) {
		json_null(w, name);
		return;
	}
	json_obj(w, name);
	json_strz(w, "unit", dvs_word(dvs_time_units, (int)validity->unit));
	json_int(w, "quantity", validity->quantity);
	json_end(w);
}

void dvs_put_pin_info(struct json_writer *w, const char *name, const struct pin_info *pin)
{
	static const struct pin_info nothing_said = { 0 };

	pin = pin ? pin : &nothing_said;
	json_obj(w, name);
	put_strings(w, "usage_info", pin->usage_info, pin->usage_count);
	dvs_put_validity(w, "validity", &pin->validity);
	json_str(w, "terms", pin->terms);
	json_end(w);
}

void dvs_put_requirement(struct json_writer *w, const char *name, const struct requirement *r)
{
	if (r->count == 0) {
		json_null(w, name);
		return;
	}
	json_arr(w, name);
	for (size_t i = 0; i < r->count; i++) {
		json_arr(w, NULL);
		for (const struct field_name *field = dvs_party_fields; field->name; field++)
			if (r->sets[i] & (unsigned)field->value)
				json_strz(w, NULL, field->name);
		json_end(w);
	}
	json_end(w);
}

void dvs_put_promotion_members(struct json_writer *w, const struct promotion *promotion, int locale)
{
	struct str description;
	struct str title = promotion_title(promotion, locale, &description);

	json_int(w, "id", promotion->id);
	json_str(w, "title", title);
	dvs_put_text(w, "description", description);
	json_str(w, "terms", promotion->terms);
	json_date(w, "start_date", promotion->start_us);
	json_date(w, "end_date", promotion->end_us);
}

void dvs_put_promotions(struct json_writer *w, const char *name, const struct product *p, int64_t at_us, int locale)
{
	size_t active = 0;

	for (size_t i = 0; i < p->promotion_count; i++) {
		if (!promotion_is_active(p->promotions[i], at_us))
			continue;
		if (active++ == 0)
			json_arr(w, name);
		json_obj(w, NULL);
		dvs_put_promotion_members(w, p->promotions[i], locale);
		json_end(w);
	}
	if (active)
		json_end(w);
	else
		json_null(w, name);
}
