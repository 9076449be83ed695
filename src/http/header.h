/* http/header.h: the one walk over a request's head that decides whether we believe it.
 *
 * libmicrohttpd cuts header lines with strlen, keeps the first of doubled headers, forgets folded lines and skips
 * spaces where none may be; two parsers that read one request differently are how requests are smuggled. So the walk
 * does not trust the pieces: it checks that they lie in memory exactly as one well-formed head would, byte next to
 * byte, which nothing hidden behind a NUL, a fold or a stray space survives. Pure; allocates nothing. */
#pragma once

#include "http/server.h"

/* A head as the parser left it in its buffer: separators (the space after the method, '?', the colons, CR and LF) have
 * become NUL or stand where they were. */
struct head {
	struct str method;
	struct str target;     /* a copy of the raw bytes */
	const char *target_at; /* where they were */
	const char *version;   /* NUL-terminated */
	const char *end;       /* one past the blank line */
	struct http_header *headers;
	size_t header_count;
};

struct head_limits {
	size_t target_bytes, header_bytes, headers;
};

struct head_facts {
	uint64_t content_length; /* 0 if not sent */
	bool is_chunked;
};

/* OK, ERR_BAD_REQUEST or ERR_TOO_LARGE; *ret_refusal tells the latter apart and is set on failure only. Values lose
 * their trailing white space. */
MUST_USE enum err head_check(struct head *head, const struct head_limits *limits, struct head_facts *ret_facts,
			     enum http_refusal *ret_refusal);

/* Splits a raw target into path and query; an absolute-form target loses its scheme and authority. */
void head_split_target(struct str target, struct str *ret_path, struct str *ret_query);
