/* admin/metrics.h: the text that Prometheus reads (exposition format 0.0.4), written by hand. */
#pragma once

struct admin_request;

/* Into rq->reply. The command of rq's task is a struct store_status that was read. */
void metrics_write(struct admin_request *rq);
