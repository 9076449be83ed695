/* cli/show.h: an answer of the admin API, or a result of the same form, as a person reads it: lists as tables, objects
 * as lines. */
#pragma once

#include "base/buf.h"

/* Prints it; verbatim when `as_json`, or when it is not JSON. */
void show_answer(struct str answer, bool as_json);
/* The message of a refusal on stderr. */
void show_refusal(const char *command, int status, struct str answer);
