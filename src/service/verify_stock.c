/* service/verify_stock.c: every batch of stock held against its units: imported = free + reserved + sold + voided. */
#include "service/verify_private.h"

#include "store/stock.h"

static enum err batch_seen(void *arg, void *row)
{
	const struct stock_batch *b = row;
	struct verify *v = arg;
	const struct sums *sums = sum_map_find(&v->stock, b->id);
	int64_t free = sums ? sums->a : 0, reserved = sums ? sums->b : 0, sold = sums ? sums->c : 0;

	if (b->total != b->free + b->reserved + b->sold + b->voided)
		verify_difference(
			v, "stock batch %lld: %lld imported, %lld free + %lld reserved + %lld sold + %lld voided",
			(long long)b->id, (long long)b->total, (long long)b->free, (long long)b->reserved,
			(long long)b->sold, (long long)b->voided);
	/* A free unit of a voided batch is a voided one. */
	int64_t unsold = b->free + b->voided;
	if (unsold != free || b->reserved != reserved || b->sold != sold)
		verify_difference(v,
				  "stock batch %lld: it says %lld free or voided, %lld reserved, %lld sold; "
				  "its units are %lld, %lld, %lld",
				  (long long)b->id, (long long)unsold, (long long)b->reserved, (long long)b->sold,
				  (long long)free, (long long)reserved, (long long)sold);
	if (b->state == STOCK_ACTIVE && b->free != b->total - b->head + 1 + b->returned)
		verify_difference(v,
				  "stock batch %lld: its head is at %lld of %lld with %lld returned, and %lld are free",
				  (long long)b->id, (long long)b->head, (long long)b->total, (long long)b->returned,
				  (long long)b->free);
	return OK;
}

static enum err count_seen(void *arg, void *row)
{
	struct verify *v = arg;
	const struct stock_count *count = row;
	struct sums *sums = sum_map_at(&v->stock, count->batch);

	sums->a = count->free;
	sums->b = count->reserved;
	sums->c = count->sold;
	return OK;
}

enum err verify_all_stock(struct verify *v)
{
	arena_reset(&v->page);
	enum err e = stock_counts(v->db, &v->page, count_seen, v);

	return e ? e : stock_batches_each(v->db, &v->page, 0, batch_seen, v);
}
