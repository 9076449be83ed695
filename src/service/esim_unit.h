/* service/esim_unit.h: what the verbs of service/esim_*.c share. Private to them. */
#pragma once

#include "service/esim.h"
#include "service/order_unit.h"

/* In need: the row that the name leads to. In need_more: the order that an ICCID leads to, or a view's rows. */
void name_need(struct unit *u, const struct task *t, const struct order_name *name);
void name_need_view(struct unit *u, const struct task *t, const struct order_name *name);
/* The partner's own order of that dialect, or NULL. */
struct order *name_find(struct unit *u, const struct task *t, const struct order_name *name);

/* By what the product and the order's state allow; whether the eSIM is installed is the supplier's to know. */
struct refund_terms refund_terms(struct unit *u, const struct order *o);
