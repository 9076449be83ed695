#include "core/language.h"

static const char *const codes[LANGUAGES] = { "en", "fr" };

struct str language_code(enum language language)
{
	return str_of(codes[language]);
}

enum language language_of(struct str asked, struct str accept_language)
{
	struct str wanted = asked.n ? asked : accept_language;

	for (int i = 0; i < LANGUAGES; i++)
		if (wanted.n >= 2 && str_eq_nocase((struct str){ wanted.p, 2 }, str_of(codes[i])))
			return (enum language)i;
	return LANGUAGE_EN;
}
