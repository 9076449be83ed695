/* service/event_unit.h: how a change gets into the feed of its partner (service/feed.h). */
#pragma once

#include "service/unit.h"

/* Of `what` partner, order_id (an order's or a payment's), state and reason are said. What changes more than once in a
 * batch is one event: what a reader of the feed sees is what was committed. `is_first`: nothing was said of it before.
 */
void event_note(struct unit *u, const struct event *what, bool is_first);
