/* api/dvs/pages.h: pages of lists: how they are asked for and the headers that tell where one is. */
#pragma once

#include "api/endpoint.h"

enum { DVS_PAGE = 1, DVS_PER_PAGE = 50 }; /* when the caller does not say */

/* Where a page stands: 0 = there is no such page. */
struct dvs_place {
	int64_t pages, next, previous;
};
struct dvs_place dvs_place(int64_t total, int64_t page, int64_t per_page);

/* X-Total, X-Total-Pages, X-Per-Page, X-Page; X-Next-Page and X-Prev-Page only when there is such a page. An official
 * client reads the names case-sensitively and breaks on an empty value. */
void dvs_page_headers(struct request *rq, int64_t total, int64_t page, int64_t per_page);

struct window dvs_window(int64_t page, int64_t per_page);

/* What an empty list is: `code`, or OK under the setting that makes it 200 []. */
MUST_USE enum err dvs_empty(const struct request *rq, int64_t total, enum err code);
