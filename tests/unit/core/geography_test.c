#include "core/geography.h"

#include "support/test.h"

static void knows_countries(void **state)
{
	const struct country *mexico = country_find(STR("MEX"));

	(void)state;
	assert_int_equal(country_count(), 251);
	assert_non_null(mexico);
	check_str(mexico->name, "Mexico");
	assert_string_equal(mexico->alpha2, "MX");
	assert_ptr_equal(country_find_alpha2(STR("MX")), mexico);
	assert_ptr_equal(country_at((size_t)mexico->index), mexico);
	check_str(country_name(mexico, locale_find(STR("fr"))), "Mexique");
	check_str(country_name(mexico, locale_find(STR("ru"))), "Мексика");
	check_str(country_name(mexico, LOCALE_DEFAULT), "Mexico");
	assert_null(country_find(STR("MXN")));
	assert_null(country_find(STR("mex")));
	assert_null(country_find(STR("MEXX")));
	assert_null(country_find(STR_NONE));
	assert_null(country_find_alpha2(STR("XX")));
}

static void finds_every_country_and_region(void **state)
{
	(void)state;
	for (size_t i = 0; i < country_count(); i++) {
		const struct country *country = country_at(i);

		assert_int_equal(country->index, i);
		assert_ptr_equal(country_find(str_of(country->iso)), country);
		if (!country->is_group)
			assert_ptr_equal(country_find_alpha2(str_of(country->alpha2)), country);
		for (size_t k = 0; k < country->region_count; k++) {
			assert_ptr_equal(country->regions[k].country, country);
			assert_ptr_equal(region_find(country->regions[k].code), &country->regions[k]);
		}
		for (int locale = 0; locale < locale_count(); locale++)
			assert_true(str_is_utf8(country_name(country, locale)) && country_name(country, locale).n);
	}
	check_str(region_find(STR("MX-CMX"))->name, "Ciudad de México");
	assert_null(region_find(STR("MX-XXX")));
	assert_null(region_find(STR("MX")));
}

static void groups_cover_countries(void **state)
{
	const struct country *global = country_find(STR("GXX")), *europe = country_find(STR("EXX"));
	const struct country *france = country_find(STR("FRA")), *mexico = country_find(STR("MEX"));

	(void)state;
	assert_true(global->is_group && europe->is_group && !france->is_group);
	assert_true(country_covers(global, mexico) && country_covers(global, france) && country_covers(global, europe));
	assert_true(country_covers(europe, france) && country_covers(europe, europe));
	assert_false(country_covers(europe, mexico) || country_covers(europe, global));
	assert_true(country_covers(france, france));
	assert_false(country_covers(france, mexico) || country_covers(mexico, france));
}

static void knows_languages_and_services(void **state)
{
	(void)state;
	assert_int_equal(locale_find(STR("en")), LOCALE_DEFAULT);
	check_str(locale_code(locale_find(STR("PT-br"))), "pt-BR");
	assert_int_equal(locale_find(STR("sr-Latn")) > 0, true);
	assert_int_equal(locale_find(STR("xx")), -1);
	assert_int_equal(service_count(), 8);
	check_str(service_find(13)->name, "eSIM");
	check_str(subservice_find(service_find(1), 13)->name, "Data");
	check_str(subservice_find(service_find(4), 46)->name, "Travel and Transport");
	assert_null(subservice_find(service_find(13), 13));
	assert_null(service_find(2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_countries),
		cmocka_unit_test(finds_every_country_and_region),
		cmocka_unit_test(groups_cover_countries),
		cmocka_unit_test(knows_languages_and_services),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
