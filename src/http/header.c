#include "http/header.h"

/* RFC 9110 5.6.2: the bytes of a header name and of a method. */
static bool is_token_byte(unsigned char c)
{
	if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
		return true;
	return c && strchr("!#$%&'*+-.^_`|~", c);
}

static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_token_byte((unsigned char)s.p[i]))
			return false;
	return s.n > 0;
}

static bool is_value(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < ' ' && c != '\t') || c == 0x7F)
			return false;
	}
	return true;
}

static bool is_target(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c == 0x7F)
			return false;
		/* No text of ours holds a NUL, and C code behind us would cut there. */
		if (c == '%' && s.n - i > 2 && s.p[i + 1] == '0' && s.p[i + 2] == '0')
			return false;
	}
	return s.n > 0;
}

/* Is there a CR LF, which the parser has made two NULs, at `at`? */
static bool is_line_end(const char *at, const char *end)
{
	return end - at >= 2 && at[0] == '\0' && at[1] == '\0';
}

/* Method, target and version with one space between, then a line end. Returns where the headers begin, or NULL. */
static const char *check_request_line(const struct head *head)
{
	size_t version_bytes = strlen(head->version);

	if (!is_token(head->method) || !is_target(head->target))
		return NULL;
	if (head->method.p + head->method.n + 1 != head->target_at)
		return NULL;
	if (head->target_at + head->target.n + 1 != head->version)
		return NULL;
	if (!is_line_end(head->version + version_bytes, head->end))
		return NULL;
	return head->version + version_bytes + 2;
}

/* One header line at `at`. Returns where the next begins, or NULL. */
static const char *check_line(struct http_header *header, const char *at, const char *end)
{
	if (header->name.p != at || !is_token(header->name) || !is_value(header->value))
		return NULL;
	const char *gap = at + header->name.n + 1;
	if (header->value.p < gap)
		return NULL;
	for (; gap < header->value.p; gap++)
		if (*gap != ' ' && *gap != '\t')
			return NULL;
	const char *after = header->value.p + header->value.n;
	if (!is_line_end(after, end))
		return NULL;
	header->value = str_trim(header->value);
	return after + 2;
}

enum single { SINGLE_HOST, SINGLE_LENGTH, SINGLE_AUTHORIZATION, SINGLE_ENCODING, SINGLES };

/* Headers of which a second one means that somebody on the way reads another request than we do. */
static const struct str single_names[SINGLES] = {
	[SINGLE_HOST] = { "Host", 4 },
	[SINGLE_LENGTH] = { "Content-Length", 14 },
	[SINGLE_AUTHORIZATION] = { "Authorization", 13 },
	[SINGLE_ENCODING] = { "Transfer-Encoding", 17 },
};

static bool note_single(const struct http_header *header, const struct http_header *seen[SINGLES])
{
	for (size_t i = 0; i < SINGLES; i++) {
		if (!str_eq_nocase(header->name, single_names[i]))
			continue;
		if (seen[i])
			return false;
		seen[i] = header;
	}
	return true;
}

static bool check_framing(const struct head *head, const struct http_header *const seen[SINGLES],
			  struct head_facts *ret_facts)
{
	struct head_facts facts = { 0 };
	const struct http_header *encoding = seen[SINGLE_ENCODING];

	if (!seen[SINGLE_HOST] && strcmp(head->version, "HTTP/1.0") != 0)
		return false;
	if (encoding) {
		/* The parser compares without trimming, so the line must end right after the word for us too; an
		 * HTTP/1.0 sender cannot know of chunks. */
		if (seen[SINGLE_LENGTH] || !str_eq_nocase(encoding->value, STR("chunked")) ||
		    encoding->value.p[encoding->value.n] != '\0' || strcmp(head->version, "HTTP/1.1") != 0)
			return false;
		facts.is_chunked = true;
	}
	if (seen[SINGLE_LENGTH]) {
		int64_t length;

		if (seen[SINGLE_LENGTH]->value.p[0] == '-' ||
		    str_to_i64(seen[SINGLE_LENGTH]->value, 0, INT64_MAX, &length))
			return false;
		facts.content_length = (uint64_t)length;
	}
	*ret_facts = facts;
	return true;
}

enum err head_check(struct head *head, const struct head_limits *limits, struct head_facts *ret_facts,
		    enum http_refusal *ret_refusal)
{
	const struct http_header *seen[SINGLES] = { NULL };

	if (head->target.n > limits->target_bytes) {
		*ret_refusal = HTTP_REFUSED_TARGET;
		return ERR_TOO_LARGE;
	}
	*ret_refusal = HTTP_REFUSED_HEADER;
	const char *at = check_request_line(head);
	if (!at)
		return ERR_BAD_REQUEST;
	if (head->header_count > limits->headers || (size_t)(head->end - at) > limits->header_bytes) {
		*ret_refusal = HTTP_REFUSED_HEADERS;
		return ERR_TOO_LARGE;
	}
	for (size_t i = 0; i < head->header_count; i++) {
		at = check_line(&head->headers[i], at, head->end);
		if (!at || !note_single(&head->headers[i], seen))
			return ERR_BAD_REQUEST;
	}
	/* Nothing but the blank line is left. */
	if (head->end - at != 2 || !is_line_end(at, head->end) || !check_framing(head, seen, ret_facts))
		return ERR_BAD_REQUEST;
	return OK;
}

/* "http://host:port/path" and "https://...": what a client sends to a proxy, and may send to us (RFC 9112 3.2.2). */
static struct str skip_authority(struct str target)
{
	static const struct str schemes[] = { { "http://", 7 }, { "https://", 8 } };

	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		struct str head = { target.p, schemes[i].n };

		if (target.n < schemes[i].n || !str_eq_nocase(head, schemes[i]))
			continue;
		struct str rest = str_skip(target, schemes[i].n);
		while (rest.n && *rest.p != '/' && *rest.p != '?')
			rest = str_skip(rest, 1);
		return rest;
	}
	return target;
}

void head_split_target(struct str target, struct str *ret_path, struct str *ret_query)
{
	struct str rest = skip_authority(target);
	struct str path = str_cut(&rest, '?');

	*ret_path = path.n ? path : STR("/");
	*ret_query = rest;
}
