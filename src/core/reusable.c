#include "core/reusable.h"

enum { RIFF_HEADER_BYTES = 8 };

static const struct {
	struct str magic;
	const char *type;
} kinds[] = {
	{ STR("\x89PNG\r\n\x1a\n"), "image/png" },
	{ STR("\xff\xd8\xff"), "image/jpeg" },
	{ STR("GIF87a"), "image/gif" },
	{ STR("GIF89a"), "image/gif" },
};

const char *photo_type_of(struct str bytes)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (str_starts(bytes, kinds[i].magic))
			return kinds[i].type;
	if (str_starts(bytes, STR("RIFF")) && bytes.n > RIFF_HEADER_BYTES &&
	    str_starts(str_skip(bytes, RIFF_HEADER_BYTES), STR("WEBP")))
		return "image/webp";
	return NULL;
}
