/* cli/webhook.c: bodega webhook */
#include "cli/cli.h"
#include "cli/verbs.h"

#define WHICH                                                                                               \
	{ "partner", "ID", 'n', "of that partner" }, { "order", "ID", 'n', "of that order" },               \
		{ "state", "STATE", 's', "pending, delivered or given_up" },                                \
		{ "since", "TIME", 's', "made at that time or later (RFC 3339, or a date)" },               \
		{ "until", "TIME", 's', "made before that time" },                                          \
	{                                                                                                   \
		"before", "ORDER", 'n', "of older orders than that one: to go on where the last page ended" \
	}

static const struct verb_row rows[] = {
	{ "list",
	  "",
	  "GET",
	  "/admin/v1/webhooks",
	  "Lists webhooks, those of the newest orders first",
	  { WHICH, { "limit", "N", 'n', "how many (100)" } } },
	{ "replay",
	  "",
	  "POST",
	  "/admin/v1/webhooks/replay",
	  "Sends again what was delivered or given up, under the same id",
	  { WHICH } },
};
static const struct noun_table table = { "webhook",
					 "  bodega webhook list --partner 7 --state given_up --since 2026-01-15\n"
					 "  bodega webhook replay --order 244013763584000\n"
					 "  bodega webhook replay --partner 7 --state given_up --json\n",
					 rows, ARRAY_LEN(rows) };

static int run(const struct program *program, int argc, char **argv)
{
	(void)program;
	return verbs_run(&table, argc, argv);
}

const struct cli_command command_webhook = { "webhook", "lists webhooks and sends them again", run };
