#include "api/shown_stock.h"

#include "api/endpoint.h"

#include "base/clock.h"
#include "base/limits.h"

static int64_t look(struct stock_book *book, struct stock_of of, int64_t now_us, int64_t *ret_until_us)
{
	/* A sandbox partner for whom nothing was ever imported buys what the sandbox invents. */
	if (of.sandbox && !stock_book_has(book, of)) {
		*ret_until_us = now_us + SECONDS_US(LIMIT_STOCK_SHOWN_SECONDS);
		return STOCK_NOT_KEPT;
	}
	return stock_book_shown(book, of, now_us, ret_until_us);
}

int64_t shown_stock_of(struct shown_stock *shown, struct arena *a, struct stock_book *book, int64_t product_id,
		       int64_t now_us)
{
	struct shown_figure *figure = ARENA_NEW(a, struct shown_figure);
	int64_t until_us;

	figure->product_id = product_id;
	figure->left = look(book, (struct stock_of){ product_id, shown->sandbox }, now_us, &until_us);
	figure->next = shown->first;
	shown->first = figure;
	if (!shown->due_us || until_us < shown->due_us)
		shown->due_us = until_us;
	shown->version = stock_book_version(book);
	return figure->left;
}

bool shown_stock_still(struct shown_stock *shown, struct stock_book *book, int64_t now_us)
{
	int64_t due_us = INT64_MAX, until_us;

	if (!shown->first || (now_us < shown->due_us && stock_book_version(book) == shown->version))
		return true;
	for (const struct shown_figure *f = shown->first; f; f = f->next) {
		struct stock_of of = { f->product_id, shown->sandbox };

		if (look(book, of, now_us, &until_us) != f->left)
			return false;
		due_us = until_us < due_us ? until_us : due_us;
	}
	shown->due_us = due_us;
	shown->version = stock_book_version(book);
	return true;
}

const struct shown_figure *shown_stock_copy(struct arena *a, const struct shown_figure *first)
{
	const struct shown_figure *copy = NULL;

	for (; first; first = first->next) {
		struct shown_figure *f = ARENA_NEW(a, struct shown_figure);

		*f = *first;
		f->next = copy;
		copy = f;
	}
	return copy;
}

bool request_stock(struct request *rq, const struct product *p, int64_t *ret_left)
{
	if (!product_from_stock(p))
		return false;
	rq->shown.sandbox = rq->credential->partner->sandbox;
	*ret_left = shown_stock_of(&rq->shown, &rq->x->arena, rq->stock, p->id, rq->x->arrived_us);
	return *ret_left != STOCK_NOT_KEPT;
}
