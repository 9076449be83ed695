#include "json/reader.h"

#include "base/crypto.h"
#include "base/decimal.h"
#include "base/limits.h"
#include "json/escape.h"

#include <string.h>

/* Objects up to this many members are searched for duplicates pair by pair, which beats hashing there. */
enum { FEW_KEYS = 16 };

enum { NONE_OPEN = UINT32_MAX };

struct seen_key {
	uint64_t hash;
	struct str key; /* absent: the slot is free */
};

struct reader {
	struct arena *a;
	const char *p, *start, *end;
	const struct json_limits *limits;
	struct json_token *tokens;
	size_t n, cap;
	/* Index of the innermost open container, or NONE_OPEN. While a container is open its span holds its parent's
	 * index, so the tape itself is the stack. */
	uint32_t open;
	size_t depth;
	const char *error;
	struct seen_key *seen; /* kept between large objects */
	size_t seen_cap;
	bool has_seed;
	unsigned char seed[HASH_SEED_BYTES];
};

static enum err malformed(struct reader *r, const char *error)
{
	r->error = error;
	return ERR_BAD_REQUEST;
}

static enum err beyond(struct reader *r, const char *error)
{
	r->error = error;
	return ERR_TOO_LARGE;
}

/* The next byte, or 0 at the end; a 0 in the input is valid nowhere, so the two need no telling apart. */
static char peek(const struct reader *r)
{
	return r->p < r->end ? *r->p : '\0';
}

static char peek_after_space(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\r' || *r->p == '\t'))
		r->p++;
	return peek(r);
}

/* Begins a token at the reading position. */
static enum err push(struct reader *r, enum json_type type)
{
	if (r->n >= r->limits->tokens)
		return beyond(r, "too many values");
	if (r->n == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : (size_t)(r->end - r->start) / 8 + 16;
		struct json_token *tokens = ARENA_ARRAY(r->a, struct json_token, cap);

		if (r->n)
			memcpy(tokens, r->tokens, r->n * sizeof(*tokens));
		r->tokens = tokens;
		r->cap = cap;
	}
	r->tokens[r->n++] = (struct json_token){ .p = r->p, .span = 1, .type = (uint8_t)type };
	return OK;
}

/* Ends the token begun last, a scalar, at the reading position. */
static void finish_scalar(struct reader *r)
{
	struct json_token *token = &r->tokens[r->n - 1];

	token->bytes = (uint32_t)(r->p - token->p);
}

/* Bytes at which the scan of a string must stop and look: control characters, the quote and the backslash. */
static const bool stops_string[256] = { [0 ... 0x1F] = true, ['"'] = true, ['\\'] = true };

static enum err read_string(struct reader *r)
{
	const char *start = r->p;
	unsigned char all = 0;
	bool escaped = false;
	enum err e = push(r, JSON_STRING);

	if (e)
		return e;
	r->p++;
	for (;;) {
		while (r->p < r->end && !stops_string[(unsigned char)*r->p])
			all |= (unsigned char)*r->p++;
		if (r->p == r->end)
			return malformed(r, "unfinished string");
		if (*r->p == '"')
			break;
		if (*r->p != '\\')
			return malformed(r, "control character in a string");
		escaped = true;
		const char *error = escape_check(&r->p, r->end);
		if (error)
			return malformed(r, error);
	}
	r->p++;
	finish_scalar(r);
	r->tokens[r->n - 1].escaped = escaped;
	/* No byte of a longer sequence can be a quote or a backslash, so its shape can be judged once the end is known.
	 */
	if (all >= 0x80 && !str_is_utf8((struct str){ start, (size_t)(r->p - start) })) {
		r->p = start;
		return malformed(r, "ill-formed UTF-8");
	}
	return OK;
}

static bool skip_digits(struct reader *r)
{
	const char *from = r->p;

	while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
		r->p++;
	return r->p > from;
}

static enum err read_number(struct reader *r)
{
	enum err e = push(r, JSON_NUMBER);

	if (e)
		return e;
	if (*r->p == '-')
		r->p++;
	if (peek(r) == '0')
		r->p++;
	else if (!skip_digits(r))
		return malformed(r, "expected a digit");
	if (peek(r) == '.') {
		r->p++;
		if (!skip_digits(r))
			return malformed(r, "expected a digit");
	}
	if ((peek(r) | 32) == 'e') {
		r->p++;
		if (peek(r) == '+' || peek(r) == '-')
			r->p++;
		if (!skip_digits(r))
			return malformed(r, "expected a digit");
	}
	finish_scalar(r);
	return OK;
}

static enum err read_word(struct reader *r, enum json_type type, struct str word)
{
	if ((size_t)(r->end - r->p) < word.n || memcmp(r->p, word.p, word.n) != 0)
		return malformed(r, "expected a value");
	enum err e = push(r, type);
	if (e)
		return e;
	r->p += word.n;
	finish_scalar(r);
	return OK;
}

/* Finds `key` or puts it in; false if it was there. The table always has free slots. */
static bool add_seen(struct reader *r, size_t mask, struct str key)
{
	uint64_t hash = crypto_seeded_hash(r->seed, key);

	for (size_t i = hash & mask;; i = (i + 1) & mask) {
		struct seen_key *slot = &r->seen[i];

		if (!slot->key.p) {
			*slot = (struct seen_key){ hash, key };
			return true;
		}
		if (slot->hash == hash && str_eq(slot->key, key))
			return false;
	}
}

/* Keys are foreign: the hash has a random seed, so that nobody can choose them to collide. */
static bool has_duplicate_hashed(struct reader *r, const struct json_token *object)
{
	size_t cap = 2 * FEW_KEYS;

	while (cap < 2 * (size_t)object->count)
		cap *= 2;
	if (cap > r->seen_cap) {
		r->seen = ARENA_ARRAY(r->a, struct seen_key, cap);
		r->seen_cap = cap;
	} else {
		memset(r->seen, 0, cap * sizeof(*r->seen));
	}
	if (!r->has_seed)
		crypto_random(r->seed, sizeof(r->seed));
	r->has_seed = true;
	for (const struct json_token *key = json_first(object); key; key = json_next(object, key))
		if (!add_seen(r, cap - 1, json_text(r->a, key)))
			return true;
	return false;
}

static bool has_duplicate_key(struct reader *r, const struct json_token *object)
{
	struct str keys[FEW_KEYS];
	size_t n = 0;

	if (object->count > FEW_KEYS)
		return has_duplicate_hashed(r, object);
	for (const struct json_token *key = json_first(object); key; key = json_next(object, key)) {
		struct str text = json_text(r->a, key);

		for (size_t i = 0; i < n; i++)
			if (str_eq(keys[i], text))
				return true;
		keys[n++] = text;
	}
	return false;
}

/* Steps over the closing bracket of the innermost container. */
static enum err close_container(struct reader *r)
{
	struct json_token *token = &r->tokens[r->open];
	size_t index = r->open;

	r->p++;
	r->depth--;
	r->open = token->span;
	token->span = (uint32_t)(r->n - index);
	token->bytes = (uint32_t)(r->p - token->p);
	if (token->type == JSON_OBJECT && token->count > 1 && has_duplicate_key(r, token))
		return malformed(r, "duplicate key in the object that ends here");
	return OK;
}

static enum err read_key(struct reader *r)
{
	if (peek_after_space(r) != '"')
		return malformed(r, "expected a key");
	enum err e = read_string(r);
	if (e)
		return e;
	if (peek_after_space(r) != ':')
		return malformed(r, "expected ':'");
	r->p++;
	return OK;
}

/* Opens a container and reads as far as its first value; *ret_open says whether there is one. */
static enum err open_container(struct reader *r, enum json_type type, char closer, bool *ret_open)
{
	if (r->depth >= r->limits->depth)
		return beyond(r, "nested too deep");
	enum err e = push(r, type);
	if (e)
		return e;
	r->p++;
	r->depth++;
	r->tokens[r->n - 1].span = r->open;
	r->open = (uint32_t)(r->n - 1);
	if (peek_after_space(r) == closer)
		return close_container(r);
	*ret_open = true;
	return type == JSON_OBJECT ? read_key(r) : OK;
}

/* Reads a scalar or an empty container whole, of another container its beginning. */
static enum err read_value(struct reader *r, bool *ret_open)
{
	char c = peek_after_space(r);

	switch (c) {
	case '"':
		return read_string(r);
	case '{':
		return open_container(r, JSON_OBJECT, '}', ret_open);
	case '[':
		return open_container(r, JSON_ARRAY, ']', ret_open);
	case 't':
		return read_word(r, JSON_BOOL, STR("true"));
	case 'f':
		return read_word(r, JSON_BOOL, STR("false"));
	case 'n':
		return read_word(r, JSON_NULL, STR("null"));
	}
	if (c == '-' || (c >= '0' && c <= '9'))
		return read_number(r);
	return malformed(r, "expected a value");
}

/* After a value: closes every container that ends here, or steps over the comma to the next value (*ret_more). */
static enum err after_value(struct reader *r, bool *ret_more)
{
	enum err e = OK;

	while (!e && r->open != NONE_OPEN) {
		struct json_token *token = &r->tokens[r->open];
		bool is_object = token->type == JSON_OBJECT;
		char c = peek_after_space(r);

		token->count++;
		if (c == ',') {
			r->p++;
			*ret_more = true;
			return is_object ? read_key(r) : OK;
		}
		if (c != (is_object ? '}' : ']'))
			return malformed(r, is_object ? "expected ',' or '}'" : "expected ',' or ']'");
		e = close_container(r);
	}
	return e;
}

static enum err read_all(struct reader *r)
{
	bool more = true;

	if (r->end - r->start > UINT32_MAX)
		return beyond(r, "too many bytes");
	while (more) {
		bool opened = false;
		enum err e = read_value(r, &opened);

		more = opened;
		if (!e && !opened)
			e = after_value(r, &more);
		if (e)
			return e;
	}
	(void)peek_after_space(r);
	return r->p == r->end ? OK : malformed(r, "something follows the value");
}

enum err json_read(struct arena *a, struct str in, const struct json_limits *limits, struct json *ret)
{
	static const struct json_limits usual = { LIMIT_JSON_DEPTH, LIMIT_JSON_TOKENS };
	struct reader r = { .a = a, .limits = limits ? limits : &usual, .open = NONE_OPEN };

	if (!in.p)
		in = STR("");
	r.p = r.start = in.p;
	r.end = in.p + in.n;
	enum err e = read_all(&r);
	if (e) {
		ret->error = r.error;
		ret->error_at = (size_t)(r.p - r.start);
		return e;
	}
	*ret = (struct json){ .tokens = r.tokens, .count = r.n, .input = in };
	return OK;
}

const struct json_token *json_root(const struct json *doc)
{
	return doc->tokens;
}

enum json_type json_type(const struct json_token *value)
{
	return value ? (enum json_type)value->type : JSON_NULL;
}

bool json_is_null(const struct json_token *value)
{
	return json_type(value) == JSON_NULL;
}

size_t json_count(const struct json_token *value)
{
	return value ? value->count : 0;
}

const struct json_token *json_get(const struct json_token *object, const char *key)
{
	struct str wanted = str_of(key);

	if (json_type(object) != JSON_OBJECT)
		return NULL;
	for (const struct json_token *at = json_first(object); at; at = json_next(object, at))
		if (json_text_is(at, wanted))
			return json_value(at);
	return NULL;
}

const struct json_token *json_first(const struct json_token *container)
{
	return json_count(container) ? container + 1 : NULL;
}

const struct json_token *json_next(const struct json_token *container, const struct json_token *at)
{
	const struct json_token *next = container->type == JSON_OBJECT ? at + 1 + at[1].span : at + at->span;

	return next < container + container->span ? next : NULL;
}

const struct json_token *json_value(const struct json_token *key)
{
	return key ? key + 1 : NULL;
}

struct str json_raw(const struct json_token *value)
{
	return value ? (struct str){ value->p, value->bytes } : STR_NONE;
}

struct str json_text(struct arena *a, const struct json_token *value)
{
	if (json_type(value) != JSON_STRING)
		return STR_NONE;
	const char *p = value->p + 1, *end = value->p + value->bytes - 1;
	if (!value->escaped)
		return (struct str){ p, (size_t)(end - p) };
	/* What is decoded is never longer than what is written. */
	char *text = arena_alloc(a, (size_t)(end - p) + 1), *to = text;
	while (p < end) {
		if (*p == '\\') {
			char bytes[4];
			size_t n = escape_decode(&p, end, bytes);

			memcpy(to, bytes, n);
			to += n;
		} else {
			*to++ = *p++;
		}
	}
	return (struct str){ text, (size_t)(to - text) };
}

bool json_text_is(const struct json_token *value, struct str text)
{
	if (json_type(value) != JSON_STRING)
		return false;
	const char *p = value->p + 1, *end = value->p + value->bytes - 1;
	if (!value->escaped)
		return str_eq((struct str){ p, (size_t)(end - p) }, text);
	while (p < end) {
		char bytes[4];
		size_t n = 1;

		if (*p == '\\')
			n = escape_decode(&p, end, bytes);
		else
			bytes[0] = *p++;

		if (!str_starts(text, (struct str){ bytes, n }))
			return false;
		text = str_skip(text, n);
	}
	return text.n == 0;
}

struct str json_number_text(const struct json_token *value)
{
	return json_type(value) == JSON_NUMBER ? json_raw(value) : STR_NONE;
}

enum err json_i64(const struct json_token *value, int64_t min, int64_t max, int64_t *ret)
{
	return str_to_i64(json_number_text(value), min, max, ret);
}

enum err json_boolean(const struct json_token *value, bool *ret)
{
	if (json_type(value) != JSON_BOOL)
		return ERR_BAD_REQUEST;
	*ret = value->p[0] == 't';
	return OK;
}

enum err json_micros(const struct json_token *value, int64_t *ret_micros)
{
	return decimal_parse(json_number_text(value), ret_micros);
}
