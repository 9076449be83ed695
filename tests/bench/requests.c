#include "requests.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "wire.h"

#include <errno.h>

enum { FILE_BYTES_MAX = 64 * 1024 * 1024, REQUEST_BYTES = 64 * 1024, NUMBER_DIGITS = 12 };

struct template
{
	char *bytes;
	size_t n;
	struct str credential;	     /* that it is sent with; absent = none */
	char *external_id;	     /* NULL in a GET */
	char *digits[NUMBER_DIGITS]; /* least significant first */
	size_t digit_count;
};

struct requests {
	struct arena arena;
	struct template *templates;
	size_t template_count, at;
	struct str headers; /* as they are sent */
	const char *then_path;
	int port;
	char then[REQUEST_BYTES];
	uint64_t count, seed;
	bool counting_ids;
};

/* A bijection of 64 bits: distinct counters stay distinct and look random (the finishing steps of SplitMix64). */
static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

static void put_hex(char *at, uint64_t value, size_t digits)
{
	while (digits--) {
		at[digits] = "0123456789abcdef"[value & 15];
		value >>= 4;
	}
}

/* Thirty-six characters, as a UUID has them. The first sixteen digits of one that looks random are a bijection of the
 * counter and the last twelve carry the seed, so that no two are equal. */
static void put_external_id(char *at, const struct requests *r)
{
	if (r->counting_ids) {
		memcpy(at, "bench-", 6);
		put_hex(at + 6, r->seed, 12);
		at[18] = '-';
		put_hex(at + 19, r->count, 17);
		return;
	}
	uint64_t high = mix(r->count + r->seed);
	put_hex(at, high >> 32, 8);
	put_hex(at + 9, high >> 16, 4);
	put_hex(at + 14, high, 4);
	put_hex(at + 19, mix(high ^ r->seed), 4);
	put_hex(at + 24, r->seed, 12);
	at[8] = at[13] = at[18] = at[23] = '-';
}

static bool read_lines(const char *path, struct arena *a, struct str **ret, size_t *ret_n)
{
	FILE *file = fopen(path, "r");

	if (!file) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return false;
	}
	struct buf whole;
	buf_init(&whole, FILE_BYTES_MAX);
	char part[4096];
	for (size_t got; (got = fread(part, 1, sizeof(part), file)) > 0;)
		buf_put(&whole, part, got);
	fclose(file);
	struct str rest = arena_str(a, buf_view(&whole));
	bool too_large = whole.failed;
	buf_done(&whole);
	if (too_large) {
		fprintf(stderr, "%s: too large\n", path);
		return false;
	}
	size_t lines = 1, n = 0;
	for (size_t i = 0; i < rest.n; i++)
		lines += rest.p[i] == '\n';
	struct str *found = ARENA_ARRAY(a, struct str, lines);
	while (rest.n) {
		struct str line = str_trim(str_cut(&rest, '\n'));

		if (line.n)
			found[n++] = line;
	}
	if (n == 0)
		fprintf(stderr, "%s: no line in it\n", path);
	*ret = found;
	*ret_n = n;
	return n > 0;
}

static void put_authorization(struct buf *b, struct str credential)
{
	if (!credential.n)
		return;
	buf_lit(b, "Authorization: Basic ");
	buf_base64(b, credential.p, credential.n);
	buf_lit(b, "\r\n");
}

static void put_body(struct buf *b, const struct request_options *o)
{
	if (o->body) {
		buf_str(b, str_of(o->body));
		return;
	}
	buf_printf(b, "{\"external_id\":\"%.*s\",\"product_id\":%lld,\"auto_confirm\":%s", EXTERNAL_ID_BYTES,
		   "________-____-____-____-____________", (long long)o->product_id, o->then_path ? "false" : "true");
	if (o->number)
		buf_printf(b, ",\"credit_party_identifier\":{\"mobile_number\":\"%s\"}", o->number);
	if (o->callback_url)
		buf_printf(b, ",\"callback_url\":\"%s\"", o->callback_url);
	buf_char(b, '}');
}

static void build_create(struct template *t, struct requests *r, const struct request_options *o, struct str credential)
{
	struct arena *a = &r->arena;
	struct buf head, body;

	buf_init(&head, REQUEST_BYTES);
	buf_init(&body, REQUEST_BYTES);
	put_body(&body, o);
	buf_printf(&head, "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n", o->create_path, (int)o->port);
	put_authorization(&head, credential);
	buf_str(&head, r->headers);
	buf_printf(&head, "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n", body.n);
	size_t body_at = head.n;
	buf_str(&head, buf_view(&body));
	must(!head.failed && !body.failed);

	char *bytes = arena_alloc(a, head.n);
	memcpy(bytes, head.p, head.n);
	*t = (struct template){ .bytes = bytes, .n = head.n, .credential = credential };
	t->external_id = memmem(bytes + body_at, head.n - body_at, "________-", 9);
	char *number = memmem(bytes + body_at, head.n - body_at, "\"mobile_number\":\"", 17);
	if (number)
		for (char *at = number + strlen(o->number) + 16; at > number + 16; at--)
			if (*at == 'X' && t->digit_count < NUMBER_DIGITS)
				t->digits[t->digit_count++] = at;
	buf_done(&head);
	buf_done(&body);
}

static void build_get(struct template *t, struct requests *r, struct str path, struct str credential)
{
	struct buf head;

	buf_init(&head, REQUEST_BYTES);
	buf_printf(&head, "GET %.*s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n", STR_ARG(path), r->port);
	put_authorization(&head, credential);
	buf_str(&head, r->headers);
	buf_lit(&head, "\r\n");
	must(!head.failed);
	char *bytes = arena_alloc(&r->arena, head.n);
	memcpy(bytes, head.p, head.n);
	*t = (struct template){ .bytes = bytes, .n = head.n };
	buf_done(&head);
}

static bool read_headers(struct requests *r, const char *path)
{
	struct str *lines;
	struct buf b;
	size_t n;

	if (!read_lines(path, &r->arena, &lines, &n))
		return false;
	buf_init(&b, REQUEST_BYTES);
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%.*s\r\n", STR_ARG(lines[i]));
	r->headers = arena_str(&r->arena, buf_view(&b));
	buf_done(&b);
	return true;
}

struct requests *requests_new(const struct request_options *o)
{
	struct requests *r = calloc(1, sizeof(*r));
	struct str none = STR_NONE, *credentials = &none, *paths = NULL;
	size_t credential_count = 1, path_count = 0;

	must(r);
	arena_init(&r->arena);
	r->seed = (uint64_t)o->seed & 0xffffffffffffu;
	r->counting_ids = o->counting_ids;
	r->port = (int)o->port;
	r->then_path = o->then_path;
	if ((o->headers_path && !read_headers(r, o->headers_path)) ||
	    (o->credentials_path && !read_lines(o->credentials_path, &r->arena, &credentials, &credential_count)) ||
	    (o->paths_path && !read_lines(o->paths_path, &r->arena, &paths, &path_count))) {
		requests_free(r);
		return NULL;
	}
	r->template_count = paths ? path_count : credential_count;
	r->templates = ARENA_ARRAY(&r->arena, struct template, r->template_count);
	for (size_t i = 0; i < r->template_count; i++)
		if (paths)
			build_get(&r->templates[i], r, paths[i], credentials[i % credential_count]);
		else
			build_create(&r->templates[i], r, o, credentials[i]);
	return r;
}

void requests_free(struct requests *r)
{
	if (!r)
		return;
	arena_done(&r->arena);
	free(r);
}

struct str requests_next(struct requests *r, size_t *ret_template)
{
	struct template *t = &r->templates[r->at];
	*ret_template = r->at;
	uint64_t number = r->count;

	r->at = r->at + 1 < r->template_count ? r->at + 1 : 0;
	if (t->external_id)
		put_external_id(t->external_id, r);
	for (size_t i = 0; i < t->digit_count; i++, number /= 10)
		*t->digits[i] = (char)('0' + number % 10);
	r->count++;
	return (struct str){ t->bytes, t->n };
}

/* "/{id}/..." names the order in its path, as DVS does; otherwise the body does, as MobiMatter's. */
struct str requests_then(struct requests *r, size_t template, struct str answer)
{
	struct buf b = { .p = r->then, .cap = sizeof(r->then), .max = sizeof(r->then) };
	struct str rest = str_of(r->then_path), before = str_cut(&rest, '{');
	bool in_path = rest.p && rest.n;
	struct str id = wire_json_value(answer, in_path ? "\"id\":" : "\"orderId\":");

	if (!id.n)
		return STR_NONE;
	buf_printf(&b, "%s %.*s", in_path ? "POST" : "PUT", STR_ARG(before));
	if (in_path) {
		str_cut(&rest, '}');
		buf_str(&b, id);
		buf_str(&b, rest);
	}
	buf_printf(&b, " HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n", r->port);
	put_authorization(&b, r->templates[template].credential);
	buf_str(&b, r->headers);
	if (in_path)
		buf_lit(&b, "Content-Length: 0\r\n\r\n");
	else
		buf_printf(&b, "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n{\"orderId\":\"%.*s\"}",
			   id.n + 14, STR_ARG(id));
	must(!b.failed);
	return buf_view(&b);
}

size_t requests_templates(const struct requests *r)
{
	return r->template_count;
}

struct str requests_path(const struct requests *r, size_t template)
{
	struct str line = { r->templates[template].bytes, r->templates[template].n };

	str_cut(&line, ' ');
	return str_cut(&line, ' ');
}
