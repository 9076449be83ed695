/* bench/histogram.h: counts of durations, from which percentiles are read with an error below 1 %.
 *
 * Buckets are 128 to each doubling, so that a microsecond and a minute are held with the same relative precision.
 * Nothing is sampled and nothing is thrown away: the greatest value is kept exactly. */
#pragma once

#include "base/buf.h"

enum { HISTOGRAM_STEPS = 128, HISTOGRAM_DOUBLINGS = 40 };

struct histogram {
	int64_t counts[HISTOGRAM_STEPS * HISTOGRAM_DOUBLINGS];
	int64_t n, sum_ns, max_ns;
};

/* Negative values count as 0, values beyond the last bucket as the last bucket. */
void histogram_add(struct histogram *h, int64_t ns);

/* The upper end of the bucket below which `share` (0 to 1) of all values lie, never above the maximum; 0 when empty. */
int64_t histogram_at(const struct histogram *h, double share);

/* {"count":..,"mean":..,"p50":..,"p90":..,"p99":..,"p99_9":..,"max":..}, in milliseconds. */
void histogram_put_json(const struct histogram *h, struct buf *b);
