/* cli/config_private.h: what the readers of the sections share. For cli/config*.c. */
#pragma once

#include "cli/config.h"

struct given {
	const char *section, *name;
	struct given *next;
};

/* What is being read, what has been, and what was found wrong with it first. */
struct reading {
	struct config *config;
	struct given *given; /* newest first */
	char fault[256];
};

/* Notes that a setting is wrong, and by which rule; always false. */
bool config_is_wrong(struct reading *r, const char *name, const char *rule);
/* `at` is a const char *. */
bool config_take_text(struct reading *r, void *at, struct str value);

/* A setting of such a section; `section` is the NAME. False: it is wrong, and noted. */
bool config_take_supplier(struct reading *r, struct str section, struct str name, struct str value);
bool config_take_kyc_provider(struct reading *r, struct str section, struct str name, struct str value);
bool config_take_stripe(struct reading *r, struct str name, struct str value);

/* What a supplier lacks, as a sentence in the configuration's arena; NULL: nothing. */
const char *config_missing_of_supplier(struct config *c, const struct supplier_config *s);

bool config_supplier_differs(const struct supplier_config *a, const struct supplier_config *b);
bool config_kyc_provider_differs(const struct kyc_provider *a, const struct kyc_provider *b);
bool config_stripe_differs(const struct provider_config *a, const struct provider_config *b);
