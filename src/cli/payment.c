/* cli/payment.c: bodega payment */
#include "cli/cli.h"
#include "cli/verbs.h"

static const struct verb_row rows[] = {
	{ "show",
	  "TRID",
	  "GET",
	  "/admin/v1/payments/{TRID}",
	  "Shows a payment request with its attempts and its callback",
	  { { NULL } } },
	{ "refund",
	  "TRID",
	  "POST",
	  "/admin/v1/payments/{TRID}/refund",
	  "Gives the money back to the payer",
	  { { NULL } } },
	{ "retry",
	  "TRID",
	  "POST",
	  "/admin/v1/payments/{TRID}/retry",
	  "Does now what waits for its time, and takes up again what was given up",
	  { { NULL } } },
	{ "merchant",
	  "PARTNER",
	  "POST",
	  "/admin/v1/partners/{PARTNER}/merchant",
	  "Says what we keep of a partner's payments, and where their ends are told",
	  { { "fee-percent", "N", 'n', "our part of each payment, such as 1.5" },
	    { "fee-fixed", "AMOUNT", 'n', "and so much of each" },
	    { "external-account-id", "TEXT", 's', "what the account is called elsewhere; empty = nothing" },
	    { "time-zone", "NAME", 's', "where its days and months begin, such as Europe/Paris; empty = UTC" },
	    { "redirect-url", "URL", 's', "where payers go when a request names none; empty = nowhere" },
	    { "call-back-url", "URL", 's', "likewise for callbacks" } } },
};
static const struct noun_table table = { "payment",
					 "  bodega payment show 0199f0a0-1c2d-7e00-8123-456789abcdef\n"
					 "  bodega payment refund 0199f0a0-1c2d-7e00-8123-456789abcdef\n"
					 "  bodega payment merchant 7 --fee-percent 1.5 --fee-fixed 0.25\n",
					 rows, ARRAY_LEN(rows) };

static int run(const struct program *program, int argc, char **argv)
{
	(void)program;
	return verbs_run(&table, argc, argv);
}

const struct cli_command command_payment = { "payment", "shows payment requests and gives money back", run };
