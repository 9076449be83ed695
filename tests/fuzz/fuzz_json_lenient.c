/* The lenient reader: what is JSON is read as the strict reader reads it; what was repaired is JSON. */
#include "json/lenient.h"

#include "base/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct arena arena;
	struct json strict, lenient, again;

	if (size > 16384)
		return 0;
	arena_init(&arena);
	enum err e = json_read(&arena, text, NULL, &strict),
		 f = json_read_lenient(&arena, text, "Rows", NULL, &lenient);
	if (!e) {
		must(!f && lenient.count == strict.count && lenient.input.p == text.p);
	} else if (f) {
		must(f == e && lenient.error_at <= size);
	} else {
		must(!json_read(&arena, lenient.input, NULL, &again) && again.count == lenient.count);
		must(lenient.input.n <= 2 * size + 4096);
	}
	arena_done(&arena);
	return 0;
}
