/* service/seals.h: everything that is sealed with the master key, and the labels that bind each seal to its row. */
#pragma once

#include "service/unit.h"

struct str callback_seal_label(struct arena *a, const struct callback *c);
struct str esim_seal_label(struct arena *a, const struct esim *e);
struct str message_seal_label(struct arena *a, int64_t id);
struct str kyc_seal_label(struct arena *a, const struct kyc_check *k);

/* A column of sealed bytes. The keys of the tables are numbers. */
struct sealed_column {
	const struct table *table;
	const char *name;
	struct str (*label)(struct arena *a, const void *row);
};
extern const struct sealed_column sealed_columns[];
extern const size_t sealed_column_count;
const struct column *sealed_column_of(const struct sealed_column *sealed);
enum { SEALED_KEYS = 3 }; /* the most that one of the tables has */
