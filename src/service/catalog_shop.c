/* service/catalog_shop.c: reading categories, families and a product's place among them. */
#include "core/pricing.h"
#include "service/catalog_line_private.h"
#include "service/catalog_names.h"

enum { ATTRIBUTES_MAX = 64, FIELDS_MAX = 32, OPTIONS_MAX = 200, PER_ORDER_MAX = 1000 };

static enum err check_code(struct str text, const char **ret_message)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_') {
			*ret_message = "must be small letters, digits and _";
			return ERR_BAD_REQUEST;
		}
	}
	return OK;
}

static enum err check_uuid(struct str text, const char **ret_message)
{
	*ret_message = "must be a UUID in small letters";
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] >= 'A' && text.p[i] <= 'F')
			return ERR_BAD_REQUEST;
	return is_uuid(text) ? OK : ERR_BAD_REQUEST;
}

/* {"digital_acceptance": "online"}: what is said is text. */
static struct attribute_values read_values(struct line_reader *r, const char *path, const struct json_token *object)
{
	struct attribute_value *items;
	size_t n = 0;

	if (json_is_null(object))
		return (struct attribute_values){ NULL, 0 };
	if (json_type(object) != JSON_OBJECT || json_count(object) > ATTRIBUTES_MAX) {
		line_fault(r, path, "must be an object of at most 64 members");
		return (struct attribute_values){ NULL, 0 };
	}
	items = ARENA_ARRAY(r->a, struct attribute_value, json_count(object) + 1);
	for (const struct json_token *key = json_first(object); key; key = json_next(object, key)) {
		items[n] = (struct attribute_value){ json_text(r->a, key), json_text(r->a, json_value(key)) };
		if (!items[n++].value.p)
			line_fault(r, path, "an attribute's value must be a string");
	}
	return (struct attribute_values){ items, n };
}

struct attribute_fields {
	uint64_t set;
	struct str code, name, texts;
	int type, target;
};
static const struct field attribute_list[] = {
	{ "code", FIELD_STR, FIELD_REQUIRED, offsetof(struct attribute_fields, code), 1, 64, .check = check_code },
	{ "name", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, offsetof(struct attribute_fields, name), 1, 255 },
	{ "texts", FIELD_RAW, FIELD_NULLABLE, offsetof(struct attribute_fields, texts) },
	{ "type", FIELD_ENUM, FIELD_REQUIRED, offsetof(struct attribute_fields, type), .names = attribute_type_names },
	{ "target", FIELD_ENUM, FIELD_REQUIRED, offsetof(struct attribute_fields, target),
	  .names = attribute_target_names },
};
static const struct fields attribute_table = FIELDS(attribute_list, struct attribute_fields, FIELDS_CLOSED);

static void read_attributes(struct line_reader *r, const struct json_token *array, struct category *c)
{
	const struct json_token *list = read_objects(r, "attributes", array, ATTRIBUTES_MAX);
	struct attribute *items = ARENA_ARRAY(r->a, struct attribute, json_count(list) + 1);

	for (const struct json_token *at = json_first(list); at; at = json_next(list, at)) {
		const char *path = arena_printf(r->a, "attributes[%zu]", c->attribute_count).p;
		struct attribute *attribute = &items[c->attribute_count++];
		struct attribute_fields fields = { 0 };

		if (!line_bind(r, path, at, &attribute_table, &fields))
			continue;
		*attribute = (struct attribute){ .code = fields.code,
						 .name = fields.name,
						 .type = (enum attribute_type)fields.type,
						 .target = (enum attribute_target)fields.target };
		attribute->texts = read_texts(r, json_get(at, "texts"), "name", &attribute->text_count);
	}
	c->attributes = items;
}

struct category_fields {
	uint64_t set;
	int kind;
	int64_t id, parent;
	struct str name, raw;
};
static const struct field category_list[] = {
	{ "kind", FIELD_ENUM, FIELD_REQUIRED, offsetof(struct category_fields, kind), .names = catalog_kind_names },
	{ "id", FIELD_INT64, FIELD_REQUIRED, offsetof(struct category_fields, id), 1, INT32_MAX },
	{ "name", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, offsetof(struct category_fields, name), 1, 255 },
	{ "texts", FIELD_RAW, FIELD_NULLABLE, offsetof(struct category_fields, raw) },
	{ "parent", FIELD_INT64, FIELD_NULLABLE, offsetof(struct category_fields, parent), 1, INT32_MAX },
	{ "attributes", FIELD_RAW, FIELD_NULLABLE, offsetof(struct category_fields, raw) },
};
static const struct fields category_table = FIELDS(category_list, struct category_fields, FIELDS_CLOSED);

void read_category(struct line_reader *r, const struct json_token *root, struct catalog_line *line)
{
	struct category_fields fields = { 0 };
	struct category *c = &line->category;

	if (fields_bind(r->a, root, &category_table, &fields, r->faults) != OK)
		return;
	*c = (struct category){ .id = fields.id, .name = fields.name, .parent_id = fields.parent };
	line->id = fields.id;
	line->shelf_kind = CATALOG_CATEGORY;
	line->shelf_id = fields.parent;
	if (fields.parent == fields.id)
		line_fault(r, "parent", "must be another category");
	c->texts = read_texts(r, json_get(root, "texts"), "name", &c->text_count);
	read_attributes(r, json_get(root, "attributes"), c);
}

struct shop_field_fields {
	uint64_t set;
	struct str code, name, description, raw;
	int type;
	bool required;
	int64_t min, max;
};
#define AT(member) offsetof(struct shop_field_fields, member)
static const struct field shop_field_list[] = {
	{ "code", FIELD_STR, FIELD_REQUIRED, AT(code), 1, 64, .check = check_code },
	{ "name", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, AT(name), 1, 255 },
	{ "texts", FIELD_RAW, FIELD_NULLABLE, AT(raw) },
	{ "description", FIELD_STR, FIELD_NULLABLE, AT(description), 0, 1000 },
	{ "type", FIELD_ENUM, FIELD_REQUIRED, AT(type), .names = shop_field_type_names },
	{ "required", FIELD_BOOL, FIELD_REQUIRED, AT(required) },
	{ "min", FIELD_INT64, FIELD_NULLABLE, AT(min), 0, INT32_MAX },
	{ "max", FIELD_INT64, FIELD_NULLABLE, AT(max), 1, INT32_MAX },
	{ "options", FIELD_RAW, FIELD_NULLABLE, AT(raw) },
};
#undef AT
static const struct fields shop_field_table = FIELDS(shop_field_list, struct shop_field_fields, FIELDS_CLOSED);

struct option_fields {
	uint64_t set;
	struct str value, label;
};
static const struct field option_list[] = {
	{ "value", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, offsetof(struct option_fields, value), 1, 100 },
	{ "label", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, offsetof(struct option_fields, label), 1, 255 },
};
static const struct fields option_table = FIELDS(option_list, struct option_fields, FIELDS_CLOSED);

static void read_options(struct line_reader *r, const char *path, const struct json_token *array,
			 struct shop_field *field)
{
	const struct json_token *list = read_objects(r, path, array, OPTIONS_MAX);
	struct attribute_value *items = ARENA_ARRAY(r->a, struct attribute_value, json_count(list) + 1);

	for (const struct json_token *at = json_first(list); at; at = json_next(list, at)) {
		struct option_fields fields = { 0 };

		if (line_bind(r, path, at, &option_table, &fields))
			items[field->option_count++] = (struct attribute_value){ fields.value, fields.label };
	}
	field->options = items;
	if ((field->type == SHOP_FIELD_SELECT) != (field->option_count > 0))
		line_fault(r, path, "options belong to a select, which has at least one");
}

static void read_shop_fields(struct line_reader *r, const struct json_token *array, struct family *f)
{
	const struct json_token *list = read_objects(r, "fields", array, FIELDS_MAX);
	struct shop_field *items = ARENA_ARRAY(r->a, struct shop_field, json_count(list) + 1);

	for (const struct json_token *at = json_first(list); at; at = json_next(list, at)) {
		const char *path = arena_printf(r->a, "fields[%zu]", f->field_count).p;
		struct shop_field *field = &items[f->field_count++];
		struct shop_field_fields fields = { 0 };

		if (!line_bind(r, path, at, &shop_field_table, &fields))
			continue;
		*field = (struct shop_field){ .code = fields.code,
					      .name = fields.name,
					      .description = fields.description,
					      .type = (enum shop_field_type)fields.type,
					      .required = fields.required,
					      .min = fields.min,
					      .max = fields.max };
		field->texts = read_texts(r, json_get(at, "texts"), "name", &field->text_count);
		read_options(r, arena_printf(r->a, "%s.options", path).p, json_get(at, "options"), field);
		if (str_is(field->code, "quantity"))
			line_fault(r, path, "quantity is a field of every order");
	}
	f->fields = items;
}

struct family_fields {
	uint64_t set;
	int kind, type;
	int64_t id, category;
	struct str uuid, name, description, image, raw;
};
#define AT(member) offsetof(struct family_fields, member)
static const struct field family_list[] = {
	{ "kind", FIELD_ENUM, FIELD_REQUIRED, AT(kind), .names = catalog_kind_names },
	{ "id", FIELD_INT64, FIELD_REQUIRED, AT(id), 1, INT32_MAX },
	{ "uuid", FIELD_STR, FIELD_REQUIRED, AT(uuid), 36, 36, .check = check_uuid },
	{ "name", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, AT(name), 1, 255 },
	{ "description", FIELD_STR, FIELD_NULLABLE, AT(description), 0, 4000 },
	{ "texts", FIELD_RAW, FIELD_NULLABLE, AT(raw) },
	{ "type", FIELD_ENUM, FIELD_REQUIRED, AT(type), .names = family_type_names },
	{ "category", FIELD_INT64, FIELD_REQUIRED, AT(category), 1, INT32_MAX },
	{ "image", FIELD_STR, FIELD_NULLABLE, AT(image), 0, 1000 },
	{ "attributes", FIELD_RAW, FIELD_NULLABLE, AT(raw) },
	{ "fields", FIELD_RAW, FIELD_NULLABLE, AT(raw) },
};
#undef AT
static const struct fields family_table = FIELDS(family_list, struct family_fields, FIELDS_CLOSED);

void read_family(struct line_reader *r, const struct json_token *root, struct catalog_line *line)
{
	struct family_fields fields = { 0 };
	struct family *f = &line->family;

	if (fields_bind(r->a, root, &family_table, &fields, r->faults) != OK)
		return;
	*f = (struct family){ .id = fields.id,
			      .uuid = fields.uuid,
			      .name = fields.name,
			      .description = fields.description,
			      .type = (enum family_type)fields.type,
			      .category_id = fields.category,
			      .image = fields.image };
	line->id = fields.id;
	line->shelf_kind = CATALOG_CATEGORY;
	line->shelf_id = fields.category;
	f->texts = read_texts(r, json_get(root, "texts"), "name", &f->text_count);
	f->attributes = read_values(r, "attributes", json_get(root, "attributes"));
	read_shop_fields(r, json_get(root, "fields"), f);
}

struct sku_fields {
	uint64_t set;
	struct str uuid, image, raw;
	int64_t family, max_per_order;
	bool renewable;
};
static const struct field sku_list[] = {
	{ "uuid", FIELD_STR, FIELD_REQUIRED, offsetof(struct sku_fields, uuid), 36, 36, .check = check_uuid },
	{ "family", FIELD_INT64, FIELD_REQUIRED, offsetof(struct sku_fields, family), 1, INT32_MAX },
	{ "image", FIELD_STR, FIELD_NULLABLE, offsetof(struct sku_fields, image), 0, 1000 },
	{ "attributes", FIELD_RAW, FIELD_NULLABLE, offsetof(struct sku_fields, raw) },
	{ "max_per_order", FIELD_INT64, FIELD_REQUIRED, offsetof(struct sku_fields, max_per_order), 1, PER_ORDER_MAX },
	{ "renewable", FIELD_BOOL, FIELD_NULLABLE, offsetof(struct sku_fields, renewable) },
};
enum { SKU_RENEWABLE = ARRAY_LEN(sku_list) - 1 };
static const struct fields sku_table = FIELDS(sku_list, struct sku_fields, FIELDS_CLOSED);

const struct sku *read_sku(struct line_reader *r, const struct json_token *object, struct catalog_line *line)
{
	struct sku_fields fields = { 0 };

	if (json_is_null(object) || !line_bind(r, "sku", object, &sku_table, &fields))
		return NULL;
	struct sku *sku = ARENA_NEW(r->a, struct sku);
	*sku = (struct sku){ .uuid = fields.uuid,
			     .family_id = fields.family,
			     .image = fields.image,
			     .attributes = read_values(r, "sku.attributes", json_get(object, "attributes")),
			     .max_per_order = fields.max_per_order,
			     .is_renewable = fields.renewable || !field_is_set(&fields, SKU_RENEWABLE) };
	line->shelf_kind = CATALOG_FAMILY;
	line->shelf_id = fields.family;
	return sku;
}

/* In place of an amount: how any amount is priced. What the ends of the range cost follows from it. */
struct markup_fields {
	uint64_t set;
	struct str unit;
	int64_t rate, percent, fixed;
};
static const struct field markup_list[] = {
	{ "unit", FIELD_STR, FIELD_REQUIRED, offsetof(struct markup_fields, unit), 3, 3 },
	{ "rate", FIELD_DECIMAL, FIELD_REQUIRED, offsetof(struct markup_fields, rate), 1, MARKUP_RATE_MAX },
	{ "markup_percent", FIELD_DECIMAL, 0, offsetof(struct markup_fields, percent), -99999999, MARKUP_PERCENT_MAX },
	{ "markup_fixed", FIELD_DECIMAL, 0, offsetof(struct markup_fields, fixed), -MONEY_ITEM_MAX, MONEY_ITEM_MAX },
};
static const struct fields markup_table = FIELDS(markup_list, struct markup_fields, FIELDS_CLOSED);

void read_markup(struct line_reader *r, const char *path, const struct json_token *value, const struct product *p,
		 struct price *ret)
{
	struct markup_fields fields = { 0 };
	const struct span *face = &p->destination;

	if (!line_bind(r, path, value, &markup_table, &fields))
		return;
	ret->markup = (struct markup){ fields.rate, fields.percent, fields.fixed };
	if (currency_parse(fields.unit, &ret->wholesale.cur) != OK)
		line_fault(r, arena_printf(r->a, "%s.unit", path).p, "is not a currency of ISO 4217");
	else if (!product_is_ranged(p))
		line_fault(r, path, "a rate belongs to ranged products only");
	else if (price_marked_up(face->min, &ret->markup, ret->wholesale.cur, &ret->wholesale.min) != OK ||
		 price_marked_up(face->max, &ret->markup, ret->wholesale.cur, &ret->wholesale.max) != OK)
		line_fault(r, path, "the smallest amount must cost at least one minor unit, the largest not too much");
}
