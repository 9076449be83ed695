/* cli/options.h: the arguments of a command as a table; the same table prints --help. */
#pragma once

#include "base/arena.h"

struct option_row {
	const char *name;  /* without the dashes */
	const char *value; /* what --help calls its value; NULL: it has none */
	const char *help;
	/* One of these is filled in. */
	const char **text;
	bool *flag;
	int64_t *number;
	int64_t min, max; /* of the number */
};

struct usage {
	const char *command;  /* "bodega demo" */
	const char *synopsis; /* "[OPTION]... FILE" */
	const char *about;    /* a paragraph or two, with examples; ends with a newline */
	const struct option_row *rows;
	size_t count;
	const char **operands; /* where they go */
	size_t operands_min, operands_max;
};

/* Prints and returns an exit code when there is nothing more to do (--help, a mistake); -1: go on. `ret_operands` (may
 * be NULL) = how many there are. Options may stand anywhere; "--" ends them. */
int options_parse(const struct usage *usage, int argc, char **argv, size_t *ret_operands);

/* Says what is wrong, names --help, returns EXIT_USAGE. */
int usage_error(const struct usage *usage, const char *fmt, ...) PRINTF_LIKE(2, 3);
