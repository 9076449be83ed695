/* core/geography.c: the generated tables as structures, made on first use; about a tenth of a millisecond. */
#include "core/geography.h"

#include "core/geography_private.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static struct country *countries;
static struct region *regions;
static const struct country **by_alpha2; /* ours, which have none, come first */
static size_t alpha2_count;
static pthread_once_t made = PTHREAD_ONCE_INIT;

static struct str text_at(uint32_t offset)
{
	return str_of(geography_text + offset);
}

static int compare_alpha2(const void *a, const void *b)
{
	const struct country *const *x = a, *const *y = b;

	return strcmp((*x)->alpha2, (*y)->alpha2);
}

static void make_country(int index)
{
	const struct geography_country *from = &geography_countries[index];
	struct country *country = &countries[index];

	memcpy(country->iso, from->iso, sizeof(country->iso));
	memcpy(country->alpha2, from->alpha2, sizeof(country->alpha2));
	country->index = index;
	country->is_group = !from->alpha2[0];
	country->name = text_at(geography_names[index]);
	country->regions = regions + from->first_region;
	country->region_count = from->region_count;
	for (size_t i = 0; i < country->region_count; i++) {
		const struct geography_region *region = &geography_regions[from->first_region + i];

		regions[from->first_region + i] =
			(struct region){ text_at(region->code), text_at(region->name), country };
	}
}

/* Lives as long as the process: pointers into it are compared and never freed. */
static void make(void)
{
	size_t n = (size_t)geography_counts.countries;

	countries = calloc(n, sizeof(*countries));
	regions = calloc((size_t)geography_counts.regions, sizeof(*regions));
	by_alpha2 = calloc(n, sizeof(*by_alpha2));
	must(countries && regions && by_alpha2 && geography_counts.locales <= LOCALE_MAX);
	for (size_t i = 0; i < n; i++) {
		make_country((int)i);
		if (!countries[i].is_group)
			by_alpha2[alpha2_count++] = &countries[i];
	}
	qsort(by_alpha2, alpha2_count, sizeof(*by_alpha2), compare_alpha2);
}

size_t country_count(void)
{
	return (size_t)geography_counts.countries;
}

const struct country *country_at(size_t index)
{
	pthread_once(&made, make);
	must(index < country_count());
	return &countries[index];
}

static int compare_iso(const void *key, const void *item)
{
	return memcmp(key, ((const struct geography_country *)item)->iso, 3);
}

const struct country *country_find(struct str iso)
{
	const struct geography_country *found;

	if (iso.n != 3)
		return NULL;
	found = bsearch(iso.p, geography_countries, country_count(), sizeof(*found), compare_iso);
	return found ? country_at((size_t)(found - geography_countries)) : NULL;
}

static int compare_with_alpha2(const void *key, const void *item)
{
	return memcmp(key, (*(const struct country *const *)item)->alpha2, 2);
}

const struct country *country_find_alpha2(struct str code)
{
	const struct country **found;

	if (code.n != 2)
		return NULL;
	pthread_once(&made, make);
	found = bsearch(code.p, by_alpha2, alpha2_count, sizeof(const struct country *), compare_with_alpha2);
	return found ? *found : NULL;
}

struct str country_name(const struct country *country, int locale)
{
	uint32_t offset = 0;

	if (locale > 0 && locale < geography_counts.locales)
		offset = geography_names[locale * geography_counts.countries + country->index];
	return offset ? text_at(offset) : country->name;
}

bool country_covers(const struct country *group, const struct country *country)
{
	if (group == country || !strcmp(group->iso, "GXX"))
		return true;
	return group->is_group && geography_countries[country->index].in_europe;
}

const struct region *region_find(struct str code)
{
	const struct country *country;
	size_t low = 0, high;

	/* Every code of ISO 3166-2 begins with the country's two letters. */
	if (code.n < 4 || !(country = country_find_alpha2((struct str){ code.p, 2 })))
		return NULL;
	high = country->region_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_cmp(country->regions[middle].code, code);

		if (!order)
			return &country->regions[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

int locale_count(void)
{
	return geography_counts.locales;
}

struct str locale_code(int locale)
{
	must(locale >= 0 && locale < geography_counts.locales);
	return text_at(geography_locales[locale]);
}

int locale_find(struct str code)
{
	for (int i = 0; i < geography_counts.locales; i++)
		if (str_eq_nocase(locale_code(i), code))
			return i;
	return -1;
}
