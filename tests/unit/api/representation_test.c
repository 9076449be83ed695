#include "api/representation.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/gzip.h"
#include "base/hash.h"
#include "core/catalog_build.h"
#include "support/test.h"

#include <zlib.h>

static void test_if_none_match(void **state)
{
	static const struct {
		const char *header;
		bool known;
	} rows[] = {
		{ "\"abc\"", true },
		{ "\"abc-gzip\"", true },
		{ "W/\"abc\"", true },
		{ "\"x\", \"abc\"", true },
		{ "*", true },
		{ "\"x\",W/\"abc\"", true },
		{ "\"abcd\"", false },
		{ "\"ab\"", false },
		{ "abc", false },
		{ "\"", false },
		{ "", false },
		{ "\"abc-br\"", false },
		{ "\"x\" \"abc\"", false },
		{ "\"abc", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(representation_is_known(str_of(rows[i].header), STR("abc")), rows[i].known);
	assert_false(representation_is_known(STR_NONE, STR("abc")));
}

static void test_accept_encoding(void **state)
{
	static const struct {
		const char *header;
		bool gzip;
	} rows[] = {
		{ "gzip", true },
		{ "GZIP", true },
		{ "deflate, gzip;q=1.0, *;q=0.5", true },
		{ "x-gzip", true },
		{ "*", true },
		{ "gzip ; q=0.001", true },
		{ "identity", false },
		{ "", false },
		{ "gzip;q=0", false },
		{ "gzip; Q = 0.000", false },
		{ "*;q=0", false },
		{ "gzip;q=0, *", false },
		{ "br", false },
		{ "gzippy", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(representation_takes_gzip(str_of(rows[i].header)), rows[i].gzip);
	assert_false(representation_takes_gzip(STR_NONE));
}

static void test_gzip(void **state)
{
	char plain[5000], again[5000];
	struct buf out;
	z_stream z = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (char)('a' + i % 7);
	buf_init(&out, 2 * sizeof(plain));
	assert_true(gzip_put(&out, (struct str){ plain, sizeof(plain) }));
	assert_true(out.n < 200);
	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	z.next_in = (Bytef *)out.p;
	z.avail_in = (uInt)out.n;
	z.next_out = (Bytef *)again;
	z.avail_out = sizeof(again);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.total_out, sizeof(plain));
	assert_memory_equal(again, plain, sizeof(plain));
	inflateEnd(&z);
	buf_clear(&out);
	/* What cannot be compressed grows by a little; without room for that nothing is appended. */
	crypto_random(plain, sizeof(plain));
	assert_true(gzip_put(&out, (struct str){ plain, sizeof(plain) }));
	assert_in_range(out.n, sizeof(plain) + 1, sizeof(plain) + 100);
	buf_done(&out);
	buf_init(&out, sizeof(plain));
	assert_false(gzip_put(&out, (struct str){ plain, sizeof(plain) }));
	assert_int_equal(out.n, 0);
	buf_done(&out);
}

/* Every byte counts, and the length; the values are what other nodes compute too. */
static void test_hash(void **state)
{
	char bytes[64] = { 0 };
	struct hash128 first = hash_bytes((struct str){ bytes, sizeof(bytes) });

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] = 1;
		struct hash128 other = hash_bytes((struct str){ bytes, sizeof(bytes) });
		assert_true(other.a != first.a && other.b != first.b);
		bytes[i] = 0;
	}
	for (size_t n = 0; n < sizeof(bytes); n++) {
		struct hash128 other = hash_bytes((struct str){ bytes, n });
		assert_true(other.a != first.a && other.b != first.b);
	}
	assert_true(hash_bytes(STR("bodega")).a == UINT64_C(0xB70F22ABD260980F));
}

static void test_cache(void **state)
{
	struct catalog *c = catalog_builder_finish(catalog_builder_new());
	struct catalog *other = catalog_builder_finish(catalog_builder_new());
	struct page_cache *cache = page_cache_new(100000);
	struct page page = { .tag = STR("t1"), .plain = STR("one") };

	(void)state;
	assert_null(page_cache_find(cache, c, STR("k")));
	assert_non_null(page_cache_put(cache, c, STR("k"), &page));
	struct page *found = page_cache_find(cache, c, STR("k"));
	check_str(found->plain, "one");
	assert_null(found->gzip.p);
	page_cache_compress(cache, found, STR("zip"));
	check_str(page_cache_find(cache, c, STR("k"))->gzip, "zip");
	/* Another version of the page in its place, without the old one's compressed bytes. */
	page = (struct page){ .tag = STR("t2"), .plain = STR("two") };
	page_cache_put(cache, c, STR("k"), &page);
	found = page_cache_find(cache, c, STR("k"));
	check_str(found->plain, "two");
	check_str(found->tag, "t2");
	assert_null(found->gzip.p);
	assert_null(page_cache_find(cache, c, STR("l")));
	assert_null(page_cache_find(cache, other, STR("k")));
	page_cache_put(cache, other, STR("l"), &page);
	assert_null(page_cache_find(cache, other, STR("k")));
	static char large[100001];
	page.plain = (struct str){ large, sizeof(large) };
	assert_null(page_cache_put(cache, other, STR("m"), &page));
	/* Past its size it starts again. */
	page.plain.n = 60000;
	assert_non_null(page_cache_put(cache, other, STR("n"), &page));
	assert_non_null(page_cache_put(cache, other, STR("o"), &page));
	assert_null(page_cache_find(cache, other, STR("n")));
	assert_non_null(page_cache_find(cache, other, STR("o")));
	page_cache_free(cache);
	catalog_release(c);
	catalog_release(other);
}

static void note(struct stock_book *book, int64_t product, int sandbox, int64_t free)
{
	struct stock_batch batch = {
		.id = product, .product_id = product, .sandbox = sandbox, .state = STOCK_ACTIVE, .free = free
	};

	stock_book_note(book, &batch);
}

/* A figure is looked at every five seconds and not before; an answer holds until one of its figures is another. */
static void test_shown_stock(void **state)
{
	struct stock_book *book = stock_book_new();
	struct shown_stock shown = { 0 };
	struct arena a;

	(void)state;
	arena_init(&a);
	note(book, 1, 0, 500);
	note(book, 2, 0, 50);
	assert_int_equal(shown_stock_of(&shown, &a, book, 1, 1), 100);
	assert_int_equal(shown_stock_of(&shown, &a, book, 2, SECONDS_US(3)), 50);
	note(book, 2, 0, 49);
	note(book, 1, 0, 400);
	assert_true(shown_stock_still(&shown, book, SECONDS_US(4)));
	/* The first one's time is over, but more than a hundred are a hundred; the second's is not. */
	uint64_t version = stock_book_version(book);
	assert_true(shown_stock_still(&shown, book, SECONDS_US(5) + 1));
	assert_int_equal(stock_book_version(book), version);
	assert_true(shown_stock_still(&shown, book, SECONDS_US(8) - 1));
	assert_false(shown_stock_still(&shown, book, SECONDS_US(8)));
	assert_true(stock_book_version(book) > version);
	/* Seen by somebody else's answer, it is true for this one at once. */
	struct shown_stock early = { 0 }, late = { 0 };
	assert_int_equal(shown_stock_of(&early, &a, book, 2, SECONDS_US(9)), 49);
	note(book, 2, 0, 3);
	int64_t until_us;
	assert_int_equal(stock_book_shown(book, (struct stock_of){ 2, false }, SECONDS_US(13), &until_us), 3);
	assert_int_equal(until_us, SECONDS_US(18));
	assert_int_equal(shown_stock_of(&late, &a, book, 2, SECONDS_US(13)), 3);
	assert_false(shown_stock_still(&early, book, SECONDS_US(13)));
	assert_true(shown_stock_still(&late, book, SECONDS_US(13)));
	/* A sandbox partner's products are invented until something is imported for it. */
	struct shown_stock sandbox = { .sandbox = true };
	assert_int_equal(shown_stock_of(&sandbox, &a, book, 1, SECONDS_US(20)), STOCK_NOT_KEPT);
	note(book, 1, 1, 7);
	assert_false(shown_stock_still(&sandbox, book, SECONDS_US(25)));
	arena_done(&a);
	stock_book_free(book);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_if_none_match), cmocka_unit_test(test_accept_encoding),
		cmocka_unit_test(test_gzip),	      cmocka_unit_test(test_hash),
		cmocka_unit_test(test_cache),	      cmocka_unit_test(test_shown_stock),
	};

	return crypto_start() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
