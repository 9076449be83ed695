#include "service/token.h"

#include "base/arena.h"
#include "base/clock.h"
#include "support/test.h"

enum { MINUTE = 60, HOUR = 3600 };

struct desk {
	struct token_book *book;
	struct keys keys;
	struct arena arena;
};

static int desk_open(void **state)
{
	struct desk *d = calloc(1, sizeof(*d));

	must(d);
	check_ok(crypto_start());
	d->keys.pepper[0] = 7;
	d->book = token_book_new();
	arena_init(&d->arena);
	*state = d;
	return 0;
}

static int desk_close(void **state)
{
	struct desk *d = *state;

	token_book_free(d->book);
	arena_done(&d->arena);
	free(d);
	return 0;
}

static struct str issued(struct desk *d, int64_t at_seconds, int64_t life_seconds)
{
	struct str token;

	check_ok(token_issue(d->book, &d->keys, &d->arena, 77, SECONDS_US(at_seconds), SECONDS_US(life_seconds),
			     &token));
	return token;
}

static enum err used(struct desk *d, struct str token, int64_t at_seconds)
{
	int64_t id = 0;
	enum err e = token_use(d->book, &d->keys, token, SECONDS_US(at_seconds), &id);

	assert_int_equal(id, e ? 0 : 77);
	return e;
}

static void idle_for_an_hour_is_the_end(void **state)
{
	struct desk *d = *state;
	struct str a = issued(d, 0, 10 * HOUR), b = issued(d, 0, 10 * HOUR);

	check_ok(used(d, a, 59 * MINUTE));
	check_err(used(d, b, 61 * MINUTE), ERR_UNAUTHORIZED);
	/* Use renews it; a refused use does not. */
	check_ok(used(d, a, 118 * MINUTE));
	check_err(used(d, b, 62 * MINUTE), ERR_UNAUTHORIZED);
	check_err(used(d, a, 118 * MINUTE + HOUR), ERR_UNAUTHORIZED);
}

static void its_life_ends_whatever_it_does(void **state)
{
	struct desk *d = *state;
	struct str token = issued(d, 0, 2 * HOUR);

	for (int at = 0; at < 2 * HOUR; at += 10 * MINUTE)
		check_ok(used(d, token, at));
	check_ok(used(d, token, 2 * HOUR - 1));
	check_err(used(d, token, 2 * HOUR), ERR_UNAUTHORIZED);
}

static void only_ours_are_good(void **state)
{
	struct desk *d = *state;
	struct str token = issued(d, 0, HOUR);

	for (size_t i = 0; i < token.n; i++) {
		char *other = arena_alloc(&d->arena, token.n);

		memcpy(other, token.p, token.n);
		other[i] = other[i] == '0' ? '1' : '0';
		check_err(used(d, (struct str){ other, token.n }, 1), ERR_UNAUTHORIZED);
	}
	check_err(used(d, STR(""), 1), ERR_UNAUTHORIZED);
	check_ok(used(d, token, 1));
	d->keys.pepper[0] = 8;
	check_err(used(d, token, 2), ERR_UNAUTHORIZED);
}

/* Another node, or this one after a restart: it knows the token by its hash, and counts from then on. */
static void it_is_good_elsewhere(void **state)
{
	struct desk *d = *state;
	struct str token = issued(d, 0, 10 * HOUR);

	token_book_free(d->book);
	d->book = token_book_new();
	check_ok(used(d, token, 90 * MINUTE));
	check_err(used(d, token, 151 * MINUTE), ERR_UNAUTHORIZED);
}

static void what_has_ended_makes_room(void **state)
{
	struct desk *d = *state;
	struct str kept = issued(d, 0, 10 * HOUR);

	for (int i = 0; i < 5000; i++) {
		issued(d, i, 1);
		if (i % 1000 == 0)
			check_ok(used(d, kept, i));
	}
	check_ok(used(d, kept, 5000));
}

#define desk_test(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		desk_test(idle_for_an_hour_is_the_end), desk_test(its_life_ends_whatever_it_does),
		desk_test(only_ours_are_good),		desk_test(it_is_good_elsewhere),
		desk_test(what_has_ended_makes_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
