/* base/must.h: assertions and attributes used everywhere.
 *
 * must() is for the impossible only (an unbalanced batch, a state outside its enum) and aborts in every build:
 * with money, stopping is better than being wrong. Foreign input never reaches a must(). */
#pragma once

#define MUST_USE __attribute__((warn_unused_result))
#define NORETURN __attribute__((noreturn))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

#define must(condition) ((condition) ? (void)0 : must_failed(#condition, __FILE__, __LINE__))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Prints the failed condition to stderr and aborts. */
NORETURN void must_failed(const char *condition, const char *file, int line);
