/* cli/verbs.h: commands that are one call of the admin API each: tables, and the one function that runs them. */
#pragma once

#include "base/str.h"

/* An option that becomes a member of the body, or of the query of GET. */
struct verb_option {
	const char *name;  /* as typed, with '-'; the member is spelled with '_' */
	const char *value; /* NULL: a flag, true when given */
	char type;	   /* 's' text, 'n' a number as it stands, 'b' true or false */
	const char *help;
};

enum { VERB_OPTIONS = 16 };

struct verb_row {
	const char *word;     /* "create" */
	const char *operands; /* "NAME" "PARTNER CURRENCY AMOUNT": those that the path does not take go into the body */
	const char *method, *path; /* "/admin/v1/partners/{PARTNER}" */
	const char *help;
	struct verb_option options[VERB_OPTIONS]; /* ends with a NULL name */
};

struct noun_table {
	const char *noun;     /* "partner" */
	const char *examples; /* for --help; ends with a newline */
	const struct verb_row *rows;
	size_t count;
};

/* bodega NOUN VERB [OPTION]... OPERAND...; an exit code. */
int verbs_run(const struct noun_table *table, int argc, char **argv);
