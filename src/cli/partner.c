/* cli/partner.c: bodega partner */
#include "cli/cli.h"
#include "cli/verbs.h"

#define PARTNER_OPTIONS                                                                                        \
	{ "currency", "CODE", 's', "the home currency, such as USD" }, { "email", "ADDRESS", 's', "contact" }, \
		{ "phone", "NUMBER", 's', "likewise, such as +33612345678; empty = none" },                    \
		{ "country", "CODE", 's', "where it is, such as FR; empty = not said" },                       \
		{ "parent", "PARTNER", 'n', "whose sub-account it is; 0 = nobody's" },                         \
		{ "locale", "TAG", 's', "default language (en)" },                                             \
		{ "price-list", "NAME", 's', "its prices (standard)" },                                        \
		{ "rate-limit", "N", 'n', "requests a second and credential; 0 = no limit" },                  \
		{ "webhook-url", "URL", 's', "where callbacks go; empty = none" },                             \
		{ "webhook-secret", "SECRET", 's', "signs them (whsec_...)" },                                 \
	{                                                                                                      \
		"sandbox", "yes|no", 'b', "its orders never reach a real supplier"                             \
	}

static const struct verb_row rows[] = {
	{ "create", "NAME", "POST", "/admin/v1/partners", "Makes a partner", { PARTNER_OPTIONS } },
	{ "list", "", "GET", "/admin/v1/partners", "Lists all partners", { { NULL } } },
	{ "show", "PARTNER", "GET", "/admin/v1/partners/{PARTNER}", "Shows one", { { NULL } } },
	{ "change",
	  "PARTNER",
	  "PATCH",
	  "/admin/v1/partners/{PARTNER}",
	  "Changes what is given",
	  { PARTNER_OPTIONS,
	    { "name", "NAME", 's', "its name" },
	    { "active", "yes|no", 'b', "no: its credentials are refused" } } },
};
static const struct noun_table table = { "partner",
					 "  bodega partner create 'Corner Shop' --currency USD\n"
					 "  bodega partner change 7 --active no\n"
					 "  bodega partner create 'Corner Shop, Lyon' --currency EUR --parent 7\n"
					 "  bodega partner list --json\n",
					 rows, ARRAY_LEN(rows) };

static int run(const struct program *program, int argc, char **argv)
{
	(void)program;
	return verbs_run(&table, argc, argv);
}

const struct cli_command command_partner = { "partner", "makes, shows and changes partners", run };
