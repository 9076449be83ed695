#include "options.h"

#include <errno.h>

static const struct option_spec *find(const struct option_spec *specs, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(specs[i].name, name))
			return &specs[i];
	return NULL;
}

static bool take_number(const struct option_spec *spec, const char *text)
{
	char *end;

	errno = 0;
	double value = strtod(text, &end);
	/* Written so that NaN is refused too. */
	if (errno || end == text || *end || !(value >= (double)spec->min && value <= (double)spec->max))
		return false;
	*(double *)spec->target = value;
	return true;
}

static bool take_value(const struct option_spec *spec, const char *text)
{
	if (!text)
		return false;
	if (spec->kind == OPTION_NUMBER)
		return take_number(spec, text);
	if (spec->kind == OPTION_INTEGER)
		return str_to_i64(str_of(text), spec->min, spec->max, spec->target) == OK;
	*(const char **)spec->target = text;
	return true;
}

bool options_take(const struct option_spec *specs, size_t n, char **arguments)
{
	while (*arguments) {
		const struct option_spec *spec = find(specs, n, *arguments++);

		if (!spec) {
			fprintf(stderr, "unknown option %s\n", arguments[-1]);
			return false;
		}
		if (spec->kind == OPTION_FLAG) {
			*(bool *)spec->target = true;
			continue;
		}
		if (!take_value(spec, *arguments)) {
			fprintf(stderr, "%s: missing or impossible value\n", spec->name);
			return false;
		}
		arguments++;
	}
	return true;
}
