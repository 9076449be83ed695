/* cli/order.c: bodega order */
#include "cli/cli.h"
#include "cli/verbs.h"

static const struct verb_row rows[] = {
	{ "show",
	  "ORDER",
	  "GET",
	  "/admin/v1/orders/{ORDER}",
	  "Shows an order with attempts, events and callbacks",
	  { { NULL } } },
	{ "find",
	  "",
	  "GET",
	  "/admin/v1/orders",
	  "Shows the order that a partner's reference names",
	  { { "partner", "ID", 'n', "whose order" },
	    { "reference", "TEXT", 's', "its external reference" },
	    { "dialect", "NAME", 's', "in which API it was placed (dvs)" } } },
	{ "retry",
	  "ORDER",
	  "POST",
	  "/admin/v1/orders/{ORDER}/retry",
	  "Does now what waits for its time",
	  { { NULL } } },
	{ "resolve",
	  "ORDER OUTCOME",
	  "POST",
	  "/admin/v1/orders/{ORDER}/resolve",
	  "Says what became of a purchase: delivered or refused",
	  { { "unit", "N", 'n', "which unit (1)" },
	    { "operator-reference", "TEXT", 's', "what the operator calls it" } } },
	{ "reverse", "ORDER", "POST", "/admin/v1/orders/{ORDER}/reverse", "Gives the money back", { { NULL } } },
	{ "keep",
	  "ORDER",
	  "POST",
	  "/admin/v1/orders/{ORDER}/keep",
	  "Refuses a refund that was asked for",
	  { { NULL } } },
	{ "expire", "ORDER", "POST", "/admin/v1/orders/{ORDER}/expire", "Ends an unconfirmed order", { { NULL } } },
};
static const struct noun_table table = { "order",
					 "  bodega order show 244013763584000\n"
					 "  bodega order find --partner 7 --reference invoice-12\n"
					 "  bodega order resolve 244013763584000 delivered --operator-reference A12\n",
					 rows, ARRAY_LEN(rows) };

static int run(const struct program *program, int argc, char **argv)
{
	(void)program;
	return verbs_run(&table, argc, argv);
}

const struct cli_command command_order = { "order", "shows orders and pushes on what is stuck", run };
