/* service/catalog_line.c: operators, promotions, campaigns and prefixes, and which kind a line is. */
#include "service/catalog_line.h"

#include "service/catalog_line_private.h"
#include "service/catalog_names.h"

#include <string.h>

enum { REGIONS_MAX = 400, PREFIXES_MAX = 4000, PROMOTED_MAX = 5000 };

const struct field_name catalog_kind_names[] = {
	{ "operator", CATALOG_OPERATOR }, { "product", CATALOG_PRODUCT }, { "promotion", CATALOG_PROMOTION },
	{ "campaign", CATALOG_CAMPAIGN }, { "prefix", CATALOG_PREFIX },	  { "rate", CATALOG_RATE },
	{ "category", CATALOG_CATEGORY }, { "family", CATALOG_FAMILY },	  { NULL, 0 },
};

void line_fault(struct line_reader *r, const char *path, const char *rule)
{
	fields_fault(r->a, r->faults, path, ERR_BAD_REQUEST, rule);
}

bool line_bind(struct line_reader *r, const char *path, const struct json_token *object, const struct fields *table,
	       void *ret)
{
	struct json_faults inner;

	inner.n = 0;
	if (fields_bind(r->a, object, table, ret, &inner) == OK)
		return true;
	for (size_t i = 0; i < inner.n; i++) {
		/* The message is "path: rule"; the rule is told again under the whole path. */
		const char *rule = strstr(inner.items[i].message, ": ") + 2;

		line_fault(r, *inner.items[i].path ? arena_printf(r->a, "%s.%s", path, inner.items[i].path).p : path,
			   rule);
	}
	return false;
}

const struct region *const *read_regions(struct line_reader *r, const struct field_strs *codes, size_t *ret_count)
{
	const struct region **regions = ARENA_ARRAY(r->a, const struct region *, codes->n + 1);

	for (size_t i = 0; i < codes->n; i++) {
		regions[i] = region_find(codes->items[i]);
		if (!regions[i])
			line_fault(r, arena_printf(r->a, "regions[%zu]", i).p, "is not a code of ISO 3166-2");
	}
	*ret_count = codes->n;
	return regions;
}

struct text_fields {
	uint64_t set;
	struct str name, description;
};
static const struct field name_text[] = {
	{ "name", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, offsetof(struct text_fields, name), 1, 255 },
	{ "description", FIELD_STR, FIELD_NULLABLE, offsetof(struct text_fields, description), 0, 4000 },
};
static const struct field title_text[] = {
	{ "title", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, offsetof(struct text_fields, name), 1, 255 },
	{ "description", FIELD_STR, FIELD_NULLABLE, offsetof(struct text_fields, description), 0, 4000 },
};
static const struct fields name_text_table = FIELDS(name_text, struct text_fields, FIELDS_CLOSED);
static const struct fields title_text_table = FIELDS(title_text, struct text_fields, FIELDS_CLOSED);

const struct localized *read_texts(struct line_reader *r, const struct json_token *texts, const char *name,
				   size_t *ret_count)
{
	const struct fields *table = *name == 'n' ? &name_text_table : &title_text_table;
	struct localized *list;
	size_t n = 0;

	*ret_count = 0;
	if (json_is_null(texts))
		return NULL;
	if (json_type(texts) != JSON_OBJECT || json_count(texts) > LOCALE_MAX) {
		line_fault(r, "texts", "must be an object with a key for each language");
		return NULL;
	}
	list = ARENA_ARRAY(r->a, struct localized, json_count(texts) + 1);
	for (const struct json_token *key = json_first(texts); key; key = json_next(texts, key)) {
		struct str code = json_text(r->a, key);
		const char *path = arena_printf(r->a, "texts.%.*s", code.n > 32 ? 32 : (int)code.n, code.p).p;
		struct text_fields text = { 0 };
		int locale = locale_find(code);

		if (locale <= LOCALE_DEFAULT || !str_eq(locale_code(locale), code))
			line_fault(r, path, "is not a language that texts can be in");
		else if (line_bind(r, path, json_value(key), table, &text))
			list[n++] = (struct localized){ locale, text.name, text.description };
	}
	*ret_count = n;
	return list;
}

static const struct field region_code = { .type = FIELD_STR, .min = 4, .max = 6 };

struct operator_fields {
	uint64_t set;
	int kind;
	int64_t id;
	struct str name, country;
	struct field_strs regions;
};
static const struct field operator_list[] = {
	{ "kind", FIELD_ENUM, FIELD_REQUIRED, offsetof(struct operator_fields, kind), .names = catalog_kind_names },
	{ "id", FIELD_INT64, FIELD_REQUIRED, offsetof(struct operator_fields, id), 1, INT32_MAX },
	{ "name", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, offsetof(struct operator_fields, name), 1, 255 },
	{ "country", FIELD_STR, FIELD_REQUIRED, offsetof(struct operator_fields, country), 3, 3 },
	{ "regions", FIELD_STRS, FIELD_NULLABLE, offsetof(struct operator_fields, regions), 0, REGIONS_MAX,
	  .item = &region_code },
};
static const struct fields operator_table = FIELDS(operator_list, struct operator_fields, FIELDS_CLOSED);

static void read_operator(struct line_reader *r, const struct json_token *root, struct catalog_line *line)
{
	struct operator_fields fields = { 0 };

	if (fields_bind(r->a, root, &operator_table, &fields, r->faults) != OK)
		return;
	line->id = line->op.id = fields.id;
	line->op.name = fields.name;
	line->op.country = country_find(fields.country);
	line->op.regions = read_regions(r, &fields.regions, &line->op.region_count);
	if (!line->op.country)
		line_fault(r, "country", "is not a code of ISO 3166-1 (three letters), GXX or EXX");
}

/* Ids in an array; each once is not asked for. */
static void read_product_ids(struct line_reader *r, const struct json_token *array, struct catalog_line *line)
{
	int64_t *ids;

	if (json_type(array) != JSON_ARRAY || !json_count(array) || json_count(array) > PROMOTED_MAX) {
		line_fault(r, "products", "must be an array of 1 to 5000 product ids");
		return;
	}
	ids = ARENA_ARRAY(r->a, int64_t, json_count(array));
	for (const struct json_token *at = json_first(array); at; at = json_next(array, at))
		if (json_i64(at, 1, INT32_MAX, &ids[line->product_count++]) != OK)
			line_fault(r, arena_printf(r->a, "products[%zu]", line->product_count - 1).p,
				   "must be a product id");
	line->products = ids;
}

struct event_fields {
	uint64_t set;
	int kind;
	int64_t id, operator_id;
	struct str title, description, terms, texts, products;
	int64_t start, end;
};
#define AT(member) offsetof(struct event_fields, member)
static const struct field event_list[] = {
	{ "kind", FIELD_ENUM, FIELD_REQUIRED, AT(kind), .names = catalog_kind_names },
	{ "id", FIELD_INT64, FIELD_REQUIRED, AT(id), 1, INT32_MAX },
	{ "title", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, AT(title), 1, 255 },
	{ "description", FIELD_STR, FIELD_REQUIRED, AT(description), 0, 4000 },
	{ "terms", FIELD_STR, FIELD_NULLABLE, AT(terms), 0, 8000 },
	{ "start", FIELD_TIME, FIELD_REQUIRED, AT(start) },
	{ "end", FIELD_TIME, FIELD_REQUIRED, AT(end) },
	{ "products", FIELD_RAW, FIELD_REQUIRED, AT(products) },
	/* of promotions only */
	{ "operator", FIELD_INT64, FIELD_REQUIRED, AT(operator_id), 1, INT32_MAX },
	{ "texts", FIELD_RAW, FIELD_NULLABLE, AT(texts) },
};
static const struct fields promotion_table = FIELDS(event_list, struct event_fields, FIELDS_CLOSED);
static const struct fields campaign_table = { event_list, 8, sizeof(struct event_fields), FIELDS_CLOSED };

static bool read_event(struct line_reader *r, const struct json_token *root, const struct fields *table,
		       struct event_fields *ret, struct catalog_line *line)
{
	if (fields_bind(r->a, root, table, ret, r->faults) != OK)
		return false;
	line->id = ret->id;
	line->operator_id = ret->operator_id;
	read_product_ids(r, json_get(root, "products"), line);
	if (ret->start >= ret->end)
		line_fault(r, "end", "must be later than start");
	return true;
}

static void read_promotion(struct line_reader *r, const struct json_token *root, struct catalog_line *line)
{
	struct event_fields fields = { 0 };
	struct promotion *p = &line->promotion;

	if (!read_event(r, root, &promotion_table, &fields, line))
		return;
	*p = (struct promotion){ .id = fields.id,
				 .title = fields.title,
				 .description = fields.description,
				 .terms = fields.terms,
				 .start_us = fields.start,
				 .end_us = fields.end };
	p->texts = read_texts(r, json_get(root, "texts"), "title", &p->text_count);
}

static void read_campaign(struct line_reader *r, const struct json_token *root, struct catalog_line *line)
{
	struct event_fields fields = { 0 };

	if (read_event(r, root, &campaign_table, &fields, line))
		line->campaign = (struct campaign){ .id = fields.id,
						    .title = fields.title,
						    .description = fields.description,
						    .terms = fields.terms,
						    .start_us = fields.start,
						    .end_us = fields.end };
}

struct prefix_fields {
	uint64_t set;
	int kind;
	int64_t id, operator_id;
	bool certain;
	struct field_strs digits;
};

static enum err check_digits(struct str text, const char **ret_message)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9') {
			*ret_message = "must be digits";
			return ERR_BAD_REQUEST;
		}
	}
	return OK;
}

static const struct field prefix_digits = { .type = FIELD_STR, .min = 1, .max = 15, .check = check_digits };
static const struct field prefix_list[] = {
	{ "kind", FIELD_ENUM, FIELD_REQUIRED, offsetof(struct prefix_fields, kind), .names = catalog_kind_names },
	{ "id", FIELD_INT64, FIELD_REQUIRED, offsetof(struct prefix_fields, id), 1, INT32_MAX },
	{ "operator", FIELD_INT64, FIELD_REQUIRED, offsetof(struct prefix_fields, operator_id), 1, INT32_MAX },
	{ "certain", FIELD_BOOL, FIELD_REQUIRED, offsetof(struct prefix_fields, certain) },
	{ "digits", FIELD_STRS, FIELD_REQUIRED, offsetof(struct prefix_fields, digits), 1, PREFIXES_MAX,
	  .item = &prefix_digits },
};
static const struct fields prefix_table = FIELDS(prefix_list, struct prefix_fields, FIELDS_CLOSED);

static void read_prefix(struct line_reader *r, const struct json_token *root, struct catalog_line *line)
{
	struct prefix_fields fields = { 0 };

	if (fields_bind(r->a, root, &prefix_table, &fields, r->faults) != OK)
		return;
	line->id = fields.id;
	line->operator_id = fields.operator_id;
	line->prefix.certain = fields.certain;
	line->prefix.digits = fields.digits.items;
	line->prefix.digit_count = fields.digits.n;
}

struct rate_fields {
	uint64_t set;
	int kind;
	int64_t id, rate;
	struct str from, to;
};
static const struct field rate_list[] = {
	{ "kind", FIELD_ENUM, FIELD_REQUIRED, offsetof(struct rate_fields, kind), .names = catalog_kind_names },
	{ "id", FIELD_INT64, FIELD_REQUIRED, offsetof(struct rate_fields, id), 1, INT32_MAX },
	{ "from", FIELD_STR, FIELD_REQUIRED, offsetof(struct rate_fields, from), 3, 3 },
	{ "to", FIELD_STR, FIELD_REQUIRED, offsetof(struct rate_fields, to), 3, 3 },
	{ "rate", FIELD_DECIMAL, FIELD_REQUIRED, offsetof(struct rate_fields, rate), 1, MONEY_ITEM_MAX },
};
static const struct fields rate_table = FIELDS(rate_list, struct rate_fields, FIELDS_CLOSED);

static void read_rate(struct line_reader *r, const struct json_token *root, struct catalog_line *line)
{
	struct rate_fields fields = { 0 };

	if (fields_bind(r->a, root, &rate_table, &fields, r->faults) != OK)
		return;
	line->id = line->rate.id = fields.id;
	line->rate.micros = fields.rate;
	if (currency_parse(fields.from, &line->rate.from) != OK)
		line_fault(r, "from", "is not a currency of ISO 4217");
	if (currency_parse(fields.to, &line->rate.to) != OK)
		line_fault(r, "to", "is not a currency of ISO 4217");
	else if (currency_eq(line->rate.from, line->rate.to))
		line_fault(r, "to", "must be another currency than from");
}

struct tombstone_fields {
	uint64_t set;
	int kind;
	int64_t id;
	bool deleted;
};
static const struct field tombstone_list[] = {
	{ "kind", FIELD_ENUM, FIELD_REQUIRED, offsetof(struct tombstone_fields, kind), .names = catalog_kind_names },
	{ "id", FIELD_INT64, FIELD_REQUIRED, offsetof(struct tombstone_fields, id), 1, INT32_MAX },
	{ "deleted", FIELD_BOOL, FIELD_REQUIRED, offsetof(struct tombstone_fields, deleted) },
};
static const struct fields tombstone_table = FIELDS(tombstone_list, struct tombstone_fields, FIELDS_CLOSED);

static void read_tombstone(struct line_reader *r, const struct json_token *root, struct catalog_line *line)
{
	struct tombstone_fields fields = { 0 };

	if (fields_bind(r->a, root, &tombstone_table, &fields, r->faults) != OK)
		return;
	if (!fields.deleted)
		line_fault(r, "deleted", "must be true, or not be there");
	line->id = fields.id;
	line->deleted = true;
}

static void (*const readers[])(struct line_reader *, const struct json_token *, struct catalog_line *) = {
	[CATALOG_OPERATOR] = read_operator, [CATALOG_PRODUCT] = read_product, [CATALOG_PROMOTION] = read_promotion,
	[CATALOG_CAMPAIGN] = read_campaign, [CATALOG_PREFIX] = read_prefix,   [CATALOG_RATE] = read_rate,
	[CATALOG_CATEGORY] = read_category, [CATALOG_FAMILY] = read_family,
};

enum err catalog_line_read(struct arena *a, struct str text, struct catalog_line *ret, struct json_faults *faults)
{
	struct line_reader r = { a, faults };
	struct catalog_line line = { 0 };
	const struct json_token *root;
	struct json doc;
	enum err e = text.n > LIMIT_IMPORT_LINE_BYTES ? ERR_TOO_LARGE : OK;

	faults->n = 0;
	if (e) {
		fields_fault(a, faults, "", e, "the line is too long");
		return e;
	}
	if ((e = json_read(a, text, NULL, &doc)) != OK) {
		fields_fault(a, faults, "", e, arena_printf(a, "%s at byte %zu", doc.error, doc.error_at).p);
		return e;
	}
	root = json_root(&doc);
	line.kind = (enum catalog_kind)value_of_name(catalog_kind_names, json_text(a, json_get(root, "kind")));
	if (!line.kind)
		line_fault(&r, "kind",
			   "must be operator, product, promotion, campaign, prefix, rate, category or family");
	else if (json_get(root, "deleted"))
		read_tombstone(&r, root, &line);
	else
		readers[line.kind](&r, root, &line);
	if (faults->n)
		return faults->items[0].code;
	*ret = line;
	return OK;
}
