/* service/demo_catalog.h: a catalogue to try things with: the lines of an import, the same ones every time.
 *
 * It has every service, subservice and product type, mobile operators of nearly all countries with their prefixes, GXX
 * and EXX products, promotions, campaigns and the price lists "standard" (USD), "euro" (EUR) and "small" (USD, about
 * one product in a hundred). Some products have ids that the documentation and the tests count on. */
#pragma once

#include "service/catalog.h"

enum { DEMO_PRODUCTS = 50000, DEMO_PRODUCTS_MAX = 1000000 };

enum demo_product {
	DEMO_FIXED_RECHARGE = 1310,  /* 5 SGD on SingTel (operator 5, prefix 6595), for 3.6 USD */
	DEMO_RANGED_RECHARGE = 1320, /* 80 to 800 BDT for 1 to 10 USD; 0.96 to 9.6 EUR in "euro" */
	DEMO_GIFT_CARD = 1330,	     /* a PIN for nobody in particular: no party is required */
	DEMO_RANGED_GIFT_CARD = 1331,
	DEMO_ESIM = 1340, /* global; account_number = an ICCID tops it up */
	DEMO_ESIM_EUROPE = 1341,
	DEMO_BILL_PAYMENT = 1350, /* ranged, with statement inquiry */
	DEMO_APPLE_2 = 1390,	  /* from stock, like the next two: gift cards of 2, 3 and 30 USD */
	DEMO_APPLE_3 = 1391,
	DEMO_APPLE_30 = 1392,
	DEMO_ANY_TOP_UP = 1393,	  /* any amount in AED */
	DEMO_HARBOUR_CARD = 1395, /* from stock, up to 20 at once */
	DEMO_STOCK_ESIM = 1398,	  /* profiles from stock */
	DEMO_STOCK_PLAN = 1378,	  /* the same of the eSIM APIs, of which there is one */
	DEMO_IN_STANDARD = 1360,  /* in the list "standard" alone */
};

/* Gives the lines to `sink`, operators first, and so many products (0 = DEMO_PRODUCTS; those above are always there).
 * A result of `sink` other than OK ends it. */
MUST_USE enum err demo_catalog_write(catalog_sink sink, void *arg, size_t product_count);
