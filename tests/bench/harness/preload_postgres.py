"""Millions of completed orders in a PostgreSQL store, written by the server itself out of a sample of them.

The sample's rows of every table that belongs to an order are set aside and written again and again, each time a stretch
of time later, the last time as they were. Which of a row's numbers are ids and which are times is told by their size: a
new column needs no change here. External references become random. Balances and numbers of the copies are the sample's,
so `bodega verify` has things to say about such a store: it is for measuring alone.
"""

TABLES = ("orders", "parties", "details", "units", "attempts", "ledger", "events", "callbacks")
COPIES_A_STATEMENT = 100
ID_SHIFT = 12  # base/ids.h: an id is milliseconds, then this many bits


def _columns(ask, table):
    rows = ask(f"SELECT column_name || ' ' || data_type FROM information_schema.columns WHERE table_name = '{table}' "
               "ORDER BY ordinal_position")
    return [line.split(" ", 1) for line in rows.splitlines()]


def _expression(name, kind, ids, times, stretch_ms):
    """A column of the copy that lies `back` stretches before the sample."""
    if name == "ext_key":
        return "substring(s.ext_key FROM '^[0-9]+:[0-9]+:') || md5(s.ext_key || back)"
    if kind != "bigint":
        return f"s.{name}"
    return (f"CASE WHEN s.{name} BETWEEN {ids[0]} AND {ids[1]} THEN s.{name} - back * {stretch_ms << ID_SHIFT} "
            f"WHEN s.{name} BETWEEN {times[0]} AND {times[1]} THEN s.{name} - back * {stretch_ms * 1000} "
            f"ELSE s.{name} END")


def set_sample_aside(ask):
    """Returns how many orders it has."""
    for table in TABLES:
        only = " WHERE order_id IS NOT NULL" if table == "ledger" else ""
        ask(f"CREATE TABLE sample_{table} AS SELECT * FROM {table}{only}")
        ask(f"DELETE FROM {table}{only}")
        ask(f"VACUUM {table}")
    return int(ask("SELECT count(*) FROM sample_orders"))


def copy_sample(ask, first, end):
    """The copies that lie from `first` down to `end` stretches before the sample, oldest first."""
    low, high, begin, last = map(int, ask(
        "SELECT (SELECT min(id) FROM sample_orders), (SELECT max(id) FROM sample_events), "
        "(SELECT min(created_at) FROM sample_orders), (SELECT max(created_at) FROM sample_events)").split("|"))
    # What one copy's ids and times are apart from the next's: more than placing and settling the sample took.
    stretch_ms = (high - low >> ID_SHIFT) + 1000
    ids = (low - (1 << 20), high + (1 << 20))
    times = (begin - 60_000_000, last + 600_000_000)
    for table in TABLES:
        columns = _columns(ask, table)
        names = ", ".join(name for name, _ in columns)
        values = ", ".join(_expression(name, kind, ids, times, stretch_ms) for name, kind in columns)
        ask(f"SET synchronous_commit = off; INSERT INTO {table} ({names}) SELECT {values} "
            f"FROM generate_series({first}::bigint, {end}, -1) back CROSS JOIN LATERAL "
            f"(SELECT * FROM sample_{table} ORDER BY 1) s")


def fill(ask, orders):
    """At least so many orders."""
    copies = -(-orders // set_sample_aside(ask))
    for first in range(copies - 1, -1, -COPIES_A_STATEMENT):
        copy_sample(ask, first, max(first - COPIES_A_STATEMENT + 1, 0))
    drop_sample(ask)


def drop_sample(ask):
    for table in TABLES:
        ask(f"DROP TABLE sample_{table}")
