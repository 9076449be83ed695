#include "cli/options.h"

#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>

static void print_row(const char *name, const char *value, const char *help)
{
	char left[64];

	snprintf(left, sizeof(left), "--%s%s%s", name, value ? " " : "", value ? value : "");
	printf("  %-26s %s\n", left, help);
}

static void print_help(const struct usage *u)
{
	printf("Usage: %s %s\n\n%s", u->command, u->synopsis, u->about);
	printf("\nOptions:\n");
	for (size_t i = 0; i < u->count; i++)
		print_row(u->rows[i].name, u->rows[i].value, u->rows[i].help);
	print_row("help", NULL, "prints this");
}

int usage_error(const struct usage *u, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fprintf(stderr, "%s: ", u->command);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "\nTry: %s --help\n", u->command);
	return EXIT_USAGE;
}

static const struct option_row *find(const struct usage *u, struct str name)
{
	for (size_t i = 0; i < u->count; i++)
		if (str_is(name, u->rows[i].name))
			return &u->rows[i];
	return NULL;
}

static int take(const struct usage *u, const struct option_row *row, const char *value)
{
	if (row->flag)
		*row->flag = true;
	else if (row->text)
		*row->text = value;
	else if (str_to_i64(str_of(value), row->min, row->max, row->number))
		return usage_error(u, "--%s must be a whole number from %lld to %lld", row->name, (long long)row->min,
				   (long long)row->max);
	return -1;
}

/* The option at argv[*at], which moves past its value. */
static int parse_option(const struct usage *u, int argc, char **argv, int *at)
{
	struct str rest = str_of(argv[*at] + 2), name = str_cut(&rest, '=');
	const struct option_row *row = find(u, name);

	if (str_is(name, "help")) {
		print_help(u);
		return EXIT_DONE;
	}
	if (!row)
		return usage_error(u, "there is no option --%.*s", STR_ARG(name));
	if (!row->value && rest.p)
		return usage_error(u, "--%s has no value", row->name);
	if (!row->value || rest.p)
		return take(u, row, rest.p);
	if (++*at >= argc)
		return usage_error(u, "--%s needs a value", row->name);
	return take(u, row, argv[*at]);
}

int options_parse(const struct usage *u, int argc, char **argv, size_t *ret_operands)
{
	size_t operands = 0;
	bool options_over = false;

	for (int i = 1; i < argc; i++) {
		if (!options_over && str_is(str_of(argv[i]), "--")) {
			options_over = true;
			continue;
		}
		if (!options_over && str_is(str_of(argv[i]), "-h")) {
			print_help(u);
			return EXIT_DONE;
		}
		if (!options_over && str_starts(str_of(argv[i]), STR("--"))) {
			int code = parse_option(u, argc, argv, &i);

			if (code >= 0)
				return code;
			continue;
		}
		if (operands == u->operands_max)
			return usage_error(u, "\"%s\" is one too many", argv[i]);
		u->operands[operands++] = argv[i];
	}
	if (operands < u->operands_min)
		return usage_error(u, "something is missing: %s", u->synopsis);
	if (ret_operands)
		*ret_operands = operands;
	return -1;
}
