/* cli/sandbox.c: bodega sandbox: what only a demo or sandbox store lets itself be told. */
#include "cli/cli.h"
#include "cli/verbs.h"

static const struct verb_row rows[] = {
	{ "advance",
	  "BY",
	  "POST",
	  "/admin/v1/clock/advance",
	  "Moves the business clock and wakes every timer",
	  { { NULL } } },
	{ "clock", "", "GET", "/admin/v1/clock", "Shows the business clock", { { NULL } } },
	{ "expire",
	  "ORDER",
	  "POST",
	  "/admin/v1/orders/{ORDER}/expire",
	  "Expires an unconfirmed order now",
	  { { NULL } } },
	{ "kyc",
	  "ORDER DECISION",
	  "POST",
	  "/admin/v1/orders/{ORDER}/kyc/{DECISION}",
	  "Decides an identity check: approve or reject",
	  { { NULL } } },
};
static const struct noun_table table = { "sandbox",
					 "  bodega sandbox --data bodega-demo advance 25h\n"
					 "  bodega sandbox --data bodega-demo expire 244013763584000\n",
					 rows, ARRAY_LEN(rows) };

static int run(const struct program *program, int argc, char **argv)
{
	(void)program;
	return verbs_run(&table, argc, argv);
}

const struct cli_command command_sandbox = { "sandbox", "moves a sandbox's clock, expires its orders", run };
