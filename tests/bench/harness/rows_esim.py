"""Rows about eSIMs: orders bought to the end through the MobiMatter and PayVessel APIs, and read, beside DVS."""

import http.client
import json
import os
import time

from . import stores
from .load import generate
from .report import Result
from .server import Bodega

CONNECTIONS = 32
MOBIMATTER, PAYVESSEL = "/mobimatter/api/v2", "/api/v1/esim"
SYNC = "/v1/sync/transactions"
ESIM, PACKAGE = "75b98dc7-c026-48c1-9fee-465681382d39", "JC016"
ID_PLACES = "________-____-____-____-____________"
# The sandbox's seconds become milliseconds: what is measured is the server.
TIME_SCALE = 100000
READ_SHARE = PAIR_SHARE = 0.8
DRAIN_SECONDS = 60
ROUNDS = 3  # in turns: a machine that is slower for a while is so for all


def _headers(server, dialect):
    given = server.credentials["partners"]["main"][dialect]
    return {"mobimatter": {"api-key": given.get("api_key"), "merchantId": given.get("merchant_id")},
            "payvessel": {"api-key": given.get("api_key"), "api-secret": given.get("api_secret")}}[dialect]


def _headers_file(server, dialect):
    path = os.path.join(server.data, "bench-" + dialect)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(f"{name}: {value}\n" for name, value in _headers(server, dialect).items())
    return path


def _call(server, dialect, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request(method, path, json.dumps(body) if body else None,
                       {**_headers(server, dialect), "Content-Type": "application/json"})
    answer = connection.getresponse()
    tree = json.loads(answer.read())
    connection.close()
    if answer.status not in (200, 201):
        raise RuntimeError(f"{method} {path}: {answer.status} {tree}")
    return tree


def _mobimatter_orders(server, count):
    paths = []
    for _ in range(count):
        order = _call(server, "mobimatter", "POST", MOBIMATTER + "/order", {"productId": ESIM})["result"]["orderId"]
        _call(server, "mobimatter", "PUT", MOBIMATTER + "/order/complete", {"orderId": order})
        paths.append(f"{MOBIMATTER}/order/{order}")
    return paths


def _payvessel_orders(server, count):
    paths = []
    for number in range(count):
        body = {"reference": f"bench-{number}", "package_code": PACKAGE}
        made = _call(server, "payvessel", "POST", PAYVESSEL + "/orders", body)
        paths.append(PAYVESSEL + "/orders/" + made["data"]["id"])
    deadline = time.monotonic() + DRAIN_SECONDS
    while _call(server, "payvessel", "GET", paths[-1])["data"]["status"] != "completed":
        if time.monotonic() > deadline:
            raise RuntimeError("an eSIM order was not completed")
    return paths


def get_order(bench):
    """Completed orders by id, each with its profile, beside as many DVS orders; all bought here a moment before."""
    count = 200 if bench.options.quick else 2000
    data = bench.stores.copy("fresh")
    with Bodega(bench, data, time_scale=TIME_SCALE) as server:
        generate(bench, server.port, 1, credentials=server.credentials_file(), connections=CONNECTIONS, warmup=0,
                 **bench.purchase("100"))
        _drain(data)
        paths = {"dvs": [f"/v1/transactions/{order}" for order in server.order_ids(count)],
                 "mobimatter": _mobimatter_orders(server, count), "payvessel": _payvessel_orders(server, count)}
        runs = {dialect: [] for dialect in paths}
        for dialect in list(paths) * ROUNDS:
            how = {"credentials": server.credentials_file()} if dialect == "dvs" else \
                {"headers": _headers_file(server, dialect)}
            runs[dialect].append(generate(bench, server.port, bench.seconds(5, 1), paths=bench.lines(paths[dialect]),
                                          warmup=1, connections=CONNECTIONS, **how))
    bench.stores.drop(data)
    for dialect in ("mobimatter", "payvessel"):
        ours, dvs = _mean(runs[dialect]), _mean(runs["dvs"])
        errors = [run["errors_by_kind"] for run in runs[dialect] + runs["dvs"] if run["errors"]]
        yield Result("esim-get-order", f"GET of a completed {dialect} order a second, {CONNECTIONS} connections",
                     ours, "/s", dvs, "DVS orders by id, same server, same generator, in turns",
                     f">= {READ_SHARE} x ref", not errors and ours >= READ_SHARE * dvs,
                     notes={"orders": len(paths[dialect]), "each": [run["per_second"] for run in runs[dialect]],
                            "ref each": [run["per_second"] for run in runs["dvs"]],
                            "p99 ms": max(run["latency_ms"]["p99"] for run in runs[dialect]),
                            "ref p99 ms": max(run["latency_ms"]["p99"] for run in runs["dvs"]), "errors": errors,
                            "generator core share": runs[dialect][0]["own_cpu_share"]})


def _mean(runs):
    return sum(run["per_second"] for run in runs) / len(runs)


def pairs(bench):
    """Orders bought to the end: created and completed, or created and delivered by themselves; each beside what DVS
    does in as many requests and commits."""
    seconds, connections = bench.seconds(30, 3), 64
    data = bench.stores.copy("fresh")
    with Bodega(bench, data, time_scale=TIME_SCALE) as server:
        options = {"connections": connections, "warmup": bench.seconds(3, 1)}
        dvs = {"credentials": server.credentials_file(), "create_path": SYNC, **options, **bench.purchase("100")}
        created = generate(bench, server.port, seconds, **dvs)
        confirmed = generate(bench, server.port, seconds, then=SYNC + "/{id}/confirm", then_expect=202, **dvs)
        completed = generate(bench, server.port, seconds, headers=_headers_file(server, "mobimatter"), expect=200,
                             create_path=MOBIMATTER + "/order", body=json.dumps({"productId": ESIM}),
                             then=MOBIMATTER + "/order/complete", **options)
        delivered = generate(bench, server.port, seconds, headers=_headers_file(server, "payvessel"),
                             create_path=PAYVESSEL + "/orders",
                             body=json.dumps({"reference": ID_PLACES, "package_code": PACKAGE}), **options)
        open_orders = _drain(data)
    bench.stores.drop(data)
    singles, pairs_of_dvs = "DVS creates that wait for their completion, same server", \
        "DVS creates with a confirmation that waits for the completion, same server"
    for name, run, unit, like, what in (
            ("mobimatter", completed, "create and complete", confirmed, pairs_of_dvs),
            ("payvessel", delivered, "create", created, singles)):
        yield Result("esim-pairs", f"{name}: {unit} a second, {connections} connections", run["per_second"], "/s",
                     like["per_second"], what, f">= {PAIR_SHARE} x ref",
                     not run["errors"] and not like["errors"] and not open_orders and
                     run["per_second"] >= PAIR_SHARE * like["per_second"], notes={
                         "x DVS creates": round(run["per_second"] / max(1, created["per_second"]), 2),
                         "p50 ms": run["latency_ms"]["p50"], "p99 ms": run["latency_ms"]["p99"],
                         "not delivered": open_orders, "errors": run["errors_by_kind"],
                         "ref errors": like["errors_by_kind"], "generator core share": run["own_cpu_share"]})


def _drain(data):
    """How many orders are still open once there was time for all."""
    deadline = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < deadline:
        states = stores.orders_by_state(data, 0)
        left = sum(count for state, count in states.items() if state in (2, 3))
        if not left:
            break
        time.sleep(0.2)
    return left
