/* core/money_text.h: amounts as people of a language write them. Pure. */
#pragma once

#include "base/buf.h"
#include "core/money.h"

enum money_style {
	MONEY_ENGLISH, /* €1,234.50, XPF 1,300 */
	MONEY_FRENCH,  /* 1 234,50 €, 1 300 F; the spaces do not break */
};

/* With as many digits as the currency has (ISO 4217), rounded to them, and its sign where people know one. */
void money_put_text(struct buf *b, struct money amount, enum money_style style);
