/* cli/version.c: bodega version */
#include "cli/cli.h"

#include <stdio.h>

static int run(const struct program *program, int argc, char **argv)
{
	(void)program;
	(void)argc;
	(void)argv;
	printf("bodega %s\n", BODEGA_VERSION);
	return EXIT_DONE;
}

const struct cli_command command_version = { "version", "prints the version", run };
