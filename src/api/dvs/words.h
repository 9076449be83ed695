/* api/dvs/words.h: the DVS API's words for our enums, each table used for reading and for writing. */
#pragma once

#include "core/catalog.h"
#include "json/fields.h"

/* End with a NULL name, as FIELD_ENUM wants them. */
extern const struct field_name dvs_product_types[], dvs_benefit_types[], dvs_unit_types[], dvs_time_units[],
	dvs_calculation_modes[], dvs_zones[], dvs_payment_modes[];
/* Names of party fields by their bit: enum party_field. */
extern const struct field_name dvs_party_fields[];

/* 0 if there is no such word. */
int dvs_word_value(const struct field_name *words, struct str name);
/* NULL if the value has no word. */
const char *dvs_word(const struct field_name *words, int value);
