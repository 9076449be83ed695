#include "api/dvs/query.h"

#include "api/dvs/words.h"
#include "base/clock.h"
#include "http/query.h"

enum { MOBILE_LEAST_DIGITS = 7, MOBILE_MOST_DIGITS = 15, TAG_LEAST = 4, TAG_MOST = 16, TAGS_MOST = 100 };

static bool is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool dvs_is_mobile(struct str text)
{
	if (text.n < MOBILE_LEAST_DIGITS + 1 || text.n > MOBILE_MOST_DIGITS + 1 || text.p[0] != '+' || text.p[1] == '0')
		return false;
	for (size_t i = 1; i < text.n; i++)
		if (!is_digit(text.p[i]))
			return false;
	return true;
}

static bool is_all(struct str text, bool with_digits)
{
	for (size_t i = 0; i < text.n; i++)
		if (!is_capital(text.p[i]) && !(with_digits && is_digit(text.p[i])))
			return false;
	return true;
}

bool dvs_is_country(struct str text)
{
	return text.n == 3 && is_all(text, false);
}

/* ^[A-Z]{2,3}(-[A-Z0-9]{2,3}(-[A-Z]{2})?)?$ */
static bool is_region(struct str text)
{
	struct str rest = text;
	struct str country = str_cut(&rest, '-');

	if (country.n < 2 || country.n > 3 || !is_all(country, false))
		return false;
	if (!rest.p)
		return true;
	struct str part = str_cut(&rest, '-');
	if (part.n < 2 || part.n > 3 || !is_all(part, true))
		return false;
	return !rest.p || (rest.n == 2 && is_all(rest, false));
}

/* The pattern of the vendor is not anchored at its end: what follows the first character is free. */
static bool is_tag(struct str text)
{
	size_t n = str_codepoints(text);

	return n >= TAG_LEAST && n <= TAG_MOST && (is_all((struct str){ text.p, 1 }, true) || text.p[0] == '_');
}

enum err dvs_fault(struct request *rq, enum err code, const char *name, const char *rule)
{
	return request_fault(rq, code, arena_printf(&rq->x->arena, "%s: %s", name, rule));
}

enum err dvs_path_id(struct request *rq, const char *name, int64_t max, int64_t *ret)
{
	if (str_to_i64(rq->captures[0], 1, max, ret))
		return dvs_fault(
			rq, ERR_BAD_REQUEST, name,
			arena_printf(&rq->x->arena, "must be a whole number from 1 to %lld", (long long)max).p);
	return OK;
}

/* One parameter being read: its decoded text and where it goes. On failure `rule` says what it must be. */
struct reading {
	struct request *rq;
	const struct query *query;
	const struct param *param;
	struct str text;
	void *at;
	const char *rule;
};

static bool refuse(struct reading *r, const char *rule)
{
	r->rule = rule;
	return false;
}

static bool read_integer(struct reading *r, int64_t min, int64_t max, const char *rule)
{
	return str_to_i64(r->text, min, max, (int64_t *)r->at) == OK || refuse(r, rule);
}

/* A '+' that was decoded to a space, or sent as one. */
static bool read_mobile(struct reading *r)
{
	struct str text = r->text;

	if (text.n && text.p[0] == ' ')
		text = arena_printf(&r->rq->x->arena, "+%.*s", STR_ARG(str_skip(text, 1)));
	if (!dvs_is_mobile(text))
		return refuse(r, "must be a mobile number in E.164 format, such as +6595123100");
	*(struct str *)r->at = text;
	return true;
}

static bool read_text(struct reading *r)
{
	if (str_is_blank(r->text))
		return refuse(r, "must not be blank");
	if (r->param->max && str_codepoints(r->text) > r->param->max)
		return refuse(r, arena_printf(&r->rq->x->arena, "must have at most %zu characters", r->param->max).p);
	*(struct str *)r->at = r->text;
	return true;
}

static const char item_twice[] = "must not have an item twice";

static bool read_tags(struct reading *r)
{
	struct param_tags tags;
	struct str *items = query_list(&r->rq->x->arena, r->query, r->param->name, &tags.count);

	if (tags.count == 0)
		return refuse(r, "must have at least one item");
	if (tags.count > TAGS_MOST) /* each is compared with each */
		return refuse(r, "must have at most 100 items");
	for (size_t i = 0; i < tags.count; i++) {
		if (!is_tag(items[i]))
			return refuse(r, "must be tags of 4 to 16 characters that begin with one of A-Z, 0-9 and _");
		for (size_t before = 0; before < i; before++)
			if (str_eq(items[before], items[i]))
				return refuse(r, item_twice);
	}
	tags.items = items;
	*(struct param_tags *)r->at = tags;
	return true;
}

static bool read_benefits(struct reading *r)
{
	size_t count;
	struct str *items = query_list(&r->rq->x->arena, r->query, r->param->name, &count);
	unsigned bits = 0;

	for (size_t i = 0; i < count; i++) {
		int type = dvs_word_value(dvs_benefit_types, items[i]);

		if (!type)
			return refuse(r, "must be of TALKTIME, DATA, SMS, PAYMENT, CREDITS");
		if (bits >> type & 1)
			return refuse(r, item_twice);
		bits |= 1u << type;
	}
	*(unsigned *)r->at = bits;
	return true;
}

static bool read_time(struct reading *r)
{
	struct param_time *time = r->at;

	if (clock_parse_rfc3339(r->text, true, &time->us))
		return refuse(r, "must be a date and time with zone, such as 2026-01-02T03:04:05Z");
	time->is_set = true;
	return true;
}

static bool read_pattern(struct reading *r, bool is_good, const char *rule)
{
	if (!is_good)
		return refuse(r, rule);
	*(struct str *)r->at = r->text;
	return true;
}

static bool read_type(struct reading *r)
{
	int type = dvs_word_value(dvs_product_types, r->text);

	if (!type)
		return refuse(r, "must be one of the product types, such as FIXED_VALUE_RECHARGE");
	*(enum product_type *)r->at = (enum product_type)type;
	return true;
}

static bool read_value(struct reading *r)
{
	switch (r->param->type) {
	case PARAM_ID:
		return read_integer(r, 1, INT32_MAX, "must be a whole number of at least 1");
	case PARAM_PER_PAGE:
		return read_integer(r, 1, LIMIT_PAGE_ROWS, "must be a whole number from 1 to 100");
	case PARAM_NUMBER:
		return read_integer(r, INT64_MIN, INT64_MAX, "must be a whole number");
	case PARAM_COUNTRY:
		return read_pattern(r, dvs_is_country(r->text), "must be a country code of three capital letters");
	case PARAM_REGION:
		return read_pattern(r, is_region(r->text), "must be an ISO 3166 code of a country or subdivision");
	case PARAM_TYPE:
		return read_type(r);
	case PARAM_TAGS:
		return read_tags(r);
	case PARAM_BENEFITS:
		return read_benefits(r);
	case PARAM_SORT:
		return sort_parse(r->text, r->at) == OK ||
		       refuse(r, "must be of id, name, amount, each once, with - before it for descending");
	case PARAM_TEXT:
		return read_text(r);
	case PARAM_MOBILE:
		return read_mobile(r);
	case PARAM_TIME:
		return read_time(r);
	case PARAM_CURRENCY:
		*(bool *)r->at = str_is(r->text, "CURRENCY");
		return *(bool *)r->at || refuse(r, "must be CURRENCY");
	}
	must(false);
	return false;
}

static bool is_list(enum param_type type)
{
	return type == PARAM_TAGS || type == PARAM_BENEFITS;
}

static void read_param(struct reading *r)
{
	size_t count = query_count(r->query, r->param->name);

	if (count == 0)
		return;
	r->text = query_find(r->query, r->param->name);
	if (!r->text.p)
		r->text = STR("");
	if (count > 1 && !is_list(r->param->type))
		r->rule = "must not be given twice";
	else if (read_value(r))
		return;
	request_add_fault(r->rq, ERR_BAD_REQUEST, arena_printf(&r->rq->x->arena, "%s: %s", r->param->name, r->rule));
}

enum err dvs_query(struct request *rq, const struct param *params, size_t count, void *ret)
{
	struct query query;

	if (query_parse(&rq->x->arena, rq->x->query, QUERY_PLUS_IS_SPACE, &query))
		return dvs_fault(rq, ERR_BAD_REQUEST, "query", "must be percent-encoded UTF-8");
	for (size_t i = 0; i < count; i++) {
		struct reading r = { .rq = rq, .query = &query, .param = &params[i], .at = (char *)ret + params[i].at };

		read_param(&r);
	}
	return rq->fault_count ? rq->faults[0].code : OK;
}
