/* core/geography.h: the countries, subdivisions, languages and services that are compiled in.
 *
 * Countries and subdivisions come from Debian's iso-codes when the server is built (tools/gen_geography.py), services
 * are the fixed table of the DVS API (1.5). All of it is immutable, shared by everybody and never freed, so pointers
 * may be compared. Beside ISO 3166 there are two countries of ours: GXX "Global" and EXX "Europe". */
#pragma once

#include "base/str.h"

struct region {
	struct str code, name; /* ISO 3166-2: "MX-CMX", "Ciudad de México" */
	const struct country *country;
};

struct country {
	char iso[4];		      /* ISO 3166-1 alpha-3, or GXX, EXX */
	char alpha2[3];		      /* "" of ours */
	int index;		      /* 0 .. country_count() - 1, in the order of iso */
	bool is_group;		      /* GXX and EXX: products of theirs are used in the countries they cover */
	struct str name;	      /* English */
	const struct region *regions; /* in the order of their codes */
	size_t region_count;
};

struct subservice {
	int id;
	struct str name;
};
struct service {
	int id;
	struct str name;
	const struct subservice *subservices; /* NULL and 0: not divided */
	size_t subservice_count;
};
/* The service that sells profiles (services.c). */
enum { SERVICE_ESIM = 13 };

size_t country_count(void);
const struct country *country_at(size_t index);
/* By alpha-3 code, GXX or EXX, in capitals. NULL if there is none. */
const struct country *country_find(struct str iso);
const struct country *country_find_alpha2(struct str code);
/* In a language; in English where that language has no name for it. */
struct str country_name(const struct country *country, int locale);
/* Whether what is sold for `group` can, unless it says otherwise, be used in `country`. */
bool country_covers(const struct country *group, const struct country *country);
/* By ISO 3166-2 code; NULL if there is none. */
const struct region *region_find(struct str code);

/* Languages are small numbers, 0 = "en". They are the ones that iso-codes has country names in. */
enum { LOCALE_DEFAULT = 0, LOCALE_MAX = 192 };
int locale_count(void);
struct str locale_code(int locale); /* "fr", "pt-BR" */
int locale_find(struct str code);   /* not case-sensitive; -1 if there is none */

size_t service_count(void);
const struct service *service_at(size_t index); /* in the order of ids */
const struct service *service_find(int64_t id);
const struct subservice *subservice_find(const struct service *service, int64_t id);
