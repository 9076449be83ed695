#include "work/work.h"

#include <inttypes.h>

void work_write_metrics(void *work, struct buf *b)
{
	struct work_stats stats;

	work_stats(work, &stats);
	const struct {
		const char *name;
		int64_t value;
	} rows[] = { { "fulfilled", stats.fulfilled },
		     { "refused", stats.refused },
		     { "unknown", stats.unknown },
		     { "expired", stats.expired },
		     { "callbacks_delivered", stats.callbacks_delivered },
		     { "callbacks_failed", stats.callbacks_failed },
		     { "messages_sent", stats.messages_sent },
		     { "messages_failed", stats.messages_failed },
		     { "retried", stats.retried } };
	buf_lit(b, "# HELP bodega_work_total What the work loops have done.\n# TYPE bodega_work_total counter\n");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		buf_printf(b, "bodega_work_total{what=\"%s\"} %" PRId64 "\n", rows[i].name, rows[i].value);
}
