#include "api/dvs/words.h"

const struct field_name dvs_product_types[] = {
	{ "FIXED_VALUE_RECHARGE", PRODUCT_FIXED_RECHARGE }, { "RANGED_VALUE_RECHARGE", PRODUCT_RANGED_RECHARGE },
	{ "FIXED_VALUE_PIN_PURCHASE", PRODUCT_FIXED_PIN },  { "RANGED_VALUE_PIN_PURCHASE", PRODUCT_RANGED_PIN },
	{ "RANGED_VALUE_PAYMENT", PRODUCT_RANGED_PAYMENT }, { 0 },
};

const struct field_name dvs_benefit_types[] = {
	{ "TALKTIME", BENEFIT_TALKTIME }, { "DATA", BENEFIT_DATA },	  { "SMS", BENEFIT_SMS },
	{ "PAYMENT", BENEFIT_PAYMENT },	  { "CREDITS", BENEFIT_CREDITS }, { 0 },
};

const struct field_name dvs_unit_types[] = {
	{ "TIME", UNIT_TIME },
	{ "DATA", UNIT_DATA },
	{ "QUANTITY", UNIT_QUANTITY },
	{ "CURRENCY", UNIT_CURRENCY },
	{ 0 },
};

const struct field_name dvs_time_units[] = {
	{ "HOUR", TIME_HOUR }, { "DAY", TIME_DAY }, { "WEEK", TIME_WEEK }, { "MONTH", TIME_MONTH }, { 0 },
};

const struct field_name dvs_calculation_modes[] = {
	{ "SOURCE_AMOUNT", CALCULATION_SOURCE },
	{ "DESTINATION_AMOUNT", CALCULATION_DESTINATION },
	{ 0 },
};

const struct field_name dvs_zones[] = {
	{ "DOMESTIC", ZONE_DOMESTIC },
	{ "INTERNATIONAL", ZONE_INTERNATIONAL },
	{ 0 },
};

const struct field_name dvs_payment_modes[] = {
	{ "PARTIAL", PAY_PARTIAL },
	{ "EXACT", PAY_EXACT },
	{ "EXCESS", PAY_EXCESS },
	{ "PAST_DUE", PAY_PAST_DUE },
	{ 0 },
};

const struct field_name dvs_party_fields[] = {
	{ "mobile_number", FIELD_MOBILE_NUMBER },
	{ "account_number", FIELD_ACCOUNT_NUMBER },
	{ "account_qualifier", FIELD_ACCOUNT_QUALIFIER },
	{ "last_name", FIELD_LAST_NAME },
	{ "first_name", FIELD_FIRST_NAME },
	{ "middle_name", FIELD_MIDDLE_NAME },
	{ "nationality_country_iso_code", FIELD_NATIONALITY },
	{ "email", FIELD_EMAIL },
	{ "address_text", FIELD_ADDRESS_TEXT },
	{ "address_city", FIELD_ADDRESS_CITY },
	{ "address_country_iso_code", FIELD_ADDRESS_COUNTRY },
	{ "address_postal_code", FIELD_ADDRESS_POSTAL_CODE },
	{ "reference", FIELD_REFERENCE },
	{ "due_date", FIELD_DUE_DATE },
	{ "purchaser_id", FIELD_PURCHASER_ID },
	{ 0 },
};

int dvs_word_value(const struct field_name *words, struct str name)
{
	for (; words->name; words++)
		if (str_is(name, words->name))
			return words->value;
	return 0;
}

const char *dvs_word(const struct field_name *words, int value)
{
	for (; words->name; words++)
		if (words->value == value)
			return words->name;
	return NULL;
}
