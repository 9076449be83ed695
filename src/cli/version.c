/* cli/version.c: bodega version */
#include "cli/cli.h"
#include "cli/options.h"

#include <stdio.h>

static int run(const struct program *program, int argc, char **argv)
{
	const struct usage usage = { "bodega version", "", "Prints the version.\n", NULL, 0, NULL, 0, 0 };
	int code = options_parse(&usage, argc, argv, NULL);

	(void)program;
	if (code >= 0)
		return code;
	printf("bodega %s\n", BODEGA_VERSION);
	return EXIT_DONE;
}

const struct cli_command command_version = { "version", "prints the version", run };
