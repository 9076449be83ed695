/* service/catalog_product.c: reading a product's line, part by part. */
#include "service/catalog_line_private.h"
#include "service/catalog_names.h"

enum { TAGS_MAX = 20, REGIONS_MAX = 400, COVERAGE_MAX = 300, ROUTES_MAX = 8, TEXTS_MAX = 20, SETS_MAX = 15 };

static enum err check_tag(struct str text, const char **ret_message)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '_') {
			*ret_message = "must be capital letters, digits and _";
			return ERR_BAD_REQUEST;
		}
	}
	return OK;
}

/* Names of price lists, suppliers: they appear in the configuration. */
static bool is_slug(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '-')
			return false;
	}
	return text.n >= 1 && text.n <= 32;
}

static enum err check_slug(struct str text, const char **ret_message)
{
	if (is_slug(text))
		return OK;
	*ret_message = "must have 1 to 32 small letters, digits, - and _";
	return ERR_BAD_REQUEST;
}

struct validity_fields {
	uint64_t set;
	int unit;
	int64_t quantity;
};
static const struct field validity_list[] = {
	{ "unit", FIELD_ENUM, FIELD_REQUIRED, offsetof(struct validity_fields, unit), .names = time_unit_names },
	{ "quantity", FIELD_INT64, FIELD_REQUIRED, offsetof(struct validity_fields, quantity), -1, INT32_MAX },
};
static const struct fields validity_table = FIELDS(validity_list, struct validity_fields, FIELDS_CLOSED);

static struct validity read_validity(struct line_reader *r, const char *path, const struct validity_fields *fields)
{
	if (fields->set && !fields->quantity)
		line_fault(r, path, "quantity must not be 0; -1 is without end");
	return (struct validity){ (enum time_unit)fields->unit, fields->quantity };
}

/* Amounts: a number where the product is fixed, {"min", "max"} where it is ranged. */
struct range_fields {
	uint64_t set;
	int64_t min, max, increment;
};
static const struct field range_list[] = {
	{ "min", FIELD_DECIMAL, FIELD_REQUIRED, offsetof(struct range_fields, min), -1000000, MONEY_ITEM_MAX },
	{ "max", FIELD_DECIMAL, FIELD_REQUIRED, offsetof(struct range_fields, max), -1000000, MONEY_ITEM_MAX },
	{ "increment", FIELD_DECIMAL, 0, offsetof(struct range_fields, increment), 1, MONEY_ITEM_MAX },
};
static const struct fields range_table = { range_list, 2, sizeof(struct range_fields), FIELDS_CLOSED };
static const struct fields stepped_table = FIELDS(range_list, struct range_fields, FIELDS_CLOSED);

static bool read_amount(struct line_reader *r, const char *path, const struct json_token *value,
			const struct fields *range, struct range_fields *ret)
{
	if (range) {
		if (!line_bind(r, path, value, range, ret))
			return false;
	} else {
		if (json_micros(value, &ret->min) != OK || ret->min < -1000000 || ret->min > MONEY_ITEM_MAX) {
			line_fault(r, path, "must be a number of at most 6 decimal places, up to 1000000000");
			return false;
		}
		ret->max = ret->min;
	}
	return true;
}

/* The form of amounts that the product's type asks for. */
static const struct fields *range_of(const struct product *p, bool stepped)
{
	if (!product_is_ranged(p))
		return NULL;
	return stepped ? &stepped_table : &range_table;
}

struct side_fields {
	uint64_t set;
	struct str unit, amount;
	int64_t fee;
};
static const struct field side_list[] = {
	{ "unit", FIELD_STR, FIELD_REQUIRED, offsetof(struct side_fields, unit), 3, 3 },
	{ "amount", FIELD_RAW, FIELD_REQUIRED, offsetof(struct side_fields, amount) },
	{ "fee", FIELD_DECIMAL, 0, offsetof(struct side_fields, fee), 0, MONEY_ITEM_MAX },
};
static const struct fields side_table = { side_list, 2, sizeof(struct side_fields), FIELDS_CLOSED };
static const struct fields price_table = FIELDS(side_list, struct side_fields, FIELDS_CLOSED);

/* `fee` is NULL where there is none to read. */
static void read_span(struct line_reader *r, const char *path, const struct json_token *value,
		      const struct fields *range, struct span *ret, int64_t *fee)
{
	struct side_fields side = { 0 };
	struct range_fields amount = { 0 };

	if (!line_bind(r, path, value, fee ? &price_table : &side_table, &side))
		return;
	if (currency_parse(side.unit, &ret->cur) != OK)
		line_fault(r, arena_printf(r->a, "%s.unit", path).p, "is not a currency of ISO 4217");
	if (!read_amount(r, arena_printf(r->a, "%s.amount", path).p, json_get(value, "amount"), range, &amount))
		return;
	ret->min = amount.min;
	ret->max = amount.max;
	ret->increment = amount.increment;
	if (fee)
		*fee = side.fee;
}

struct price_fields {
	uint64_t set;
	struct str wholesale, retail;
};
static const struct field price_list[] = {
	{ "wholesale", FIELD_RAW, FIELD_REQUIRED, offsetof(struct price_fields, wholesale) },
	{ "retail", FIELD_RAW, FIELD_NULLABLE, offsetof(struct price_fields, retail) },
};
static const struct fields prices_table = FIELDS(price_list, struct price_fields, FIELDS_CLOSED);

static void read_wholesale(struct line_reader *r, const char *path, const struct json_token *value,
			   const struct product *p, struct price *price)
{
	if (json_get(value, "rate"))
		read_markup(r, path, value, p, price);
	else
		read_span(r, path, value, range_of(p, false), &price->wholesale, &price->wholesale_fee);
}

static void read_prices(struct line_reader *r, const struct json_token *object, struct catalog_line *line)
{
	struct product *p = &line->product;
	struct price *prices;
	struct str *lists;

	if (json_type(object) != JSON_OBJECT || json_count(object) > PRICE_LISTS_MAX) {
		line_fault(r, "prices", "must be an object with a key for each price list, at most 64");
		return;
	}
	prices = ARENA_ARRAY(r->a, struct price, json_count(object) + 1);
	lists = ARENA_ARRAY(r->a, struct str, json_count(object) + 1);
	for (const struct json_token *key = json_first(object); key; key = json_next(object, key)) {
		struct str name = json_text(r->a, key);
		const char *path = arena_printf(r->a, "prices.%.*s", name.n > 64 ? 64 : (int)name.n, name.p).p;
		const struct json_token *value = json_value(key), *retail = json_get(value, "retail");
		struct price *price = &prices[p->price_count];
		struct price_fields fields = { 0 };

		price->list = (int)p->price_count;
		lists[p->price_count++] = name;
		if (!is_slug(name))
			line_fault(r, path, "a price list is 1 to 32 small letters, digits, - and _");
		if (!line_bind(r, path, value, &prices_table, &fields))
			continue;
		read_wholesale(r, arena_printf(r->a, "%s.wholesale", path).p, json_get(value, "wholesale"), p, price);
		if (!json_is_null(retail))
			read_span(r, arena_printf(r->a, "%s.retail", path).p, retail, range_of(p, false),
				  &price->retail, &price->retail_fee);
	}
	p->prices = prices;
	line->lists = lists;
}

struct benefit_fields {
	uint64_t set;
	int type, unit_type;
	struct str unit, base, bonus, excluding, including, information;
};
static const struct field benefit_list[] = {
	{ "type", FIELD_ENUM, FIELD_REQUIRED, offsetof(struct benefit_fields, type), .names = benefit_type_names },
	{ "unit_type", FIELD_ENUM, FIELD_REQUIRED, offsetof(struct benefit_fields, unit_type),
	  .names = unit_type_names },
	{ "unit", FIELD_STR, FIELD_REQUIRED, offsetof(struct benefit_fields, unit), 1, 16, .check = check_tag },
	{ "base", FIELD_RAW, FIELD_REQUIRED, offsetof(struct benefit_fields, base) },
	{ "promotion_bonus", FIELD_RAW, FIELD_REQUIRED, offsetof(struct benefit_fields, bonus) },
	{ "total_excluding_tax", FIELD_RAW, FIELD_REQUIRED, offsetof(struct benefit_fields, excluding) },
	{ "total_including_tax", FIELD_RAW, FIELD_REQUIRED, offsetof(struct benefit_fields, including) },
	{ "additional_information", FIELD_STR, FIELD_NULLABLE, offsetof(struct benefit_fields, information), 0, 1000 },
};
static const struct fields benefit_table = FIELDS(benefit_list, struct benefit_fields, FIELDS_CLOSED);

static void read_benefit(struct line_reader *r, const char *path, const struct json_token *value,
			 const struct fields *range, struct benefit *ret)
{
	const struct {
		const char *name;
		int64_t *min, *max;
	} amounts[] = {
		{ "base", &ret->base_min, &ret->base_max },
		{ "promotion_bonus", &ret->bonus_min, &ret->bonus_max },
		{ "total_excluding_tax", &ret->excluding_tax_min, &ret->excluding_tax_max },
		{ "total_including_tax", &ret->including_tax_min, &ret->including_tax_max },
	};
	struct benefit_fields fields = { 0 };
	struct currency unused;

	if (!line_bind(r, path, value, &benefit_table, &fields))
		return;
	ret->type = (enum benefit_type)fields.type;
	ret->unit_type = (enum unit_type)fields.unit_type;
	ret->unit = fields.unit;
	ret->additional_information = fields.information;
	if (ret->unit_type == UNIT_CURRENCY && currency_parse(ret->unit, &unused) != OK)
		line_fault(r, arena_printf(r->a, "%s.unit", path).p, "is not a currency of ISO 4217");
	for (size_t i = 0; i < ARRAY_LEN(amounts); i++) {
		const char *inner = arena_printf(r->a, "%s.%s", path, amounts[i].name).p;
		struct range_fields amount = { 0 };

		if (!read_amount(r, inner, json_get(value, amounts[i].name), range, &amount))
			continue;
		*amounts[i].min = amount.min;
		*amounts[i].max = amount.max;
		if (amount.min > amount.max)
			line_fault(r, inner, "min must not be above max");
		if ((amount.min < 0 || amount.max < 0) && (amount.min != -1000000 || amount.max != -1000000))
			line_fault(r, inner, "must not be negative, but for -1: unlimited");
	}
}

const struct json_token *read_objects(struct line_reader *r, const char *path, const struct json_token *array,
				      size_t most)
{
	if (json_is_null(array))
		return NULL;
	if (json_type(array) == JSON_ARRAY && json_count(array) <= most)
		return array;
	line_fault(r, path, arena_printf(r->a, "must be an array of at most %zu", most).p);
	return NULL;
}

static void read_benefits(struct line_reader *r, const struct json_token *array, struct product *p)
{
	const struct json_token *list = read_objects(r, "benefits", array, CATALOG_BENEFITS_MAX);
	struct benefit *benefits = ARENA_ARRAY(r->a, struct benefit, json_count(list) + 1);

	for (const struct json_token *at = json_first(list); at; at = json_next(list, at)) {
		const char *path = arena_printf(r->a, "benefits[%zu]", p->benefit_count).p;

		read_benefit(r, path, at, range_of(p, false), &benefits[p->benefit_count++]);
	}
	p->benefits = benefits;
}

struct route_fields {
	uint64_t set;
	struct str supplier, sku, cost;
	int64_t priority;
};
static const struct field route_list[] = {
	{ "supplier", FIELD_STR, FIELD_REQUIRED, offsetof(struct route_fields, supplier), 1, 32, .check = check_slug },
	{ "sku", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, offsetof(struct route_fields, sku), 1, 128 },
	{ "priority", FIELD_INT64, FIELD_REQUIRED, offsetof(struct route_fields, priority), 0, 1000 },
	{ "cost", FIELD_RAW, FIELD_NULLABLE, offsetof(struct route_fields, cost) },
};
static const struct fields route_table = FIELDS(route_list, struct route_fields, FIELDS_CLOSED);

static void read_routes(struct line_reader *r, const struct json_token *array, struct product *p)
{
	const struct json_token *list = read_objects(r, "routes", array, ROUTES_MAX);
	struct route *routes = ARENA_ARRAY(r->a, struct route, json_count(list) + 1);

	for (const struct json_token *at = json_first(list); at; at = json_next(list, at)) {
		const char *path = arena_printf(r->a, "routes[%zu]", p->route_count).p;
		struct route *route = &routes[p->route_count++];
		struct route_fields fields = { 0 };
		struct span cost = { 0 };

		if (!line_bind(r, path, at, &route_table, &fields))
			continue;
		if (fields.cost.p) {
			path = arena_printf(r->a, "%s.cost", path).p;
			read_span(r, path, json_get(at, "cost"), NULL, &cost, NULL);
			if (cost.min < 0)
				line_fault(r, path, "must not be negative");
		}
		*route = (struct route){ fields.supplier, fields.sku, (int)fields.priority, { cost.max, cost.cur } };
	}
	p->routes = routes;
}

/* Outer OR, inner AND; `allowed` are the fields that this party object has. */
static void read_requirement(struct line_reader *r, const char *path, const struct json_token *array, unsigned allowed,
			     struct requirement *ret)
{
	const struct json_token *list = read_objects(r, path, array, CATALOG_REQUIRED_MAX);

	for (const struct json_token *at = json_first(list); at; at = json_next(list, at)) {
		unsigned set = 0;

		if (json_type(at) != JSON_ARRAY || !json_count(at) || json_count(at) > SETS_MAX) {
			line_fault(r, path, "must be an array of non-empty arrays of field names");
			return;
		}
		for (const struct json_token *name = json_first(at); name; name = json_next(at, name)) {
			int field = value_of_name(party_field_names, json_text(r->a, name));

			if (!((unsigned)field & allowed))
				line_fault(r, path, "names a field that there is not in this place");
			set |= (unsigned)field;
		}
		ret->sets[ret->count++] = set;
	}
}

struct required_fields {
	uint64_t set;
	struct str lists[6];
};
static const struct field required_list[] = {
	{ "debit_party", FIELD_RAW, FIELD_NULLABLE, offsetof(struct required_fields, lists[0]) },
	{ "credit_party", FIELD_RAW, FIELD_NULLABLE, offsetof(struct required_fields, lists[1]) },
	{ "sender", FIELD_RAW, FIELD_NULLABLE, offsetof(struct required_fields, lists[2]) },
	{ "beneficiary", FIELD_RAW, FIELD_NULLABLE, offsetof(struct required_fields, lists[3]) },
	{ "statement", FIELD_RAW, FIELD_NULLABLE, offsetof(struct required_fields, lists[4]) },
	{ "additional", FIELD_RAW, FIELD_NULLABLE, offsetof(struct required_fields, lists[5]) },
};
static const struct fields required_table = FIELDS(required_list, struct required_fields, FIELDS_CLOSED);

static const unsigned identifier = FIELD_MOBILE_NUMBER | FIELD_ACCOUNT_NUMBER | FIELD_ACCOUNT_QUALIFIER;
static const unsigned person = FIELD_LAST_NAME | FIELD_FIRST_NAME | FIELD_MIDDLE_NAME | FIELD_NATIONALITY |
			       FIELD_MOBILE_NUMBER | FIELD_EMAIL | FIELD_ADDRESS_TEXT | FIELD_ADDRESS_CITY |
			       FIELD_ADDRESS_COUNTRY | FIELD_ADDRESS_POSTAL_CODE;

static void read_required(struct line_reader *r, const struct json_token *object, struct product *p)
{
	const struct {
		unsigned allowed;
		struct requirement *requirement;
	} parties[] = {
		{ identifier, &p->debit_party },
		{ identifier, &p->credit_party },
		{ person, &p->sender },
		{ person, &p->beneficiary },
		{ FIELD_REFERENCE | FIELD_DUE_DATE, &p->statement },
		{ FIELD_PURCHASER_ID, &p->additional },
	};
	struct required_fields fields = { 0 };

	if (json_is_null(object) || !line_bind(r, "required", object, &required_table, &fields))
		return;
	for (size_t i = 0; i < ARRAY_LEN(parties); i++)
		read_requirement(r, arena_printf(r->a, "required.%s", required_list[i].name).p,
				 json_get(object, required_list[i].name), parties[i].allowed, parties[i].requirement);
}

static const struct field any_text = { .type = FIELD_STR, .flags = FIELD_NONBLANK, .min = 1, .max = 1000 };

struct pin_fields {
	uint64_t set;
	struct field_strs usage_info;
	struct validity_fields validity;
	struct str terms;
};
static const struct field pin_list[] = {
	{ "usage_info", FIELD_STRS, FIELD_NULLABLE, offsetof(struct pin_fields, usage_info), 0, TEXTS_MAX,
	  .item = &any_text },
	{ "validity", FIELD_OBJECT, FIELD_NULLABLE, offsetof(struct pin_fields, validity), .object = &validity_table },
	{ "terms", FIELD_STR, FIELD_NULLABLE, offsetof(struct pin_fields, terms), 0, 8000 },
};
static const struct fields pin_table = FIELDS(pin_list, struct pin_fields, FIELDS_CLOSED);

static void read_pin(struct line_reader *r, const struct json_token *object, struct product *p)
{
	struct pin_info *pin = ARENA_NEW(r->a, struct pin_info);
	struct pin_fields fields = { 0 };

	if (!product_is_pin(p)) {
		if (!json_is_null(object))
			line_fault(r, "pin", "belongs to PIN products only");
		return;
	}
	p->pin = pin;
	if (json_is_null(object) || !line_bind(r, "pin", object, &pin_table, &fields))
		return;
	*pin = (struct pin_info){ fields.usage_info.items, fields.usage_info.n,
				  read_validity(r, "pin.validity", &fields.validity), fields.terms };
}

/* Words of a table, as bits. */
static unsigned read_bits(struct line_reader *r, const char *path, const struct field_strs *words,
			  const struct field_name *names)
{
	unsigned bits = 0;

	for (size_t i = 0; i < words->n; i++) {
		int bit = value_of_name(names, words->items[i]);

		if (!bit)
			line_fault(r, arena_printf(r->a, "%s[%zu]", path, i).p, "is not one of the words for it");
		bits |= (unsigned)bit;
	}
	return bits;
}

struct period_fields {
	uint64_t set;
	int unit;
	int64_t quantity;
	int type;
};
enum { CALENDAR_DAYS = 1, BUSINESS_DAYS = 2 };
static const struct field_name day_names[] = { { "CALENDAR", CALENDAR_DAYS },
					       { "BUSINESS", BUSINESS_DAYS },
					       { NULL, 0 } };
static const struct field period_list[] = {
	{ "unit", FIELD_ENUM, FIELD_REQUIRED, offsetof(struct period_fields, unit), .names = time_unit_names },
	{ "quantity", FIELD_INT64, FIELD_REQUIRED, offsetof(struct period_fields, quantity), 1, INT32_MAX },
	{ "type", FIELD_ENUM, FIELD_REQUIRED, offsetof(struct period_fields, type), .names = day_names },
};
static const struct fields period_table = FIELDS(period_list, struct period_fields, FIELDS_CLOSED);

struct payment_fields {
	uint64_t set;
	struct field_strs modes, notes;
	struct period_fields posting_period;
	bool supports_statement_inquiry;
	struct str inquiry;
};
static const struct field payment_list[] = {
	{ "modes", FIELD_STRS, FIELD_NULLABLE, offsetof(struct payment_fields, modes), 1, 4 },
	{ "posting_period", FIELD_OBJECT, FIELD_NULLABLE, offsetof(struct payment_fields, posting_period),
	  .object = &period_table },
	{ "supports_statement_inquiry", FIELD_BOOL, FIELD_REQUIRED,
	  offsetof(struct payment_fields, supports_statement_inquiry) },
	{ "required_inquiry_fields", FIELD_RAW, FIELD_NULLABLE, offsetof(struct payment_fields, inquiry) },
	{ "notes", FIELD_STRS, FIELD_NULLABLE, offsetof(struct payment_fields, notes), 0, TEXTS_MAX,
	  .item = &any_text },
};
static const struct fields payment_table = FIELDS(payment_list, struct payment_fields, FIELDS_CLOSED);

static void read_payment(struct line_reader *r, const struct json_token *object, struct product *p)
{
	struct payment_info *payment = ARENA_NEW(r->a, struct payment_info);
	struct payment_fields fields = { 0 };

	if (p->type != PRODUCT_RANGED_PAYMENT) {
		if (!json_is_null(object))
			line_fault(r, "payment", "belongs to payment products only");
		return;
	}
	p->payment = payment;
	if (!line_bind(r, "payment", object, &payment_table, &fields))
		return;
	payment->modes = read_bits(r, "payment.modes", &fields.modes, payment_mode_names);
	payment->posting_period.unit = (enum time_unit)fields.posting_period.unit;
	payment->posting_period.quantity = fields.posting_period.quantity;
	payment->posting_period.business_days = fields.posting_period.type == BUSINESS_DAYS;
	payment->supports_statement_inquiry = fields.supports_statement_inquiry;
	payment->notes = fields.notes.items;
	payment->note_count = fields.notes.n;
	read_requirement(r, "payment.required_inquiry_fields", json_get(object, "required_inquiry_fields"), identifier,
			 &payment->inquiry);
}

struct product_fields {
	uint64_t set;
	int kind, type;
	int64_t id, service, subservice, operator_id;
	struct str name, description, raw; /* raw: read by hand */
	struct field_strs tags, regions, coverage, modes, zones;
	struct validity_fields validity;
};
static const struct field tag = { .type = FIELD_STR, .min = 4, .max = 16, .check = check_tag };
static const struct field iso = { .type = FIELD_STR, .min = 3, .max = 3 };
static const struct field region_code = { .type = FIELD_STR, .min = 4, .max = 6 };
#define AT(member) offsetof(struct product_fields, member)
static const struct field product_list[] = {
	{ "kind", FIELD_ENUM, FIELD_REQUIRED, AT(kind), .names = catalog_kind_names },
	{ "id", FIELD_INT64, FIELD_REQUIRED, AT(id), 1, INT32_MAX },
	{ "name", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, AT(name), 1, 255 },
	{ "description", FIELD_STR, FIELD_NULLABLE, AT(description), 0, 4000 },
	{ "texts", FIELD_RAW, FIELD_NULLABLE, AT(raw) },
	{ "tags", FIELD_STRS, FIELD_NULLABLE | FIELD_UNIQUE, AT(tags), 0, TAGS_MAX, .item = &tag },
	{ "service", FIELD_INT64, FIELD_REQUIRED, AT(service), 1, INT32_MAX },
	{ "subservice", FIELD_INT64, FIELD_NULLABLE, AT(subservice), 1, INT32_MAX },
	{ "operator", FIELD_INT64, FIELD_REQUIRED, AT(operator_id), 1, INT32_MAX },
	{ "regions", FIELD_STRS, FIELD_NULLABLE, AT(regions), 0, REGIONS_MAX, .item = &region_code },
	{ "coverage", FIELD_STRS, FIELD_NULLABLE, AT(coverage), 0, COVERAGE_MAX, .item = &iso },
	{ "type", FIELD_ENUM, FIELD_REQUIRED, AT(type), .names = product_type_names },
	{ "calculation_modes", FIELD_STRS, FIELD_NULLABLE, AT(modes), 1, 2 },
	{ "validity", FIELD_OBJECT, FIELD_NULLABLE, AT(validity), .object = &validity_table },
	{ "required", FIELD_RAW, FIELD_NULLABLE, AT(raw) },
	{ "zones", FIELD_STRS, FIELD_REQUIRED, AT(zones), 1, 2 },
	{ "source", FIELD_RAW, FIELD_REQUIRED, AT(raw) },
	{ "destination", FIELD_RAW, FIELD_REQUIRED, AT(raw) },
	{ "prices", FIELD_RAW, FIELD_REQUIRED, AT(raw) },
	{ "benefits", FIELD_RAW, FIELD_NULLABLE, AT(raw) },
	{ "pin", FIELD_RAW, FIELD_NULLABLE, AT(raw) },
	{ "payment", FIELD_RAW, FIELD_NULLABLE, AT(raw) },
	{ "esim", FIELD_RAW, FIELD_NULLABLE, AT(raw) },
	{ "routes", FIELD_RAW, FIELD_NULLABLE, AT(raw) },
	{ "sku", FIELD_RAW, FIELD_NULLABLE, AT(raw) },
};
static const struct fields product_table = FIELDS(product_list, struct product_fields, FIELDS_CLOSED);

static void read_service(struct line_reader *r, const struct product_fields *fields, struct product *p)
{
	p->service = service_find(fields->service);
	if (!p->service)
		line_fault(r, "service", "is not a service");
	else if (fields->subservice && !(p->subservice = subservice_find(p->service, fields->subservice)))
		line_fault(r, "subservice", "is not a subservice of that service");
}

static void read_coverage(struct line_reader *r, const struct field_strs *codes, struct product *p)
{
	const struct country **countries = ARENA_ARRAY(r->a, const struct country *, codes->n + 1);

	for (size_t i = 0; i < codes->n; i++) {
		countries[i] = country_find(codes->items[i]);
		if (!countries[i] || countries[i]->is_group)
			line_fault(r, arena_printf(r->a, "coverage[%zu]", i).p,
				   "is not a code of ISO 3166-1 (three letters)");
	}
	p->coverage = countries;
	p->coverage_count = codes->n;
}

void read_product(struct line_reader *r, const struct json_token *root, struct catalog_line *line)
{
	struct product_fields fields = { 0 };
	struct product *p = &line->product;

	if (fields_bind(r->a, root, &product_table, &fields, r->faults) != OK)
		return;
	line->id = p->id = fields.id;
	line->operator_id = fields.operator_id;
	p->name = fields.name;
	p->description = fields.description;
	p->type = (enum product_type)fields.type;
	p->tags = fields.tags.items;
	p->tag_count = fields.tags.n;
	p->validity = read_validity(r, "validity", &fields.validity);
	p->calculation_modes = read_bits(r, "calculation_modes", &fields.modes, calculation_mode_names);
	p->zones = read_bits(r, "zones", &fields.zones, zone_names);
	p->texts = read_texts(r, json_get(root, "texts"), "name", &p->text_count);
	p->regions = read_regions(r, &fields.regions, &p->region_count);
	read_coverage(r, &fields.coverage, p);
	read_service(r, &fields, p);
	read_required(r, json_get(root, "required"), p);
	read_span(r, "source", json_get(root, "source"), range_of(p, false), &p->source, NULL);
	read_span(r, "destination", json_get(root, "destination"), range_of(p, true), &p->destination, NULL);
	read_prices(r, json_get(root, "prices"), line);
	read_benefits(r, json_get(root, "benefits"), p);
	read_pin(r, json_get(root, "pin"), p);
	read_payment(r, json_get(root, "payment"), p);
	p->esim = read_plan(r, json_get(root, "esim"));
	read_routes(r, json_get(root, "routes"), p);
	p->sku = read_sku(r, json_get(root, "sku"), line);
	if (!r->faults->n)
		check_product(r, line);
}
