/* api/dvs/parts.h: objects that occur in several answers, each written once here. `name` as in json/writer.h. */
#pragma once

#include "core/catalog_query.h"
#include "json/writer.h"

/* {"name","iso_code","regions"}; its regions only when asked for, else null. */
enum dvs_country_form { DVS_COUNTRY_PLAIN, DVS_COUNTRY_WITH_REGIONS };
void dvs_put_country(struct json_writer *w, const char *name, const struct country *country, enum dvs_country_form form,
		     int locale);
void dvs_put_operator(struct json_writer *w, const char *name, const struct operator_ *op, int locale);
/* The members of an operator, into an object that is open. */
void dvs_put_operator_members(struct json_writer *w, const struct operator_ *op, int locale);
void dvs_put_regions(struct json_writer *w, const char *name, const struct region *const *regions, size_t count);
/* {"id","name","subservice"} of a product. */
void dvs_put_product_service(struct json_writer *w, const char *name, const struct product *p);
void dvs_put_tags(struct json_writer *w, const char *name, const struct product *p);
void dvs_put_validity(struct json_writer *w, const char *name, const struct validity *validity);
/* NULL: the catalogue says nothing; the keys are there all the same. */
void dvs_put_pin_info(struct json_writer *w, const char *name, const struct pin_info *pin);
/* [["mobile_number"],["account_number","account_qualifier"]], null when nothing is required. */
void dvs_put_requirement(struct json_writer *w, const char *name, const struct requirement *r);
/* What a promotion is called and when it holds, into an object that is open. */
void dvs_put_promotion_members(struct json_writer *w, const struct promotion *promotion, int locale);
/* The promotions of a product that were active at that time; null when there was none. */
void dvs_put_promotions(struct json_writer *w, const char *name, const struct product *p, int64_t at_us, int locale);
/* Absent texts are null, or "" where null is not allowed. */
void dvs_put_text(struct json_writer *w, const char *name, struct str text);
