/* cli/wallet.c: bodega wallet */
#include "cli/cli.h"
#include "cli/verbs.h"

#define POST_OPTIONS                                                                    \
	{ "reference", "TEXT", 's', "the same one again within 24 h changes nothing" }, \
	{                                                                               \
		"note", "TEXT", 's', "why, for the audit"                               \
	}

static const struct verb_row rows[] = {
	{ "list", "PARTNER", "GET", "/admin/v1/partners/{PARTNER}/wallets", "Lists a partner's wallets", { { NULL } } },
	{ "open",
	  "PARTNER CURRENCY",
	  "PUT",
	  "/admin/v1/partners/{PARTNER}/wallets/{CURRENCY}",
	  "Opens a wallet, or sets its overdraft",
	  { { "overdraft", "AMOUNT", 'n', "how far below zero orders may take it (0)" } } },
	{ "top-up",
	  "PARTNER CURRENCY AMOUNT",
	  "POST",
	  "/admin/v1/partners/{PARTNER}/wallets/{CURRENCY}/top-up",
	  "Puts money in",
	  { POST_OPTIONS } },
	{ "adjust",
	  "PARTNER CURRENCY AMOUNT",
	  "POST",
	  "/admin/v1/partners/{PARTNER}/wallets/{CURRENCY}/adjust",
	  "Corrects it, up or down",
	  { POST_OPTIONS } },
	{ "statement",
	  "PARTNER CURRENCY",
	  "GET",
	  "/admin/v1/partners/{PARTNER}/wallets/{CURRENCY}",
	  "Shows its movements, newest first",
	  { { "limit", "N", 'n', "how many (100)" }, { "before", "SEQ", 'n', "those before this one" } } },
};
static const struct noun_table table = { "wallet",
					 "  bodega wallet open 7 USD --overdraft 500\n"
					 "  bodega wallet top-up 7 USD 1000.50 --reference bank-2231\n"
					 "  bodega wallet adjust 7 USD -- -3.60\n"
					 "  bodega wallet statement 7 USD --limit 20\n",
					 rows, ARRAY_LEN(rows) };

static int run(const struct program *program, int argc, char **argv)
{
	(void)program;
	return verbs_run(&table, argc, argv);
}

const struct cli_command command_wallet = { "wallet", "opens, fills, corrects and shows wallets", run };
