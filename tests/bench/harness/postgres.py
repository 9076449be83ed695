"""A PostgreSQL of this run, as an operator would set it up, with a store in it: made once from one on SQLite by `bodega
export | bodega import`, and filled there when it is to be the preloaded one; copied for every row by the server itself."""

import os
import re
import shutil
import subprocess

from . import partners, preload_postgres

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
SCRIPT = os.path.join(ROOT, "tests", "support", "postgres")
PGBENCH_SCALE = 50
PGBENCH_CLIENTS = 8
IMPORT_SECONDS = 3 * 3600

# A quarter of the memory; a checkpoint every few minutes and not every few seconds; the rest as Debian ships it.
SETTINGS = """
shared_buffers = {shared_mib}MB
max_wal_size = 8GB
checkpoint_timeout = 15min
max_connections = 200
fsync = on
full_page_writes = on
synchronous_commit = on
"""


def _quarter_of_memory_mib():
    with open("/proc/meminfo") as file:
        return int(file.readline().split()[1]) // 1024 // 4


class Postgres:
    def __init__(self, bench):
        self.bench = bench
        # Where the user postgres may go, and on the disk that is measured.
        self.folder = os.path.join(os.path.dirname(bench.root), os.path.basename(bench.root) + "-postgres")
        self.uri = self._script("start", self.folder)
        with open(os.path.join(self.folder, "data", "postgresql.conf"), "a") as file:
            file.write(SETTINGS.format(shared_mib=_quarter_of_memory_mib()))
        self._script("restart", self.folder)
        self.count = 0
        self.made = {}
        self.has_pgbench = False

    def _script(self, *words):
        done = subprocess.run([SCRIPT, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"tests/support/postgres {words[0]}: {done.stderr.strip()[-400:]}")
        return done.stdout.strip()

    def close(self):
        self._script("stop", self.folder)

    def database(self, name):
        return f"{self.uri.rpartition('/')[0]}/{name}"

    def ask(self, sql, uri=None):
        return self.bench.processes.run(["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-c", sql, uri or self.uri],
                                        IMPORT_SECONDS).strip()

    def _make(self, store):
        """Moves a store of bench.stores into a database of its name; the folder that goes with it. The preloaded one is
        the completed sample, many times over."""
        sample = "completed" if store == "preloaded" else store
        source, target = self.bench.stores.copy(sample), self.bench.folder("postgres-" + store)
        # The one wallet of a row and the many of it are in the same store.
        partners.copy_partner(os.path.join(source, "store.db"), self.bench.secret.split(":")[0],
                              self.bench.options.partners)
        name = f"made_{store}"
        self.ask(f"CREATE DATABASE {name}")
        self.bench.say(f"moving the {sample} store to PostgreSQL")
        with self.bench.processes.exporting(self.bench.bodega, source) as text:
            self.bench.processes.run([self.bench.bodega, "import", "--data", target, "--store", self.database(name),
                                      "--key", os.path.join(source, "master.key"), "--no-verify"],
                                     IMPORT_SECONDS, stdin=text)
        shutil.copy(os.path.join(source, "demo-credentials.json"), target)
        self.bench.stores.drop(source)
        if store == "preloaded":
            self.bench.say(f"writing {self.bench.options.preload:,} orders")
            preload_postgres.fill(lambda sql: self.ask(sql, self.database(name)), self.bench.options.preload)
        self.ask("VACUUM ANALYZE", self.database(name))
        return name, target

    def folders(self, store, nodes=1):
        """Data folders, one a node, of one new database with a copy of that store."""
        if store not in self.made:
            self.made[store] = self._make(store)
        template, made = self.made[store]
        self.count += 1
        name = f"row_{self.count}"
        self.ask(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        self.ask("CHECKPOINT")
        folders = []
        for number in range(nodes):
            folder = self.bench.folder(f"node{number}")
            for file in ("master.key", "demo-credentials.json"):
                shutil.copy(os.path.join(made, file), folder)
            path = os.path.join(folder, "store.uri")
            with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                file.write(self.database(name) + "\n")
            folders.append(folder)
        return folders

    def drop(self, folders):
        with open(os.path.join(folders[0], "store.uri")) as file:
            name = file.read().strip().rpartition("/")[2]
        self.ask(f"DROP DATABASE {name} WITH (FORCE)")
        for folder in folders:
            self.bench.stores.drop(folder)

    def pgbench(self, seconds):
        """Transactions a second of TPC-B, eight clients, prepared; on the same server, now."""
        if not self.has_pgbench:
            self.ask("CREATE DATABASE pgbench")
            self.bench.processes.run(["pgbench", "-iq", "-s", str(PGBENCH_SCALE), self.database("pgbench")], 600)
            self.has_pgbench = True
        self.ask("CHECKPOINT")
        out = self.bench.processes.run(["pgbench", "-c", str(PGBENCH_CLIENTS), "-j", "2", "-M", "prepared", "-T",
                                        str(seconds), self.database("pgbench")], seconds + 120)
        return float(re.search(r"tps = ([\d.]+) \(without initial", out).group(1))
