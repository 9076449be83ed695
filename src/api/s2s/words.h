/* api/s2s/words.h: the words of the S2S API for the catalogue's numbers. Each table ends with a NULL name. */
#pragma once

#include "json/fields.h"

extern const struct field_name s2s_family_types[], s2s_attribute_types[], s2s_attribute_targets[], s2s_field_types[];

/* NULL if the table does not have it. */
const char *s2s_word(const struct field_name *words, int value);
