#include "histogram.h"

/* Values below 2 * HISTOGRAM_STEPS are their own bucket; above, the seven bits after the leading one choose the step.
 */
static size_t bucket_of(int64_t ns)
{
	uint64_t value = ns > 0 ? (uint64_t)ns : 0;

	if (value < 2 * HISTOGRAM_STEPS)
		return (size_t)value;
	unsigned shift = 63 - (unsigned)__builtin_clzll(value) - 7;
	size_t bucket = (size_t)shift * HISTOGRAM_STEPS + (size_t)(value >> shift);
	size_t last = HISTOGRAM_STEPS * HISTOGRAM_DOUBLINGS - 1;

	return bucket < last ? bucket : last;
}

static int64_t upper_end(size_t bucket)
{
	if (bucket < 2 * HISTOGRAM_STEPS)
		return (int64_t)bucket;
	size_t shift = bucket / HISTOGRAM_STEPS - 1;
	uint64_t step = bucket - shift * HISTOGRAM_STEPS;

	return (int64_t)(((step + 1) << shift) - 1);
}

void histogram_add(struct histogram *h, int64_t ns)
{
	if (ns < 0)
		ns = 0;
	h->counts[bucket_of(ns)]++;
	h->n++;
	h->sum_ns += ns;
	if (ns > h->max_ns)
		h->max_ns = ns;
}

int64_t histogram_at(const struct histogram *h, double share)
{
	int64_t wanted = (int64_t)(share * (double)h->n + 0.999999), seen = 0;

	for (size_t i = 0; i < ARRAY_LEN(h->counts); i++) {
		seen += h->counts[i];
		if (h->counts[i] && seen >= wanted) {
			int64_t end = upper_end(i);

			return end < h->max_ns ? end : h->max_ns;
		}
	}
	return h->max_ns;
}

void histogram_put_json(const struct histogram *h, struct buf *b)
{
	static const struct {
		const char *name;
		double share;
	} points[] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 }, { "p99_9", 0.999 } };
	double mean_ns = h->n ? (double)h->sum_ns / (double)h->n : 0;

	buf_printf(b, "{\"count\":%lld,\"mean\":%.3f", (long long)h->n, mean_ns / 1e6);
	for (size_t i = 0; i < ARRAY_LEN(points); i++)
		buf_printf(b, ",\"%s\":%.3f", points[i].name, (double)histogram_at(h, points[i].share) / 1e6);
	buf_printf(b, ",\"max\":%.3f}", (double)h->max_ns / 1e6);
}
