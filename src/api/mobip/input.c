#include "api/mobip/input.h"

#include "core/message.h"
#include "core/payment.h"
#include "http/multipart.h"
#include "http/query.h"

enum { TOKEN_BYTES = 8 };

struct input {
	struct query query, body;
};

/* A scalar of a JSON body as a form would have it, anything larger verbatim. */
static struct str json_as_text(struct arena *a, const struct json_token *value)
{
	return json_type(value) == JSON_STRING ? json_text(a, value) : json_is_null(value) ? STR_NONE : json_raw(value);
}

struct json_limits mobip_json_limits(struct str text)
{
	size_t tokens = text.n / TOKEN_BYTES;

	return (struct json_limits){ LIMIT_JSON_DEPTH, tokens > LIMIT_JSON_TOKENS ? tokens : LIMIT_JSON_TOKENS };
}

static enum err read_json(struct arena *a, struct str body, struct query *ret)
{
	const struct json_limits limits = mobip_json_limits(body);
	struct json doc;

	if (json_read(a, body, &limits, &doc) || json_type(json_root(&doc)) != JSON_OBJECT)
		return ERR_MALFORMED;
	const struct json_token *root = json_root(&doc);
	ret->params = ARENA_ARRAY(a, struct query_param, json_count(root) + 1);
	for (const struct json_token *k = json_first(root); k; k = json_next(root, k))
		ret->params[ret->count++] =
			(struct query_param){ json_text(a, k), json_as_text(a, json_value(k)), false };
	return OK;
}

static enum err read_body(struct request *rq, struct query *ret)
{
	struct http_exchange *x = rq->x;
	struct str type = http_header_find(x, "Content-Type"), media = type;

	if (!x->body.n)
		return OK;
	if (multipart_is(type))
		return multipart_parse(&x->arena, type, x->body, ret);
	media = str_trim(str_cut(&media, ';'));
	if (str_eq_nocase(media, STR("application/json")))
		return read_json(&x->arena, x->body, ret);
	if (str_eq_nocase(media, STR("application/x-www-form-urlencoded")))
		return query_parse(&x->arena, x->body, QUERY_PLUS_IS_SPACE, ret);
	return ERR_MALFORMED;
}

enum err mobip_read(struct request *rq)
{
	struct input *in = ARENA_NEW(&rq->x->arena, struct input);
	enum err e = query_parse(&rq->x->arena, rq->x->query, QUERY_PLUS_IS_SPACE, &in->query);

	if (!e)
		e = read_body(rq, &in->body);
	if (e)
		return e == ERR_TOO_LARGE ? e : ERR_MALFORMED;
	rq->input = in;
	return OK;
}

static struct str last_of(const struct query *q, const char *name)
{
	for (size_t i = q->count; i > 0; i--)
		if (str_is(q->params[i - 1].name, name))
			return q->params[i - 1].value.n ? q->params[i - 1].value : STR("");
	return STR_NONE;
}

struct str mobip_value(const struct request *rq, const char *name)
{
	const struct input *in = rq->input;
	struct str value = STR_NONE;

	if (in)
		value = last_of(&in->body, name);
	if (in && !value.p)
		value = last_of(&in->query, name);
	return value.n ? value : STR_NONE;
}

bool mobip_is_true(struct str text)
{
	return str_is(text, "1") || str_eq_nocase(text, STR("true")) || str_eq_nocase(text, STR("on"));
}

enum err mobip_invalid(struct request *rq, const char *name, const char *rule)
{
	return request_fault(rq, ERR_BAD_REQUEST,
			     arena_printf(&rq->x->arena, "Invalid parameter: %s must be %s", name, rule));
}

enum err mobip_amount(struct request *rq, const char *name, int64_t minor, int64_t *ret_micros)
{
	if (payment_of_minor(minor, rq->credential->partner->home, ret_micros))
		return mobip_invalid(rq, name, "at most 10^9 units of the currency");
	return OK;
}

/* Each rule sets *ret_rule and returns false, or binds the value. */
struct binding {
	struct request *rq;
	const struct mobip_field *field;
	struct str value;
	void *member;
};

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return true;
	return false;
}

static bool bind_str(const struct binding *b, bool is_good)
{
	if (is_good)
		*(struct str *)b->member = b->value;
	return is_good;
}

/* No text has more characters than bytes. */
static bool is_short(const struct binding *b)
{
	return b->value.n <= (size_t)b->field->max || str_codepoints(b->value) <= (size_t)b->field->max;
}

static bool bind_text(const struct binding *b, const char **ret_rule)
{
	*ret_rule = arena_printf(&b->rq->x->arena, "at most %lld characters, without control characters",
				 (long long)b->field->max)
			    .p;
	return bind_str(b, is_short(b) && !has_control(b->value));
}

static bool bind_opaque(const struct binding *b, const char **ret_rule)
{
	*ret_rule = arena_printf(&b->rq->x->arena, "at most %lld characters", (long long)b->field->max).p;
	return bind_str(b, is_short(b));
}

static bool digits_read(struct str s, int64_t *ret)
{
	int64_t n = 0;

	if (s.n > 18) /* more would not fit */
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		n = n * 10 + (s.p[i] - '0');
	}
	*ret = n;
	return s.n > 0;
}

static bool bind_number(const struct binding *b, const char **ret_rule)
{
	const struct mobip_field *f = b->field;
	int64_t n;

	*ret_rule =
		arena_printf(&b->rq->x->arena, "a whole number from %lld to %lld", (long long)f->min, (long long)f->max)
			.p;
	if (!digits_read(b->value, &n) || n < f->min || n > f->max)
		return false;
	*(int64_t *)b->member = n;
	return true;
}

static bool url_is_good(struct str url)
{
	struct str rest = url;

	if (str_starts(rest, STR("http://")))
		rest = str_skip(rest, 7);
	else if (str_starts(rest, STR("https://")))
		rest = str_skip(rest, 8);
	else
		return false;
	for (size_t i = 0; i < rest.n; i++)
		if ((unsigned char)rest.p[i] <= ' ' || rest.p[i] == 0x7f || rest.p[i] == '\\')
			return false;
	size_t host = 0;
	while (host < rest.n && !strchr("/?#", rest.p[host]))
		if (rest.p[host++] == '@')
			return false;
	return host > 0 && rest.p[0] != ':';
}

static bool bind_url(const struct binding *b, const char **ret_rule)
{
	*ret_rule = "an http or https URL with a host and without credentials";
	return bind_str(b, b->value.n <= (size_t)b->field->max && url_is_good(b->value));
}

static bool bind_email(const struct binding *b, const char **ret_rule)
{
	*ret_rule = "an e-mail address";
	return bind_str(b, mail_address_is_public(b->value));
}

/* E.164: a plus sign, 7 to 15 digits, the first of them not 0 (mobip.md 5). */
static bool bind_phone(const struct binding *b, const char **ret_rule)
{
	char *digits = arena_alloc(&b->rq->x->arena, b->value.n + 1);
	size_t n = 0;

	*ret_rule = "a phone number with its international prefix, such as +33612345678";
	for (size_t i = 0; i < b->value.n; i++)
		if (!strchr(" .-", b->value.p[i]))
			digits[n++] = b->value.p[i];
	if (n < 8 || n > 16 || digits[0] != '+' || digits[1] == '0')
		return false;
	for (size_t i = 1; i < n; i++)
		if (digits[i] < '0' || digits[i] > '9')
			return false;
	*(struct str *)b->member = (struct str){ digits, n };
	return true;
}

struct word {
	const char *word;
	int64_t value;
};

static bool bind_word(const struct binding *b, const struct word words[2])
{
	for (size_t i = 0; i < 2; i++) {
		if (str_eq_nocase(b->value, str_of(words[i].word))) {
			*(int64_t *)b->member = words[i].value;
			return true;
		}
	}
	return false;
}

static bool bind_language(const struct binding *b, const char **ret_rule)
{
	static const struct word words[] = { { "EN", PAY_EN }, { "FR", PAY_FR } };

	*ret_rule = "EN or FR";
	return bind_word(b, words);
}

static bool bind_media(const struct binding *b, const char **ret_rule)
{
	static const struct word words[] = { { "SMS", MEDIA_SMS }, { "EMAIL", MEDIA_EMAIL } };

	*ret_rule = "SMS or EMAIL";
	return bind_word(b, words);
}

static bool (*const rules[])(const struct binding *b, const char **ret_rule) = {
	[MOBIP_TEXT] = bind_text,	  [MOBIP_OPAQUE] = bind_opaque, [MOBIP_NUMBER] = bind_number,
	[MOBIP_URL] = bind_url,		  [MOBIP_EMAIL] = bind_email,	[MOBIP_PHONE] = bind_phone,
	[MOBIP_LANGUAGE] = bind_language, [MOBIP_MEDIA] = bind_media,
};

static bool is_number(enum mobip_type type)
{
	return type == MOBIP_NUMBER || type == MOBIP_LANGUAGE || type == MOBIP_MEDIA;
}

static struct str value_of(const struct request *rq, const struct mobip_field *f)
{
	struct str value = mobip_value(rq, f->name);

	return value.p || !f->alias ? value : mobip_value(rq, f->alias);
}

enum err mobip_bind(struct request *rq, const struct mobip_field *fields, size_t n, void *ret)
{
	for (size_t i = 0; i < n; i++)
		if (fields[i].required && !value_of(rq, &fields[i]).p)
			return request_fault(rq, ERR_MISSING,
					     arena_printf(&rq->x->arena, "Missing parameter: %s", fields[i].name));
	for (size_t i = 0; i < n; i++) {
		const struct binding b = { rq, &fields[i], value_of(rq, &fields[i]), (char *)ret + fields[i].at };
		const char *rule;

		if (!b.value.p && is_number(fields[i].type))
			*(int64_t *)b.member = fields[i].otherwise;
		else if (b.value.p && !rules[fields[i].type](&b, &rule))
			return mobip_invalid(rq, fields[i].name, rule);
	}
	return OK;
}
