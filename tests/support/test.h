/* tests/support/test.h: cmocka with its prerequisites, and checks that print what they compared. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"

#define check_str(actual, expected) check_str_at((actual), (expected), __FILE__, __LINE__)
#define check_ok(e) check_err((e), OK)
#define check_err(actual, expected) check_err_at((actual), (expected), __FILE__, __LINE__)

static inline void check_str_at(struct str actual, const char *expected, const char *file, int line)
{
	if (!str_is(actual, expected)) {
		print_error("got \"%.*s\"\nnot \"%s\"\n", STR_ARG(actual), expected);
		_fail(file, line);
	}
}

static inline void check_err_at(enum err actual, enum err expected, const char *file, int line)
{
	if (actual != expected) {
		print_error("got %s, not %s\n", err_name(actual), err_name(expected));
		_fail(file, line);
	}
}
