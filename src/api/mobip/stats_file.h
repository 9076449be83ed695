/* api/mobip/stats_file.h: the statistics of a day as a compressed file, at an address that is good for 24 hours.
 *
 * The address is merchant, day and end under a keyed hash: nothing is stored, nobody can guess one, and the file is
 * made when it is fetched. */
#pragma once

#include "api/mobip/answer.h"

/* The whole address; `day_us`: midnight UTC. */
struct str mobip_stats_url(struct request *rq, int64_t day_us);
/* Fetching: struct payment_stats. ERR_NOT_FOUND for an address that is none or is over. */
MUST_USE enum err mobip_stats_file_parse(struct request *rq);
void mobip_stats_file_render(struct request *rq, struct json_writer *w);
