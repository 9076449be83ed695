/* Multipart bodies: the first line is the Content-Type, the rest the body. Whatever is read is text within the body. */
#include "http/multipart.h"

#include "base/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct arena *a, struct str type, struct str body)
{
	struct query q;
	size_t bytes = 0;

	if (multipart_parse(a, type, body, &q))
		return;
	must(multipart_is(type) && q.count <= MULTIPART_PARTS);
	for (size_t i = 0; i < q.count; i++) {
		struct str name = q.params[i].name, value = q.params[i].value;

		must(name.n > 0 && name.n <= MULTIPART_NAME_BYTES && str_is_utf8(name) && str_is_utf8(value));
		must(value.p >= body.p && value.p + value.n <= body.p + body.n);
		must(i == 0 || value.p > q.params[i - 1].value.p + q.params[i - 1].value.n);
		bytes += value.n;
	}
	must(bytes <= body.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str body = { (const char *)data, size };
	struct arena arena;

	if (size > 16384)
		return 0;
	arena_init(&arena);
	struct str type = str_cut(&body, '\n');
	check(&arena, type, body);
	/* With the right header too, so that the body is reached whatever the first line has become. */
	check(&arena, STR("multipart/form-data; boundary=b"), body);
	arena_done(&arena);
	return 0;
}
