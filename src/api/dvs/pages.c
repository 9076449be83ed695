#include "api/dvs/pages.h"

#include <inttypes.h>

static void put_header(struct request *rq, const char *name, int64_t value)
{
	http_reply_header(rq->x, name, arena_printf(&rq->x->arena, "%" PRId64, value));
}

void dvs_page_headers(struct request *rq, int64_t total, int64_t page, int64_t per_page)
{
	int64_t pages = (total + per_page - 1) / per_page;

	put_header(rq, "X-Total", total);
	put_header(rq, "X-Total-Pages", pages);
	put_header(rq, "X-Per-Page", per_page);
	put_header(rq, "X-Page", page);
	if (page < pages)
		put_header(rq, "X-Next-Page", page + 1);
	/* Past the end the previous page is the last one there is. */
	int64_t previous = page - 1 < pages ? page - 1 : pages;
	if (previous >= 1)
		put_header(rq, "X-Prev-Page", previous);
}

struct window dvs_window(int64_t page, int64_t per_page)
{
	return (struct window){ (size_t)(page - 1) * (size_t)per_page, (size_t)per_page };
}

enum err dvs_empty(const struct request *rq, int64_t total, enum err code)
{
	return total == 0 && !rq->settings->empty_list_is_200 ? code : OK;
}
