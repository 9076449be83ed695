/* json/fields.h: a request body is a table of fields, bound into a C struct; every fault is collected, none is guessed.
 *
 *	struct order_body { uint64_t set; struct str external_id; int64_t product_id; struct source source; };
 *	enum { EXTERNAL_ID, PRODUCT_ID, SOURCE };
 *	static const struct field order_fields[] = {
 *		[EXTERNAL_ID] = { "external_id", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK,
 *				  offsetof(struct order_body, external_id), .min = 1, .max = 40 },
 *		[PRODUCT_ID] = { "product_id", FIELD_INT64, FIELD_REQUIRED, offsetof(struct order_body, product_id),
 *				 .min = 1, .max = INT32_MAX },
 *		[SOURCE] = { "source", FIELD_OBJECT, FIELD_NULLABLE, offsetof(struct order_body, source),
 *			     .object = &source_table },
 *	};
 *	static const struct fields order_table = FIELDS(order_fields, struct order_body, 0);
 *
 * Every bound struct starts with `uint64_t set`: bit i says that field i was present and not null; otherwise its member
 * is zero. Tables are static; what is bound points into the input or the arena and lives as long as both. */
#pragma once

#include "base/limits.h"
#include "json/reader.h"

/* In brackets the member's C type, then what min and max count. */
enum field_type {
	FIELD_STR,     /* [struct str] code points */
	FIELD_INT64,   /* [int64_t] digits alone: 5, neither 5.0 nor "5"; the value */
	FIELD_BOOL,    /* [bool] */
	FIELD_ENUM,    /* [int] the number of one of .names, spelled exactly */
	FIELD_DECIMAL, /* [int64_t micros] a JSON number, exact to the millionth; the micros */
	FIELD_TIME,    /* [int64_t us] a string, RFC 3339 with zone */
	FIELD_DATE,    /* [int64_t us] a string, YYYY-MM-DD; midnight UTC */
	FIELD_RAW,     /* [struct str] any value but null, verbatim; bytes */
	FIELD_OBJECT,  /* [the .object table's struct, embedded] */
	FIELD_STRS,    /* [struct field_strs] an array of strings, each as .item says; items */
};

enum {
	FIELD_REQUIRED = 1, /* absent, or null where that is not allowed, is a fault */
	FIELD_NULLABLE = 2, /* null counts as absent; with FIELD_REQUIRED the key must be there */
	FIELD_NONBLANK = 4, /* FIELD_STR: at least one character that is not white space */
	FIELD_UNIQUE = 8,   /* FIELD_STRS: no item twice; needs a max, of at most 256 */
};

enum {
	FIELDS_CLOSED = 1,    /* an unknown key is a fault; otherwise it is ignored */
	FIELDS_NOT_EMPTY = 2, /* the object must have at least one key, known or not */
};

struct field_name {
	const char *name;
	int value;
};

struct field_strs {
	struct str *items;
	size_t n;
};

struct field {
	const char *name;
	enum field_type type;
	unsigned flags;
	size_t at; /* offsetof the member */
	/* Both 0: no bounds. max 0 beside another min: no upper bound. */
	int64_t min, max;
	const struct field_name *names; /* FIELD_ENUM; ends with a NULL name */
	const struct fields *object;	/* FIELD_OBJECT */
	const struct field *item; /* FIELD_STRS: a FIELD_STR whose bounds, flags and check hold for each; or NULL */
	enum err code;		  /* of its faults; 0 = ERR_BAD_REQUEST, or what `check` returned */
	/* A rule of its own, asked when everything else is right: text is a string decoded, any other value verbatim.
	 * On failure *ret_message is the rule in words that follow the path: "must be a number in E.164". */
	enum err (*check)(struct str text, const char **ret_message);
};

struct fields {
	const struct field *list;
	size_t n;     /* at most 64 */
	size_t bytes; /* of the bound struct */
	unsigned flags;
};

#define FIELDS(list, type, flags)                              \
	{                                                      \
		(list), ARRAY_LEN(list), sizeof(type), (flags) \
	}

struct json_fault {
	const char *path; /* "source.amount", "tags[2]"; "" for the body itself */
	enum err code;
	const char *message; /* path and rule: "source.amount: must be a number" */
};

struct json_faults {
	struct json_fault items[LIMIT_FIELD_ERRORS]; /* further ones are dropped */
	size_t n;
};

/* Whether field i of a bound struct is there. */
static inline bool field_is_set(const void *bound, unsigned i)
{
	return *(const uint64_t *)bound >> i & 1;
}

/* Binds an object into *ret, a struct of table->bytes. Faults are appended in the table's order, a closed object's
 * unknown keys after them. Returns the first fault's code and leaves *ret untouched, or OK. */
MUST_USE enum err fields_bind(struct arena *a, const struct json_token *object, const struct fields *table, void *ret,
			      struct json_faults *faults);

/* Reads and binds in one step. A body that is no JSON is one fault with an empty path and the code ERR_BAD_REQUEST or
 * ERR_TOO_LARGE: "body: duplicate key at byte 17". */
MUST_USE enum err fields_read(struct arena *a, struct str body, const struct fields *table, void *ret,
			      struct json_faults *faults);

/* Appends a fault found elsewhere (a query parameter, a rule across fields); path and rule are copied or static. */
void fields_fault(struct arena *a, struct json_faults *faults, const char *path, enum err code, const char *rule);
