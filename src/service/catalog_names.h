/* service/catalog_names.h: the words for the catalogue's numbers, as the import format and the DVS API spell them.
 *
 * Each table ends with a NULL name. */
#pragma once

#include "json/fields.h"

extern const struct field_name product_type_names[]; /* FIXED_VALUE_RECHARGE, ... */
extern const struct field_name benefit_type_names[];
extern const struct field_name unit_type_names[];
extern const struct field_name time_unit_names[];
extern const struct field_name calculation_mode_names[];
extern const struct field_name zone_names[];
extern const struct field_name payment_mode_names[];
extern const struct field_name party_field_names[]; /* mobile_number, ... */
extern const struct field_name esim_category_names[];
extern const struct field_name kyc_field_names[];

/* Of core/shop.h, as the import format and the S2S API spell them. */
extern const struct field_name family_type_names[], attribute_type_names[], attribute_target_names[],
	shop_field_type_names[];

/* The word for a value, absent if the table does not have it. */
struct str name_of_value(const struct field_name *names, int value);
/* The value of a word, 0 if the table does not have it. */
int value_of_name(const struct field_name *names, struct str name);
