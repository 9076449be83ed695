/* api/events.h: GET .../events: the feed of a partner's events, the same in every dialect but for how an order is named
 * and what its states are called (docs/api/events.md). */
#pragma once

#include "api/endpoint.h"
#include "service/feed.h"

MUST_USE enum err events_parse(struct request *rq);
void events_render(struct request *rq, struct json_writer *w);

#define EVENTS_ENDPOINT(path)                                                           \
	{                                                                               \
		"GET", path, 0, 200, events_parse, &verb_feed_read, NULL, events_render \
	}
