/* api/shown_stock.h: how much of a product is left, as a caller is shown it, and whether that has changed since. */
#pragma once

#include "base/arena.h"
#include "service/stock_book.h"

enum { STOCK_NOT_KEPT = -1 }; /* it is not sold from stock: somebody makes as many as are asked for */

/* One figure that was shown. */
struct shown_figure {
	int64_t product_id, left; /* or STOCK_NOT_KEPT */
	const struct shown_figure *next;
};

/* All figures of one answer. */
struct shown_stock {
	const struct shown_figure *first;
	bool sandbox;
	int64_t due_us;	  /* monotonic: then they are to be looked at again; 0 = no figures */
	uint64_t version; /* of the book when they were looked at */
};

/* At most LIMIT_STOCK_SHOWN, a few seconds old, or STOCK_NOT_KEPT; noted in `shown`. */
int64_t shown_stock_of(struct shown_stock *shown, struct arena *a, struct stock_book *book, int64_t product_id,
		       int64_t now_us);
/* Whether all figures are what they would be if they were shown now. */
bool shown_stock_still(struct shown_stock *shown, struct stock_book *book, int64_t now_us);
const struct shown_figure *shown_stock_copy(struct arena *a, const struct shown_figure *first);
