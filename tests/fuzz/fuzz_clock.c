/* Dates, days and durations: foreign text in queries, bodies and on the command line. What is read and written again
 * must be read the same. */
#include "base/clock.h"
#include "base/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct buf again;
	int64_t us, same;

	if (!clock_parse_rfc3339(text, size % 2 == 0, &us)) {
		buf_init(&again, 64);
		clock_put_rfc3339(&again, us, 6, "Z");
		must(!clock_parse_rfc3339(buf_view(&again), false, &same) && same == us);
		buf_done(&again);
	}
	if (!clock_parse_date(text, &us))
		must(us % SECONDS_US(86400) == 0);
	if (!clock_parse_duration(text, &us))
		must(us >= 0);
	return 0;
}
