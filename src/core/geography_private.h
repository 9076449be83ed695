/* core/geography_private.h: the tables that tools/gen_geography.py writes, for core/geography.c alone.
 *
 * Text is an offset into geography_text, where 0 is "nothing". */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct geography_country {
	char iso[4], alpha2[3];
	uint16_t first_region, region_count;
	bool in_europe; /* covered by EXX */
};

struct geography_region {
	uint32_t code, name;
};

struct geography_counts {
	int countries, regions, locales;
};

extern const struct geography_counts geography_counts;
extern const struct geography_country geography_countries[]; /* by iso */
extern const struct geography_region geography_regions[];    /* by country, then by code */
extern const uint32_t geography_locales[];		     /* English first, then by code */
extern const uint32_t geography_names[];		     /* one a country for each locale; 0 = as in English */
extern const char geography_text[];
