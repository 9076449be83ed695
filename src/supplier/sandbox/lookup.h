/* supplier/sandbox/lookup.h: what the sandbox knows about customers: synthetic, and the same whenever it is asked.
 *
 * Everything follows from the account number or ICCID and the day. Statements: an account that ends in 00 owes nothing,
 * one in 02 does not exist. Of eSIMs (service 13): any ICCID of 19 or 20 digits that passes Luhn's test; one that ends
 * in 0 is not installed yet, in 1 or 2 not yet in use. Other services have no benefits and no status to ask for. */
#pragma once

#include "core/lookup.h"

extern const struct lookup sandbox_lookup;
