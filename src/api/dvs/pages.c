#include "api/dvs/pages.h"

#include <inttypes.h>

static void put_header(struct request *rq, const char *name, int64_t value)
{
	http_reply_header(rq->x, name, arena_printf(&rq->x->arena, "%" PRId64, value));
}

struct dvs_place dvs_place(int64_t total, int64_t page, int64_t per_page)
{
	struct dvs_place place = { .pages = total / per_page + (total % per_page > 0) };

	if (page < place.pages)
		place.next = page + 1;
	/* Past the end the previous page is the last one there is. */
	place.previous = page - 1 < place.pages ? page - 1 : place.pages;
	return place;
}

void dvs_page_headers(struct request *rq, int64_t total, int64_t page, int64_t per_page)
{
	struct dvs_place place = dvs_place(total, page, per_page);

	put_header(rq, "X-Total", total);
	put_header(rq, "X-Total-Pages", place.pages);
	put_header(rq, "X-Per-Page", per_page);
	put_header(rq, "X-Page", page);
	if (place.next)
		put_header(rq, "X-Next-Page", place.next);
	if (place.previous)
		put_header(rq, "X-Prev-Page", place.previous);
}

struct window dvs_window(int64_t page, int64_t per_page)
{
	return (struct window){ (size_t)(page - 1) * (size_t)per_page, (size_t)per_page };
}

enum err dvs_empty(const struct request *rq, int64_t total, enum err code)
{
	return total == 0 && !rq->settings->empty_list_is_200 ? code : OK;
}
