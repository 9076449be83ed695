"""Data folders: a fresh one, samples of orders, and the preloaded one, each made once and copied for every row."""

import glob
import json
import os
import shutil
import sqlite3
import subprocess
import time

from . import partners
from .load import Receiver, generate
from .server import Bodega

HOURS_OF_OLDER_ORDERS = 30 * 24
SAMPLE_ORDERS = 1000
RECENT_HOURS = 22
WALLET_MICROS = 10 ** 9 * 10 ** 6
# A list shows 24 hours; after this long, and a run, the recent orders would begin to leave it.
KEPT_SECONDS = 3600

# Tables that orders fill; a preloaded store begins without any of theirs.
ORDER_TABLES = ["parties", "units", "attempts", "jobs", "events", "callbacks"]


def store_path(data):
    """The store in a data folder: the one file that begins as SQLite's do and has orders."""
    for path in sorted(glob.glob(os.path.join(data, "*"))):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                if file.read(16) == b"SQLite format 3\0":
                    return path
    raise RuntimeError(f"no SQLite store in {data}")


def _copy_folder(source, target):
    """Files and folders; a socket that a server left behind is none of them."""
    def others(folder, names):
        paths = [(name, os.path.join(folder, name)) for name in names]
        return [name for name, path in paths if not (os.path.isfile(path) or os.path.isdir(path))]
    shutil.copytree(source, target, ignore=others, dirs_exist_ok=True)


def query(data, sql, *values):
    """Rows from a store, read-only. Bounded statements only: it may be large. Values and results are numbers."""
    uri = os.path.join(data, "store.uri")
    if os.path.exists(uri):
        with open(uri) as file:
            done = subprocess.run(["psql", "-qXAtF", " ", "-v", "ON_ERROR_STOP=1", "-c",
                                   sql.replace("?", "%d") % values, file.read().strip()],
                                  stdout=subprocess.PIPE, check=True, text=True)
        return [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    db = sqlite3.connect(f"file:{store_path(data)}?mode=ro", uri=True, timeout=30)
    try:
        return db.execute(sql, values).fetchall()
    finally:
        db.close()


def orders_by_state(data, after_id):
    return dict(query(data, "SELECT state, count(*) FROM orders WHERE id > ? GROUP BY state", after_id))


def newest_order(data):
    return query(data, "SELECT coalesce(max(id), 0) FROM orders")[0][0]


class Stores:
    def __init__(self, bench):
        self.bench = bench
        self.made = {}

    def copy(self, name):
        """A private copy of a folder, for one row to write into; the caller drops it."""
        target = self.bench.folder("data")
        _copy_folder(self.get(name), target)
        return target

    def drop(self, data):
        shutil.rmtree(data, ignore_errors=True)

    def get(self, name):
        if name not in self.made:
            self.made[name] = getattr(self, "_make_" + name)()
        return self.made[name]

    def _make_fresh(self):
        data = self.bench.folder("fresh")
        with Bodega(self.bench, data) as server:
            self.bench.choose_purchase(server)
            self.bench.secret = server.secret_of()
            keys = [server.secret_of(name).split(":")[0] for name in ("main", "second")]
        partners.fill_wallets(store_path(data), keys, WALLET_MICROS)
        return data

    def _make_completed(self):
        """Orders worked off to the end, their callbacks delivered."""
        data = self.copy("fresh")
        with Bodega(self.bench, data, time_scale=100) as server, Receiver(self.bench) as receiver:
            made = generate(self.bench, server.port, 60, requests=SAMPLE_ORDERS, connections=16,
                            credentials=server.credentials_file(("main", "second")),
                            callback=receiver.url, **self.bench.purchase("100"))
            if made["ok"] != SAMPLE_ORDERS:
                raise RuntimeError(f"sample orders refused: {made['errors_by_kind']}")
            deadline = time.monotonic() + 60
            while receiver.counts()["distinct"] < SAMPLE_ORDERS:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"sample orders not delivered: {receiver.counts()}")
                time.sleep(0.1)
        return data

    def _make_waiting(self):
        """Orders that have been placed and confirmed and wait for the supplier."""
        data = self.copy("fresh")
        with Bodega(self.bench, data) as server:
            made = generate(self.bench, server.port, 60, requests=SAMPLE_ORDERS, connections=16,
                            credentials=server.credentials_file(("main", "second")),
                            callback="http://127.0.0.1:9/callbacks", **self.bench.purchase("300"))
            if made["ok"] != SAMPLE_ORDERS:
                raise RuntimeError(f"sample orders refused: {made['errors_by_kind']}")
        return data

    def _make_preloaded(self):
        """The completed sample, written millions of times over the last month; a fifth of it is the main partner's and
        lies within the last day."""
        kept = self.bench.options.preload_dir
        marker = os.path.join(kept, "bench-preloaded") if kept else ""
        if os.path.exists(marker):
            if time.time() - os.path.getmtime(marker) < KEPT_SECONDS:
                return kept
            self.bench.say("the kept store is too old: its newest orders leave the day that lists show")
            shutil.rmtree(kept)
        data = kept or self.bench.folder("preloaded")
        _copy_folder(self.get("fresh"), data)
        sample = store_path(self.get("completed"))
        main = query(self.get("completed"), "SELECT id FROM partners WHERE name = 'main'")[0][0]
        orders = self.bench.options.preload
        recent = orders // 5
        self.bench.say(f"preloading {orders:,} orders")
        parts = [(orders - recent, None, HOURS_OF_OLDER_ORDERS, 24), (recent, main, RECENT_HOURS, 0.01)]
        for count, partner, begin, end in parts:
            command = [self.bench.program("preload"), "--file", store_path(data), "--sample", sample, "--orders",
                       str(count), "--from-hours-ago", str(begin), "--to-hours-ago", str(end), "--seed",
                       "2" if partner else "1"]
            if partner:
                command += ["--partner", str(partner)]
            made = json.loads(self.bench.processes.run(command, 3600))
            self.bench.say(f"  {made['orders']:,} in {made['seconds']} s, {made['rows_per_order']} rows each")
        with open(os.path.join(data, "bench-preloaded"), "w") as file:
            file.write(f"{orders}\n")
        return data

    def _make_many_partners(self):
        """The fresh store with copies of its main partner."""
        data = self.copy("fresh")
        partners.copy_partner(store_path(data), self.bench.secret.split(":")[0], self.bench.options.partners)
        return data

    def _make_many_products(self):
        """As many products as a real catalogue has."""
        data = self.bench.folder("products")
        with Bodega(self.bench, data, products=self.bench.options.products) as server:
            self.bench.say(f"made {self.bench.options.products:,} products in {server.started_seconds:.1f} s")
        return data
