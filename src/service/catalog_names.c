#include "service/catalog_names.h"

#include "core/catalog.h"
#include "core/esim.h"
#include "core/shop.h"

const struct field_name product_type_names[] = {
	{ "FIXED_VALUE_RECHARGE", PRODUCT_FIXED_RECHARGE }, { "RANGED_VALUE_RECHARGE", PRODUCT_RANGED_RECHARGE },
	{ "FIXED_VALUE_PIN_PURCHASE", PRODUCT_FIXED_PIN },  { "RANGED_VALUE_PIN_PURCHASE", PRODUCT_RANGED_PIN },
	{ "RANGED_VALUE_PAYMENT", PRODUCT_RANGED_PAYMENT }, { NULL, 0 },
};

const struct field_name benefit_type_names[] = {
	{ "TALKTIME", BENEFIT_TALKTIME }, { "DATA", BENEFIT_DATA },	  { "SMS", BENEFIT_SMS },
	{ "PAYMENT", BENEFIT_PAYMENT },	  { "CREDITS", BENEFIT_CREDITS }, { NULL, 0 },
};

const struct field_name unit_type_names[] = {
	{ "TIME", UNIT_TIME },	       { "DATA", UNIT_DATA }, { "QUANTITY", UNIT_QUANTITY },
	{ "CURRENCY", UNIT_CURRENCY }, { NULL, 0 },
};

const struct field_name time_unit_names[] = {
	{ "HOUR", TIME_HOUR }, { "DAY", TIME_DAY }, { "WEEK", TIME_WEEK }, { "MONTH", TIME_MONTH }, { NULL, 0 },
};

const struct field_name calculation_mode_names[] = {
	{ "SOURCE_AMOUNT", CALCULATION_SOURCE },
	{ "DESTINATION_AMOUNT", CALCULATION_DESTINATION },
	{ NULL, 0 },
};

const struct field_name zone_names[] = {
	{ "DOMESTIC", ZONE_DOMESTIC },
	{ "INTERNATIONAL", ZONE_INTERNATIONAL },
	{ NULL, 0 },
};

const struct field_name payment_mode_names[] = {
	{ "PARTIAL", PAY_PARTIAL },
	{ "EXACT", PAY_EXACT },
	{ "EXCESS", PAY_EXCESS },
	{ "PAST_DUE", PAY_PAST_DUE },
	{ NULL, 0 },
};

const struct field_name party_field_names[] = {
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
	{ NULL, 0 },
};

const struct field_name esim_category_names[] = {
	{ "realtime", ESIM_REALTIME },
	{ "delayed", ESIM_DELAYED },
	{ "addon", ESIM_ADDON },
	{ "replacement", ESIM_REPLACEMENT },
	{ NULL, 0 },
};

const struct field_name kyc_field_names[] = {
	{ "full_name", KYC_FULL_NAME },
	{ "date_of_birth", KYC_DATE_OF_BIRTH },
	{ "nationality", KYC_NATIONALITY },
	{ "document_type", KYC_DOCUMENT_TYPE },
	{ "document_number", KYC_DOCUMENT_NUMBER },
	{ "address", KYC_ADDRESS },
	{ "email", KYC_EMAIL },
	{ NULL, 0 },
};

struct str name_of_value(const struct field_name *names, int value)
{
	for (; names->name; names++)
		if (names->value == value)
			return str_of(names->name);
	return STR_NONE;
}

int value_of_name(const struct field_name *names, struct str name)
{
	for (; names->name; names++)
		if (str_is(name, names->name))
			return names->value;
	return 0;
}

const struct field_name family_type_names[] = {
	{ "voucher", FAMILY_VOUCHER },
	{ "recharge_fixed", FAMILY_RECHARGE_FIXED },
	{ "recharge", FAMILY_RECHARGE },
	{ "voucher_open_range", FAMILY_VOUCHER_OPEN_RANGE },
	{ "esim", FAMILY_ESIM },
	{ "other", FAMILY_OTHER },
	{ NULL, 0 },
};

const struct field_name attribute_type_names[] = {
	{ "text", ATTRIBUTE_TEXT },	{ "number", ATTRIBUTE_NUMBER }, { "boolean", ATTRIBUTE_BOOLEAN },
	{ "select", ATTRIBUTE_SELECT }, { "date", ATTRIBUTE_DATE },	{ NULL, 0 },
};

const struct field_name attribute_target_names[] = { { "product", TARGET_PRODUCT },
						     { "sku", TARGET_SKU },
						     { NULL, 0 } };

const struct field_name shop_field_type_names[] = {
	{ "text", SHOP_FIELD_TEXT },	  { "number", SHOP_FIELD_NUMBER },
	{ "phone", SHOP_FIELD_PHONE },	  { "account", SHOP_FIELD_ACCOUNT },
	{ "email", SHOP_FIELD_EMAIL },	  { "select", SHOP_FIELD_SELECT },
	{ "decimal", SHOP_FIELD_AMOUNT }, { NULL, 0 },
};
