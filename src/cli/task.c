/* cli/task.c: bodega task, bodega status */
#include "cli/cli.h"
#include "cli/verbs.h"

static const struct verb_row rows[] = {
	{ "list",
	  "",
	  "GET",
	  "/admin/v1/tasks",
	  "Lists what a person has to look at",
	  { { "all", NULL, 'b', "closed ones too" }, { "limit", "N", 'n', "how many (100)" } } },
	{ "close", "TASK", "POST", "/admin/v1/tasks/{TASK}/close", "Says that it was seen to", { { NULL } } },
};
static const struct noun_table table = { "task", "  bodega task list\n  bodega task close 244013763584000\n", rows,
					 ARRAY_LEN(rows) };

static int run(const struct program *program, int argc, char **argv)
{
	(void)program;
	return verbs_run(&table, argc, argv);
}

const struct cli_command command_task = { "task", "shows and closes what a person has to look at", run };

static const struct verb_row status_rows[] = {
	{ "status", "", "GET", "/admin/v1/status", "Shows queues, open orders and open questions", { { NULL } } },
};
static const struct noun_table status_table = { "status", "  bodega status --data /var/lib/bodega\n", status_rows,
						ARRAY_LEN(status_rows) };

/* Its one verb is its own name: `bodega status` is what a person types. */
static int run_status(const struct program *program, int argc, char **argv)
{
	char *words[16] = { "status", "status" };

	(void)program;
	for (int i = 1; i < argc && i < 15; i++)
		words[i + 1] = argv[i];
	return verbs_run(&status_table, argc < 15 ? argc + 1 : 16, words);
}

const struct cli_command command_status = { "status", "shows how the server is", run_status };
