/* core/catalog_locale.c: which language to answer in (RFC 9110, 12.5.4; look-up of RFC 4647, 3.4). */
#include "core/catalog_private.h"
#include "core/catalog_query.h"

enum { RANGES_MAX = 32 }; /* further ones are not looked at: nobody reads that many languages */

/* "0.8" as 800, at most three decimals; -1 if malformed. */
static int parse_weight(struct str text)
{
	int weight, scale = 100;

	if (!text.n || (text.p[0] != '0' && text.p[0] != '1') || text.n > 5)
		return -1;
	weight = (text.p[0] - '0') * 1000;
	if (text.n > 1 && text.p[1] != '.')
		return -1;
	for (size_t i = 2; i < text.n; i++, scale /= 10) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return -1;
		weight += (text.p[i] - '0') * scale;
	}
	return weight <= 1000 ? weight : -1;
}

/* Cuts "fr-CA;q=0.8" down to its language and returns the weight in thousandths: 1000 without one, -1 if malformed. */
static int take_weight(struct str *range)
{
	struct str rest = *range, weight = STR_NONE;

	*range = str_trim(str_cut(&rest, ';'));
	while (rest.p) {
		struct str parameter = str_trim(str_cut(&rest, ';'));

		if (parameter.n >= 2 && (parameter.p[0] | 32) == 'q' && parameter.p[1] == '=')
			weight = str_skip(parameter, 2);
	}
	return weight.p ? parse_weight(weight) : 1000;
}

/* The used language with this very code, else the first whose code goes on after it; -1 if there is none. */
static int find_used(const struct catalog *c, struct str code)
{
	int regional = -1;

	for (int i = 0; i < locale_count(); i++) {
		struct str candidate = locale_code(i);

		if (!c->locale_used[i] || candidate.n < code.n ||
		    !str_eq_nocase((struct str){ candidate.p, code.n }, code))
			continue;
		if (candidate.n == code.n)
			return i;
		if (regional < 0 && candidate.p[code.n] == '-')
			regional = i;
	}
	return regional;
}

/* Shortens the range from its end until something fits: fr-Latn-CA, fr-Latn, fr. */
static int look_up(const struct catalog *c, struct str range)
{
	if (str_is(range, "*"))
		return LOCALE_DEFAULT;
	while (range.n) {
		int found = find_used(c, range);

		if (found >= 0)
			return found;
		while (range.n && range.p[range.n - 1] != '-')
			range.n--;
		if (range.n)
			range.n--;
	}
	return -1;
}

int catalog_locale(const struct catalog *c, struct str accept_language)
{
	int best = LOCALE_DEFAULT, best_weight = 0;

	for (int i = 0; i < RANGES_MAX && accept_language.p; i++) {
		struct str range = str_cut(&accept_language, ',');
		int weight = take_weight(&range), found;

		if (weight <= best_weight)
			continue;
		found = look_up(c, range);
		if (found < 0)
			continue;
		best = found;
		best_weight = weight;
	}
	return best;
}
