"""Rows about orders coming in and being worked off."""

import json
import os
import subprocess
import time

from . import partners, stores
from .load import Receiver, generate, Generator
from .report import Result
from .server import Bodega

EMPTY, PRELOADED = "empty", "preloaded"

# Orders a second and p99 in ms, by how full the store is.
INTAKE_TARGET = {EMPTY: (12000, 40), PRELOADED: (8000, 60)}
STEADY_TARGET = {EMPTY: 6000, PRELOADED: 4500}
FOLDER = {EMPTY: "fresh", PRELOADED: "preloaded"}

# A backlog is flat when it grows by less than this share of what came in.
FLAT_SHARE = 0.01


def bare_loop(bench, fullness, sample, **options):
    """The reference: the same rows into a copy of the same store, by a program that does nothing else."""
    data = bench.stores.copy(FOLDER[fullness])
    command = [bench.program("bare_loop"), "--file", stores.store_path(data), "--sample",
               stores.store_path(bench.stores.get(sample)), "--seconds", str(bench.seconds(10, 3)), "--warmup", "1"]
    for name, value in options.items():
        command += ["--" + name] + ([] if value is True else [str(value)])
    try:
        return json.loads(bench.processes.run(command, 300))
    finally:
        bench.stores.drop(data)


def intake(bench, fullness):
    """Creates as fast as they are answered, none of which completes while it is measured."""
    yield from _intake(bench, fullness, bare_loop(bench, fullness, "waiting"))


def take_in(bench, data, connections):
    """Creates as fast as they are answered at a server over that folder: the run, what to print of it, whether it was
    sound: no error, and as many orders stored as were answered."""
    before = stores.newest_order(data)
    with Bodega(bench, data) as server:
        cpu = server.processor_seconds()
        run = generate(bench, server.port, bench.seconds(30, 3), warmup=bench.seconds(3, 1), connections=connections,
                       credentials=server.credentials_file(), callback="http://127.0.0.1:9/callbacks",
                       **bench.purchase("300"))
        cpu = server.processor_seconds() - cpu
        memory = server.memory_bytes("VmHWM")
    stored = stores.orders_by_state(data, before)
    notes = {"slowest second": min(_whole_seconds(run, bench.seconds(3, 1)), default=0),
             "backlog": sum(stored.values()) - stored.get(4, 0), "answered 201": run["ok"],
             "stored": sum(stored.values()), "errors": run["errors_by_kind"],
             "server us/order": cpu * 1e6 / max(1, run["ok"]), "server MiB at most": memory / 2 ** 20,
             "generator core share": run["own_cpu_share"]}
    return {"run": run, "notes": notes, "sound": run["errors"] == 0 and sum(stored.values()) == run["ok"]}


def _intake(bench, fullness, bare):
    rate_target, p99_target = INTAKE_TARGET[fullness]
    for connections in (64, 128):
        data = bench.stores.copy(FOLDER[fullness])
        taken = take_in(bench, data, connections)
        bench.stores.drop(data)
        run, sound = taken["run"], taken["sound"]
        if fullness == EMPTY and connections == 64:
            bench.intake_rate = run["per_second"]
        rate, p99 = run["per_second"], run["latency_ms"]["p99"]
        yield Result(f"intake-{fullness}", f"creates a second, {connections} connections", rate, "/s",
                     bare["orders_per_second"], f"bare loop, {bare['batch']} orders a commit, same rows, same store",
                     f">= {rate_target:,} and 0.6 x ref",
                     sound and rate >= rate_target and rate >= 0.6 * bare["orders_per_second"],
                     notes=taken["notes"], details=run)
        yield Result(f"intake-{fullness}", f"create p99, {connections} connections", p99, "ms",
                     bare["commit_ms"]["p99"], "p99 of the bare loop's commits", f"<= {p99_target} ms",
                     sound and p99 <= p99_target, "less",
                     notes={name: run["latency_ms"][name] for name in ("p50", "p90", "p99_9", "max")})


def _whole_seconds(run, warmup):
    """Answers in each whole second of the window."""
    return run["ok_each_second"][int(warmup) + 1:int(warmup + run["seconds"])]


def _backlog(run, samples):
    """(second of the run, created and not yet delivered) wherever a count was taken within a second of the run."""
    start = run["started_wall_us"] / 1e6
    points = []
    for at, delivered in samples:
        whole, part = divmod(at - start, 1)
        if 0 <= whole < len(run["ok_each_second"]) - 1:
            created = sum(run["ok_each_second"][:int(whole)]) + part * run["ok_each_second"][int(whole)]
            points.append((at - start, created - delivered))
    return points


def _slope(points):
    """Least squares: by how much the backlog grows a second."""
    if len(points) < 2:
        return 0.0
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    square = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / square if square else 0.0


def offer(bench, server, receiver, rate, seconds):
    """Orders at a fixed rate, worked off and called back meanwhile; then waits until the last one is delivered."""
    warmup = bench.seconds(6, 4)  # longer than the supplier's delay: the pipe is full when measuring begins
    already = receiver.counts()
    generator = Generator(bench, server.port, seconds, warmup=warmup, rate=rate, tick=1, connections=128,
                          credentials=server.credentials_file(), callback=receiver.url, **bench.purchase("100"))
    receiver.sample()
    run = generator.result()
    samples = [(at, count - already["distinct"]) for at, count in receiver.end_sampling()]
    deadline = time.monotonic() + 30 + seconds
    while receiver.counts()["distinct"] - already["distinct"] < run["ok"] and time.monotonic() < deadline:
        time.sleep(0.1)
    after = receiver.counts()
    points = [(x, y) for x, y in _backlog(run, samples) if x >= warmup]
    window = [(at, count) for at, count in samples if points and warmup <= at - run["started_wall_us"] / 1e6]
    window = [(at, count) for at, count in window if at - run["started_wall_us"] / 1e6 <= warmup + run["seconds"]]
    delivered = (window[-1][1] - window[0][1]) / (window[-1][0] - window[0][0]) if len(window) > 1 else 0.0
    slope = _slope(points)
    undelivered = run["ok"] - (after["distinct"] - already["distinct"])
    return {"rate": rate, "created": run["per_second"], "delivered": delivered, "slope": slope,
            "backlog_first": points[0][1] if points else 0, "backlog_last": points[-1][1] if points else 0,
            "undelivered": undelivered, "repeats": after["repeats"] - already["repeats"],
            "completed": after["by_class"].get("7", 0) - already["by_class"].get("7", 0), "ok": run["ok"], "run": run,
            "flat": run["errors"] == 0 and undelivered == 0 and slope <= FLAT_SHARE * rate
            and run["per_second"] >= 0.99 * rate}


def _highest_flat(bench, server, receiver, target):
    """Looks for the highest rate at which the backlog stays flat: short runs upwards, then a long one that counts."""
    rate, best = target * 0.5, target * 0.5
    while rate <= target * 3:
        if not offer(bench, server, receiver, rate, bench.seconds(12, 4))["flat"]:
            break
        best = rate
        rate *= 1.2
    found = None
    for _ in range(2 if bench.options.quick else 6):
        found = offer(bench, server, receiver, best, bench.seconds(60, 6))
        if found["flat"]:
            break
        best *= 0.9
    return found


def work_off(bench, data, target):
    """The highest rate at which a server over that folder works off what comes in, and what to print of it."""
    with Bodega(bench, data) as server, Receiver(bench) as receiver:
        cpu = server.processor_seconds()
        found = _highest_flat(bench, server, receiver, target)
        cpu = server.processor_seconds() - cpu
        total = receiver.counts()
    notes = {"backlog": "flat" if found["flat"] else "NOT flat", "offered": found["rate"],
             "created/s": found["created"], "delivered/s": found["delivered"],
             "at first": found["backlog_first"], "at last": found["backlog_last"],
             "grows/s": found["slope"], "never delivered": found["undelivered"],
             "completed": found["completed"], "created": found["ok"], "repeats": found["repeats"],
             "errors": found["run"]["errors_by_kind"], "create p99 ms": found["run"]["latency_ms"]["p99"],
             "server us/order": cpu * 1e6 / max(1, total["distinct"]),
             "generator core share": found["run"]["own_cpu_share"],
             "receiver us/callback": total["own_cpu_seconds"] * 1e6 / max(1, total["deliveries"])}
    return found, notes


def steady(bench, fullness):
    """Orders created, completed and called back all at the same pace."""
    target = STEADY_TARGET[fullness]
    bare = bare_loop(bench, fullness, "completed", settle=True)
    data = bench.stores.copy(FOLDER[fullness])
    found, notes = work_off(bench, data, target)
    bench.stores.drop(data)
    rate = min(found["created"], found["delivered"])
    yield Result(f"steady-{fullness}", "created = completed = called back, a second", rate, "/s",
                 bare["settled_per_second"], "bare loop placing and settling the same rows, 128 a commit",
                 f">= {target:,}, backlog flat", found["flat"] and rate >= target, notes=notes, details=found)


def one_and_many(bench, data):
    """Creates a second on one wallet and spread over all, at a server over that folder, and what to print of them."""
    secret = bench.secret.split(":", 1)[1]
    files = {"one": bench.lines([bench.secret]),
             "spread": bench.lines(f"{partners.key_of(number)}:{secret}" for number in range(bench.options.partners))}
    runs = {"one": [], "spread": []}
    with Bodega(bench, data) as server:
        # Alternated, so that a store that grows slows both down alike.
        for name in ("one", "spread", "spread", "one"):
            runs[name].append(generate(bench, server.port, bench.seconds(15, 2), warmup=1, connections=64,
                                       credentials=files[name], **bench.purchase("300")))
    rates = {name: [run["per_second"] for run in found] for name, found in runs.items()}
    one, many = (sum(rates[name]) / len(rates[name]) for name in ("one", "spread"))
    return one, many, {**rates, "errors": [run["errors_by_kind"] for found in runs.values() for run in found
                                           if run["errors"]]}


def wallets(bench):
    """Everything on one wallet against the same spread over a thousand."""
    count = bench.options.partners
    data = bench.stores.copy("many_partners")
    one, many, notes = one_and_many(bench, data)
    bench.stores.drop(data)
    yield Result("wallets", f"creates a second on one wallet, against {count:,}", one, "/s", many,
                 f"the same spread over {count:,} wallets", ">= 0.9 x ref",
                 one >= 0.9 * many and not notes["errors"], notes=notes)


def single(bench):
    """One client that waits for each answer before it sends the next order."""
    bare = bare_loop(bench, EMPTY, "waiting", batch=1)
    data = bench.stores.copy("fresh")
    with Bodega(bench, data) as server:
        run = generate(bench, server.port, bench.seconds(10, 3), warmup=1, connections=1,
                       credentials=server.credentials_file(), **bench.purchase("300"))
    bench.stores.drop(data)
    p50 = run["latency_ms"]["p50"]
    yield Result("single", "create p50, one connection", p50, "ms", bare["commit_ms"]["p50"],
                 "p50 of the bare loop's commits of one order", "<= 1 ms", run["errors"] == 0 and p50 <= 1, "less",
                 notes={"p99": run["latency_ms"]["p99"], "max": run["latency_ms"]["max"], "orders/s": run["per_second"],
                        "errors": run["errors_by_kind"]})


def half_load(bench, server, rate, seconds):
    """Creates in the background, at half of what the empty store took in; the caller reads the result."""
    return Generator(bench, server.port, seconds, warmup=1, rate=rate, connections=64,
                     credentials=server.credentials_file(("second",)), **bench.purchase("300"))


IMPORT_RATE = 1000
STOCKED = 1392  # a gift card of the demo's catalogue


def write_codes(data, rows):
    path = os.path.join(data, "codes.csv")
    with open(path, "w") as file:
        file.writelines(f"BENCH-{n:010d},S{n}\n" for n in range(rows))
    return path


def stock_import(bench):
    """Creates at a modest rate, alone and beside an import; the import goes on for as long as it takes."""
    data = bench.stores.copy("fresh")
    rows, seconds = (20000, 2) if bench.options.quick else (1000000, 15)
    codes = write_codes(data, rows)
    with Bodega(bench, data) as server:
        alone = half_load(bench, server, IMPORT_RATE, seconds).result()
        start = time.monotonic()
        importing = bench.processes.start([bench.bodega, "stock", "import", codes, "--product", str(STOCKED),
                                           "--sandbox", "--data", data], stdout=subprocess.DEVNULL)
        beside = half_load(bench, server, IMPORT_RATE, seconds).result()
        still = importing.poll() is None
        importing.wait(1800)
        took = time.monotonic() - start
        bench.processes.running.remove(importing)
    bench.stores.drop(data)
    p99, reference = beside["latency_ms"]["p99"], alone["latency_ms"]["p99"]
    sound = importing.returncode == 0 and (still or bench.options.quick) and not alone["errors"] + beside["errors"]
    yield Result("stock-import", f"create p99 beside an import of {rows:,} codes", p99, "ms", reference,
                 f"the same {IMPORT_RATE:,} creates a second without it", "<= 3 x ref",
                 sound and p99 <= 3 * reference, "less",
                 notes={"codes/s": rows / took, "p50 ms": beside["latency_ms"]["p50"],
                        "ref p50 ms": alone["latency_ms"]["p50"], "errors": beside["errors_by_kind"]})
