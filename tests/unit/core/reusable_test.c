#include "core/reusable.h"

#include "support/test.h"

/* Only what runs nothing and says what it is in its first bytes, whatever its name. */
static void pictures_are_known_by_their_bytes(void **state)
{
	static const struct {
		struct str bytes;
		const char *type;
	} cases[] = {
		{ STR("\x89PNG\r\n\x1a\n...."), "image/png" },
		{ STR("\x89PNG\n\n\x1a\n...."), NULL },
		{ STR("\xff\xd8\xff\xe0..JFIF"), "image/jpeg" },
		{ STR("GIF87a..."), "image/gif" },
		{ STR("GIF89a..."), "image/gif" },
		{ STR("GIF88a..."), NULL },
		{ STR("RIFF....WEBPVP8 "), "image/webp" },
		{ STR("RIFF....WAVEfmt "), NULL },
		{ STR("RIFF...."), NULL },
		{ STR("RIFF"), NULL },
		{ STR("<svg xmlns='http://www.w3.org/2000/svg'>"), NULL },
		{ STR("<html>"), NULL },
		{ STR(""), NULL },
		{ { NULL, 0 }, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *type = photo_type_of(cases[i].bytes);

		if (cases[i].type)
			assert_string_equal(type, cases[i].type);
		else
			assert_null(type);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(pictures_are_known_by_their_bytes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
