/* Lines of a catalogue file, as they are read, copied, written and read again: the canonical line must be its own
 * canonical line, and whatever was accepted must build a snapshot or be refused by the import's check. */
#include "service/catalog.h"
#include "service/catalog_line.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(struct str text)
{
	struct catalog_line line;
	struct json_faults faults;
	struct buf first, second;
	struct arena a, copies;

	arena_init(&a);
	arena_init(&copies);
	buf_init(&first, (size_t)LIMIT_IMPORT_LINE_BYTES * 6);
	buf_init(&second, (size_t)LIMIT_IMPORT_LINE_BYTES * 6);
	if (catalog_line_read(&a, text, &line, &faults) == OK) {
		catalog_line_write(&first, catalog_line_copy(&copies, &line));
		must(!first.failed);
		if (first.n <= LIMIT_IMPORT_LINE_BYTES) {
			must(catalog_line_read(&a, buf_view(&first), &line, &faults) == OK);
			catalog_line_write(&second, &line);
			must(str_eq(buf_view(&first), buf_view(&second)));
		}
	} else {
		must(faults.n > 0);
	}
	buf_done(&first);
	buf_done(&second);
	arena_done(&a);
	arena_done(&copies);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = { (const char *)data, size };
	struct catalog_import *import = catalog_import_new(NULL);
	size_t total = 0;

	catalog_import_feed(import, bytes);
	enum err e = catalog_import_check(import);
	const struct import_error *error = catalog_import_error(import, 0, &total);
	must((e == OK) == (total == 0) && (e == OK) == !error);
	catalog_import_free(import);
	while (bytes.p) {
		struct str line = str_cut(&bytes, '\n');

		if (line.n)
			check_line(line);
	}
	return 0;
}
