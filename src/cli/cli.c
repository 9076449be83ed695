#include "cli/cli.h"

#include <stdio.h>

static const struct cli_command *const commands[] = {
	&command_demo,	     &command_init,    &command_serve,	 &command_status,  &command_login,   &command_partner,
	&command_credential, &command_wallet,  &command_catalog, &command_stock,   &command_order,   &command_payment,
	&command_kyc,	     &command_webhook, &command_task,	 &command_sandbox, &command_verify,  &command_backup,
	&command_restore,    &command_export,  &command_import,	 &command_key,	   &command_version,
};

static void print_help(FILE *to)
{
	fprintf(to, "Usage: bodega COMMAND [OPTION]...\n\n"
		    "A server that sells eSIMs, top-ups, gift cards and bill payments to API partners.\n\nCommands:\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(to, "  %-12s %s\n", commands[i]->name, commands[i]->summary);
	fprintf(to, "\nbodega COMMAND --help explains a command, with examples.\n"
		    "Exit codes: 0 done, 1 refused or differences found, 2 wrong usage, 3 server or store unusable.\n");
}

static const struct cli_command *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (name && str_is(str_of(name), commands[i]->name))
			return commands[i];
	return NULL;
}

/* `bodega help COMMAND` is `bodega COMMAND --help`. */
static int explain(const struct program *program, const struct cli_command *command)
{
	char name[32], option[] = "--help";
	char *argv[] = { name, option, NULL };

	snprintf(name, sizeof(name), "%s", command->name);
	return command->run(program, 2, argv);
}

int cli_main(const struct program *program, int argc, char **argv)
{
	struct str name = argc > 1 ? str_of(argv[1]) : STR_NONE;

	if (crypto_start()) {
		fprintf(stderr, "bodega: the random generator does not start\n");
		return EXIT_UNUSABLE;
	}

	const struct cli_command *command = find(name.p);
	if (command)
		return command->run(program, argc - 1, argv + 1);
	command = str_is(name, "help") && argc > 2 ? find(argv[2]) : NULL;
	if (command)
		return explain(program, command);
	if (str_is(name, "help") || str_is(name, "--help") || str_is(name, "-h")) {
		print_help(stdout);
		return EXIT_DONE;
	}
	if (str_is(name, "--version"))
		return command_version.run(program, argc - 1, argv + 1);
	if (name.p)
		fprintf(stderr, "bodega: there is no command \"%.*s\"\n", STR_ARG(name));
	print_help(stderr);
	return EXIT_USAGE;
}
