/* preload: fills a store with completed orders by writing the orders of a sample again, spread evenly over past time.
 *
 * The server must be stopped. Balances, movement numbers and event numbers follow, and the wallets are topped up with
 * what the orders take, so that `bodega verify` finds nothing. Orders lie in the order of time, oldest first, as they
 * would if they had come one by one; what the store's wallets were opened with moves before them. Prints one JSON
 * object. */
#include "base/clock.h"
#include "options.h"
#include "replay.h"
#include "wire.h"

enum { BATCH = 20000, ID_TIME_SHIFT = 12 };

/* The fourth node slot from the top: no running server uses it, so that no id can be taken twice. */
static const int64_t node_bits = (int64_t)28 << 7;

/* Movements are numbered in the order of their ids, so those that no order made must be older than the first order. */
static void open_wallets_before(struct replay *r, int64_t first_us)
{
	const int64_t hour_us = SECONDS_US(3600);
	int64_t first_id = replay_id_at(first_us),
		by = replay_id_at(clock_wall_us()) - replay_id_at(first_us - hour_us);
	char sql[256];

	snprintf(sql, sizeof(sql),
		 "UPDATE ledger SET id = id - %lld, posting = posting - %lld, created_at = created_at - %lld "
		 "WHERE order_id IS NULL AND id >= %lld",
		 (long long)by, (long long)by, (long long)(by >> ID_TIME_SHIFT) * 1000, (long long)first_id);
	replay_exec(r, sql);
}

static void fill(struct replay *r, int64_t orders, int64_t first_us, double step_us, uint64_t seed)
{
	for (int64_t k = 0; k < orders;) {
		replay_begin(r);
		for (int64_t end = k + BATCH; k < end && k < orders; k++) {
			int64_t at_us = first_us + (int64_t)((double)k * step_us);
			int64_t id = replay_id_at(at_us) | node_bits;
			struct replay_order order = { .sample = (size_t)k % replay_orders(r),
						      .order_id = id,
						      .own_base = id + 1,
						      .now_us = at_us,
						      .key = seed + (uint64_t)k };

			replay_write(r, &order, REPLAY_ALL);
		}
		replay_commit(r);
	}
}

int main(int argc, char **argv)
{
	struct replay_options o = { .most_orders = 1000 };
	int64_t orders = 0, seed = 1;
	double from_hours = 0, to_hours = 0;
	const struct option_spec specs[] = {
		{ "--file", OPTION_TEXT, &o.target },
		{ "--sample", OPTION_TEXT, &o.sample },
		{ "--orders", OPTION_INTEGER, &orders, 1, INT32_MAX },
		{ "--partner", OPTION_INTEGER, &o.partner_id, 1, INT64_MAX },
		{ "--from-hours-ago", OPTION_NUMBER, &from_hours, 0, 24 * 3650 },
		{ "--to-hours-ago", OPTION_NUMBER, &to_hours, 0, 24 * 3650 },
		{ "--seed", OPTION_INTEGER, &seed, 1, INT32_MAX },
	};

	if (argc < 2 || !options_take(specs, ARRAY_LEN(specs), argv + 1))
		return 2;
	/* Each order needs a millisecond of its own, because its ids are made of it. */
	double step_us = orders ? (from_hours - to_hours) * 3600e6 / (double)orders : 0;
	if (!o.target || !o.sample || step_us < 1000) {
		fputs("usage: preload --file DB --sample DB --orders N --from-hours-ago H --to-hours-ago H [--partner "
		      "ID]\n"
		      "               [--seed N]; at most 1,000 orders a second\n",
		      stderr);
		return 2;
	}
	struct replay *r = replay_open(&o);
	if (!r)
		return 1;
	int64_t before_ns = wire_now_ns(), first_us = clock_wall_us() - (int64_t)(from_hours * 3600e6);
	replay_begin(r);
	open_wallets_before(r, first_us);
	replay_top_up(r, orders, (replay_id_at(first_us - 2000)) | node_bits, first_us - 2000);
	replay_commit(r);
	fill(r, orders, first_us, step_us, (uint64_t)seed << 32);
	replay_exec(r, "PRAGMA synchronous = FULL");
	replay_exec(r, "PRAGMA journal_mode = WAL");
	double seconds = (double)(wire_now_ns() - before_ns) / 1e9;
	printf("{\"orders\":%lld,\"sample_orders\":%zu,\"rows_per_order\":%.1f,\"seconds\":%.1f,\"per_second\":%.0f}\n",
	       (long long)orders, replay_orders(r), replay_rows_each(r), seconds, (double)orders / seconds);
	replay_close(r);
	return 0;
}
