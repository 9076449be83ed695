/* api/dvs/esim.h: the metadata of eSIM transactions (docs/api/dvs.md, "eSIM"). */
#pragma once

#include "core/order.h"
#include "json/writer.h"

/* What a completed order gives to its customer, opened; both may be absent. Of an eSIM: activation code and ICCID. */
struct dvs_delivery {
	struct str code, serial;
};

/* The member "metadata" of an eSIM's transaction; nothing for any other product. */
void dvs_put_esim(struct json_writer *w, const struct order *o, const struct product *p,
		  const struct dvs_delivery *delivery);
