"""The rows on PostgreSQL: each beside pgbench's TPC-B, measured just before on the same server."""

from . import partners, rows_write
from .load import Generator, Receiver, generate
from .report import Result
from .server import Bodega

INTAKE_TARGET, INTAKE_P99_MS = 12000, 30
STEADY_TARGET = 5500
REFERENCE = "pgbench TPC-B a second, 8 clients, prepared, same server"


def _store(bench):
    return "preloaded" if bench.options.preload else "fresh"


def _reference(bench):
    return bench.postgres().pgbench(bench.seconds(30, 3))


def intake(bench):
    """Creates as fast as they are answered, none of which completes while it is measured."""
    server = bench.postgres()
    tps = _reference(bench)
    for connections in (64, 128):
        folders = server.folders(_store(bench))
        taken = rows_write.take_in(bench, folders[0], connections)
        server.drop(folders)
        run, counts = taken["run"], connections == 128
        rate, p99 = run["per_second"], run["latency_ms"]["p99"]
        yield Result("postgres-intake", f"creates a second, {connections} connections", rate, "/s", tps, REFERENCE,
                     f">= {INTAKE_TARGET:,} and 2 x ref" if counts else "",
                     taken["sound"] and rate >= INTAKE_TARGET and rate >= 2 * tps if counts else None,
                     notes=taken["notes"], details=run)
        yield Result("postgres-intake", f"create p99, {connections} connections", p99, "ms", None, "",
                     f"<= {INTAKE_P99_MS} ms" if counts else "",
                     taken["sound"] and p99 <= INTAKE_P99_MS if counts else None, "less",
                     notes={name: run["latency_ms"][name] for name in ("p50", "p90", "p99_9", "max")})


def steady(bench):
    """Orders created, completed and called back all at the same pace."""
    tps = _reference(bench)
    folders = bench.postgres().folders(_store(bench))
    found, notes = rows_write.work_off(bench, folders[0], STEADY_TARGET)
    bench.postgres().drop(folders)
    rate = min(found["created"], found["delivered"])
    yield Result("postgres-steady", "created = completed = called back, a second", rate, "/s", tps, REFERENCE,
                 f">= {STEADY_TARGET:,}, backlog flat", found["flat"] and rate >= STEADY_TARGET, notes=notes,
                 details=found)


def wallets(bench):
    """Everything on one wallet against the same spread over a thousand."""
    tps = _reference(bench)
    folders = bench.postgres().folders(_store(bench))
    one, many, notes = rows_write.one_and_many(bench, folders[0])
    bench.postgres().drop(folders)
    yield Result("postgres-wallets", f"creates a second on one wallet, against {bench.options.partners:,}", one, "/s",
                 many, f"the same spread over {bench.options.partners:,} wallets", ">= 0.9 x ref",
                 one >= 0.9 * many and not notes["errors"], notes={**notes, REFERENCE: tps})


def _keys(bench, numbers):
    secret = bench.secret.split(":", 1)[1]
    return bench.lines(f"{partners.key_of(number)}:{secret}" for number in numbers)


def _together(bench, files, sharded=False):
    """Creates a second at nodes on one database, each with the callers of its file."""
    folders = bench.postgres().folders(_store(bench), len(files))
    servers = []
    try:
        for folder in folders:
            servers.append(Bodega(bench, folder, sharded=sharded))
        runs = [Generator(bench, server.port, bench.seconds(30, 3), warmup=bench.seconds(3, 2),
                          connections=128 // len(files), credentials=file, **bench.purchase("300"))
                for server, file in zip(servers, files)]
        found = [run.result() for run in runs]
    finally:
        for server in servers:
            server.stop()
        bench.postgres().drop(folders)
    return {"rate": sum(run["per_second"] for run in found),
            "errors": [run["errors_by_kind"] for run in found if run["errors"]], "runs": found}


def nodes(bench):
    """Two nodes on one database, every partner at both, against one node: as it comes, which must not cost anything, and
    with partners that belong to nodes, which hand requests on to one another."""
    tps = _reference(bench)
    everybody = range(bench.options.partners)
    one = _together(bench, [_keys(bench, everybody)])
    for sharded, name, factor in ((False, "partners overlapping", 1), (True, "sharded by partner", 1.4)):
        two = _together(bench, [_keys(bench, everybody), _keys(bench, everybody)], sharded)
        errors = one["errors"] + two["errors"]
        yield Result("postgres-nodes", f"creates a second, two nodes, {name}", two["rate"], "/s", one["rate"],
                     "one node, same connections in all", f">= {factor:g} x ref",
                     two["rate"] >= factor * one["rate"] and not errors,
                     notes={"errors": errors, REFERENCE: tps,
                            "p99 ms": [run["latency_ms"]["p99"] for run in two["runs"]]},
                     details={"nodes": two["runs"]})
