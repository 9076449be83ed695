/* bench/options.h: the command lines of the benchmark programs, as tables. */
#pragma once

#include "base/str.h"

enum option_kind {
	OPTION_TEXT,	/* const char * */
	OPTION_INTEGER, /* int64_t, within [min, max] */
	OPTION_NUMBER,	/* double, within [min, max] */
	OPTION_FLAG	/* bool; takes no value */
};

struct option_spec {
	const char *name; /* with its dashes */
	enum option_kind kind;
	void *target;
	int64_t min, max;
};

/* Fills the targets from "--name value"; false, with a line on stderr, on an unknown name or an impossible value. */
bool options_take(const struct option_spec *specs, size_t n, char **arguments);
