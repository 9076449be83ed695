/* supplier/sandbox/outcome.h: what the sandbox's supplier would do: a pure function of the order.
 *
 * The rules are those of the DVS API (dvs.md 11) for every dialect: the last three digits of the number that the
 * product asks for choose the end and the delay, which counts from confirmation. The same order gives the same outcome
 * and the same PIN each time it is asked, so a crash in between changes nothing. */
#pragma once

#include "base/arena.h"
#include "core/order.h"
#include "supplier/supplier.h"

struct sandbox_outcome {
	int64_t due_us; /* business; before it there is no outcome */
	bool delivered;
	enum order_reason reason; /* not delivered; REASON_NONE = plainly declined */
	bool pin;		  /* delivered: a code and a serial go with it */
	bool esim;		  /* the code is an activation code, the serial an ICCID */
};

/* sku: of the route; "script-103" is the suffix of products that ask for no number. */
struct sandbox_outcome sandbox_outcome(const struct order *o, const struct product *p, struct str sku,
				       struct sandbox_pace pace);

/* The number whose suffix counts: the field that the product requires; of products that require none the one that was
 * given. Absent if there is none. */
struct str sandbox_party(const struct order *o, const struct product *p);

/* {"code":"...","serial":"..."}: made from order and unit alone. */
struct str sandbox_delivery(struct arena *a, int64_t order_id, int unit, bool esim);
/* Of the script "script-partly" every second unit is refused. */
bool sandbox_refuses_unit(struct str sku, int unit);

struct str sandbox_operator_reference(struct arena *a, int64_t order_id, int unit);
