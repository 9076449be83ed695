#include "api/s2s/words.h"

#include "core/shop.h"

const struct field_name s2s_family_types[] = {
	{ "voucher", FAMILY_VOUCHER },
	{ "recharge_fixed", FAMILY_RECHARGE_FIXED },
	{ "recharge", FAMILY_RECHARGE },
	{ "voucher_open_range", FAMILY_VOUCHER_OPEN_RANGE },
	{ "esim", FAMILY_ESIM },
	{ "other", FAMILY_OTHER },
	{ NULL, 0 },
};

const struct field_name s2s_attribute_types[] = {
	{ "text", ATTRIBUTE_TEXT },	{ "number", ATTRIBUTE_NUMBER }, { "boolean", ATTRIBUTE_BOOLEAN },
	{ "select", ATTRIBUTE_SELECT }, { "date", ATTRIBUTE_DATE },	{ NULL, 0 },
};

const struct field_name s2s_attribute_targets[] = { { "product", TARGET_PRODUCT }, { "sku", TARGET_SKU }, { NULL, 0 } };

const struct field_name s2s_field_types[] = {
	{ "text", SHOP_FIELD_TEXT },	  { "number", SHOP_FIELD_NUMBER },
	{ "phone", SHOP_FIELD_PHONE },	  { "account", SHOP_FIELD_ACCOUNT },
	{ "email", SHOP_FIELD_EMAIL },	  { "select", SHOP_FIELD_SELECT },
	{ "decimal", SHOP_FIELD_AMOUNT }, { NULL, 0 },
};

const char *s2s_word(const struct field_name *words, int value)
{
	for (; words->name; words++)
		if (words->value == value)
			return words->name;
	return NULL;
}
