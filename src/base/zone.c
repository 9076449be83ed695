#include "base/zone.h"

#include "base/buf.h"
#include "base/clock.h"

#include <stdio.h>

enum {
	NAME_MOST = 64,
	FILE_MOST = 64 * 1024,
	HEADER_BYTES = 44,
	COUNTS_AT = 20, /* six numbers of four bytes: UT/local, standard/wall, leaps, times, types, characters */
	TYPE_BYTES = 6,
	ENOUGH_YEARS_SECONDS = 3 * 365 * 86400,
};
static const char folder[] = "/usr/share/zoneinfo/";

/* From that moment on clocks are so much ahead of UTC. The first stretch has no beginning. */
struct stretch {
	int64_t from_us, ahead_us;
};

struct zone {
	struct stretch *stretches;
	size_t count;
};

static bool name_is_ok(struct str name)
{
	if (!name.n || name.n > NAME_MOST || name.p[0] == '/' || name.p[0] == '.')
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && !strchr("_+-/", c))
			return false;
	}
	return true;
}

static struct str file_read(struct arena *a, struct str name)
{
	const char *path = arena_printf(a, "%s%.*s", folder, STR_ARG(name)).p;
	char *bytes = arena_alloc(a, FILE_MOST);
	FILE *file = fopen(path, "rb");

	if (!file)
		return STR_NONE;
	size_t n = fread(bytes, 1, FILE_MOST, file);
	fclose(file);
	return n < FILE_MOST ? (struct str){ bytes, n } : STR_NONE;
}

static int64_t number_at(struct str s, size_t at, size_t bytes)
{
	uint64_t n = (unsigned char)s.p[at] & 0x80 ? UINT64_MAX : 0;

	for (size_t i = 0; i < bytes; i++)
		n = n << 8 | (unsigned char)s.p[at + i];
	return (int64_t)n;
}

/* One of the two blocks of a file (RFC 8536, 3): how many of what, and where they begin. */
struct block {
	size_t times, types, times_at, indexes_at, types_at, end;
};

static bool block_find(struct str file, size_t at, size_t time_bytes, struct block *ret)
{
	int64_t counts[6];
	size_t begin = at + HEADER_BYTES;

	if (file.n < begin || !str_starts(str_skip(file, at), STR("TZif")))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		counts[i] = number_at(file, at + COUNTS_AT + 4 * i, 4);
		if (counts[i] < 0 || counts[i] > FILE_MOST)
			return false;
	}
	*ret = (struct block){ .times = (size_t)counts[3], .types = (size_t)counts[4], .times_at = begin };
	ret->indexes_at = begin + ret->times * time_bytes;
	ret->types_at = ret->indexes_at + ret->times;
	ret->end = ret->types_at + ret->types * TYPE_BYTES + (size_t)counts[5] + (size_t)counts[2] * (time_bytes + 4) +
		   (size_t)counts[1] + (size_t)counts[0];
	return ret->end <= file.n && ret->types;
}

/* The rule for the years after the table, between line feeds; with a comma it changes twice a year for ever. */
static bool goes_on_changing(struct str file, const struct block *b)
{
	struct str footer = str_skip(file, b->end);

	for (size_t i = 0; i < footer.n; i++)
		if (footer.p[i] == ',')
			return true;
	return false;
}

static int64_t ahead_of(struct str file, const struct block *b, size_t type)
{
	return SECONDS_US(number_at(file, b->types_at + type * TYPE_BYTES, 4));
}

static enum err stretches_read(struct arena *a, struct str file, const struct block *b, struct zone *z)
{
	z->stretches = ARENA_ARRAY(a, struct stretch, b->times + 1);
	z->stretches[z->count++] = (struct stretch){ INT64_MIN, ahead_of(file, b, 0) };
	for (size_t i = 0; i < b->times; i++) {
		int64_t seconds = number_at(file, b->times_at + 8 * i, 8);
		size_t type = (unsigned char)file.p[b->indexes_at + i];

		if (type >= b->types)
			return ERR_NOT_FOUND;
		if (seconds < INT64_MIN / 2000000) { /* "always" */
			z->stretches[0].ahead_us = ahead_of(file, b, type);
			continue;
		}
		z->stretches[z->count++] = (struct stretch){ SECONDS_US(seconds), ahead_of(file, b, type) };
	}
	int64_t last_us = z->stretches[z->count - 1].from_us;
	bool is_short = z->count == 1 || last_us < clock_wall_us() + SECONDS_US((int64_t)ENOUGH_YEARS_SECONDS);
	return goes_on_changing(file, b) && is_short ? ERR_NOT_FOUND : OK;
}

/* The file is larger than what is kept of it, and goes with the scratch. */
static enum err zone_read(struct arena *a, struct arena *scratch, struct str name, struct zone *z)
{
	struct block first, second;
	struct str file = file_read(scratch, name);

	/* The first block has 32 bits; what counts is in the second. */
	if (!file.p || !block_find(file, 0, 4, &first) || !block_find(file, first.end, 8, &second))
		return ERR_NOT_FOUND;
	return stretches_read(a, file, &second, z);
}

enum err zone_load(struct arena *a, struct str name, const struct zone **ret)
{
	static struct stretch always = { INT64_MIN, 0 };
	static const struct zone utc = { &always, 1 };
	struct zone *z = ARENA_NEW(a, struct zone);
	struct arena scratch;

	*ret = &utc;
	if (!name.p || str_is(name, "UTC"))
		return OK;
	if (!name_is_ok(name))
		return ERR_NOT_FOUND;
	arena_init(&scratch);
	enum err e = zone_read(a, &scratch, name, z);
	arena_done(&scratch);
	if (!e)
		*ret = z;
	return e;
}

int64_t zone_local(const struct zone *z, int64_t us)
{
	size_t i = z->count - 1;

	while (z->stretches[i].from_us > us)
		i--;
	return us + z->stretches[i].ahead_us;
}

int64_t zone_moment(const struct zone *z, int64_t local_us)
{
	for (size_t i = 0;; i++) {
		const struct stretch *s = &z->stretches[i];
		int64_t us = local_us - s->ahead_us;

		if (us < s->from_us)
			us = s->from_us;
		if (i + 1 == z->count || us < s[1].from_us)
			return us;
	}
}
