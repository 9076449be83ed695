/* bench/requests.h: the bytes that the load generator sends, made once and patched in place.
 *
 * A create differs from the one before in its credential (each has a template of its own, taken in turn), its
 * external id and the X digits of its number; nothing else is touched, so a request costs a send(2) and forty bytes. */
#pragma once

#include "base/str.h"

enum { EXTERNAL_ID_BYTES = 36 };

struct request_options {
	int64_t port;
	const char *credentials_path; /* lines of key:secret, sent as HTTP Basic; NULL = none */
	const char *paths_path;	      /* lines of paths to GET in turn; NULL = creates */
	const char *headers_path;     /* lines of headers that every request has; NULL = none */
	const char *create_path;      /* such as /v1/async/transactions */
	const char *body;	      /* of creates, with 36 places for an id where it has one; NULL = one of DVS */
	const char *then_path;	      /* what follows each create, see requests_then(); NULL = nothing */
	int64_t product_id;
	const char *number;	  /* +659XXXXX300: every X is a digit that counts; NULL = none */
	const char *callback_url; /* NULL = none */
	bool counting_ids; /* external ids that count up; otherwise they look random, which costs an index more */
	int64_t seed;	   /* two runs with different seeds never meet in an external id */
};

struct requests;

/* Prints what is wrong to stderr and returns NULL if a file cannot be read or is empty. */
struct requests *requests_new(const struct request_options *options);
void requests_free(struct requests *r); /* NULL is fine */

/* The next request; its bytes are good until the next call. Sets the index of the template it was made from. */
struct str requests_next(struct requests *r, size_t *ret_template);

/* What follows a create of that template, with the order that its answer names; absent if it names none. A path with
 * "{id}" is a POST there, as DVS confirms (its creates do not confirm themselves then); any other is a PUT with the
 * order in its body, as MobiMatter completes. */
struct str requests_then(struct requests *r, size_t template, struct str answer);

size_t requests_templates(const struct requests *r);
/* The path of a template, as it was read. */
struct str requests_path(const struct requests *r, size_t template);
