/* cli/credential.c: bodega credential */
#include "cli/cli.h"
#include "cli/verbs.h"

static const struct verb_row rows[] = {
	{ "issue",
	  "PARTNER DIALECT",
	  "POST",
	  "/admin/v1/partners/{PARTNER}/credentials",
	  "Issues a credential; its secret is shown this once",
	  { { "public-id", "ID", 's', "the public half, if it shall be this one" },
	    { "restricted", "yes|no", 'b',
	      "mobip: also what is for operators (no); mobimatter: also refunds and SMS (yes)" } } },
	{ "list", "PARTNER", "GET", "/admin/v1/partners/{PARTNER}/credentials", "Lists a partner's", { { NULL } } },
	{ "rotate",
	  "CREDENTIAL",
	  "POST",
	  "/admin/v1/credentials/{CREDENTIAL}/rotate",
	  "Issues its successor; both are good for a while",
	  { { "overlap", "DURATION", 's', "how long the old one stays good (0)" } } },
	{ "revoke", "CREDENTIAL", "DELETE", "/admin/v1/credentials/{CREDENTIAL}", "Ends one now", { { NULL } } },
};
static const struct noun_table table = { "credential",
					 "  bodega credential issue 7 dvs\n"
					 "  bodega credential rotate 244013763584000 --overlap 24h\n"
					 "  bodega credential revoke 244013763584000\n",
					 rows, ARRAY_LEN(rows) };

static int run(const struct program *program, int argc, char **argv)
{
	(void)program;
	return verbs_run(&table, argc, argv);
}

const struct cli_command command_credential = { "credential", "issues, rotates and revokes credentials", run };
