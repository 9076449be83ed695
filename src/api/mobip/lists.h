/* api/mobip/lists.h: many payments at once: statistics of a merchant, the queue of an operator. */
#pragma once

#include "api/mobip/answer.h"

/* get_mobip_transactions: struct payment_queue_list. */
MUST_USE enum err mobip_queue_parse(struct request *rq);
void mobip_queue_render(struct request *rq, struct json_writer *w);
/* set_mobip_transactions: struct payment_queue_ack. */
MUST_USE enum err mobip_queue_ack_parse(struct request *rq);
void mobip_queue_ack_render(struct request *rq, struct json_writer *w);

/* events: struct feed_read. */
MUST_USE enum err mobip_events_parse(struct request *rq);
void mobip_events_render(struct request *rq, struct json_writer *w);

/* get_stats: struct payment_stats. */
MUST_USE enum err mobip_stats_parse(struct request *rq);
void mobip_stats_render(struct request *rq, struct json_writer *w);
