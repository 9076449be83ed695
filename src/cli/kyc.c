/* cli/kyc.c: bodega kyc */
#include "cli/cli.h"
#include "cli/verbs.h"

static const struct verb_row rows[] = {
	{ "list",
	  "",
	  "GET",
	  "/admin/v1/kyc",
	  "Lists the identity checks that wait for a decision",
	  { { "all", NULL, 'b', "those for which nothing was given so far, too" },
	    { "limit", "N", 'n', "how many (100)" } } },
	{ "show",
	  "ORDER",
	  "POST",
	  "/admin/v1/orders/{ORDER}/kyc/reveal",
	  "Shows what the customer gave; this is written down",
	  { { NULL } } },
	{ "approve",
	  "ORDER",
	  "POST",
	  "/admin/v1/orders/{ORDER}/kyc/approve",
	  "The customer is who they say: the eSIM is bought",
	  { { "reason", "TEXT", 's', "for the audit" } } },
	{ "reject",
	  "ORDER",
	  "POST",
	  "/admin/v1/orders/{ORDER}/kyc/reject",
	  "Cancels the order; the money is back",
	  { { "reason", "TEXT", 's', "for the audit" } } },
};
static const struct noun_table table = { "kyc",
					 "  bodega kyc list\n"
					 "  bodega kyc show 244013763584000\n"
					 "  bodega kyc reject 244013763584000 --reason 'the document is over'\n",
					 rows, ARRAY_LEN(rows) };

static int run(const struct program *program, int argc, char **argv)
{
	(void)program;
	return verbs_run(&table, argc, argv);
}

const struct cli_command command_kyc = { "kyc", "shows and decides checks of identities", run };
