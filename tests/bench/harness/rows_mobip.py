"""Rows about payment requests: made, and their pages looked at, beside DVS; and invoices brought in."""

import http.client
import json
import os
import sqlite3
import time
import urllib.parse

from .load import Generator, generate
from .report import Result
from .server import Bodega

CONNECTIONS = 64
LEAST = 5000
API = "/api/2.0/mobip/"
REQUEST = {"item_name": "Coffee", "item_amount_in_cents": "1000", "tax_amount_in_cents": "300",
           "redirect_url": "https://example.com/", "call_back_url": "https://example.com/back",
           # The generator makes each one another.
           "track_id": "________-____-____-____-____________"}
INVOICES = 10000
INVOICE_SECONDS = 1


def _token(server):
    given = server.credentials["partners"]["main"]["mobip"]
    query = urllib.parse.urlencode({"api_account_id": given["account_id"], "api_secret_key": given["secret_key"],
                                    "api_ttl": 24})
    return server.get(API + "get_token?" + query).json()["access_token"]


def _call(server, name, **fields):
    """A refusal is 200 too."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    body = json.dumps(fields)
    before = time.monotonic()
    connection.request("POST", API + name, body, {"Content-Type": "application/json"})
    tree = json.loads(connection.getresponse().read())
    seconds = time.monotonic() - before
    connection.close()
    if tree["return_code"] != "0":
        raise RuntimeError(f"{name}: {tree}")
    return tree, seconds


def _payments(data):
    with sqlite3.connect(f"file:{os.path.join(data, 'store.db')}?mode=ro", uri=True) as store:
        return store.execute("SELECT count(*) FROM payments").fetchone()[0]


def payments(bench):
    """Requests made, and the checkout pages of some of them; each beside the same of DVS, on the same server."""
    seconds = bench.seconds(30, 4)
    options = {"connections": CONNECTIONS, "warmup": bench.seconds(3, 1)}
    data = bench.stores.copy("fresh")
    with Bodega(bench, data) as server:
        token = _token(server)
        made = generate(bench, server.port, seconds, expect=200, create_path=API + "create_one_use_qr",
                        body=json.dumps({"access_token": token, **REQUEST}), **options)
        stored = _payments(data)
        dvs = generate(bench, server.port, seconds, credentials=server.credentials_file(),
                       create_path="/v1/async/transactions", **options, **bench.purchase("300"))
        pages = [_call(server, "create_one_use_qr", access_token=token, **REQUEST)[0]["url_checkout"]
                 for _ in range(bench.seconds(2000, 200))]
        paths = bench.lines([urllib.parse.urlsplit(page).path for page in pages])
        shown = generate(bench, server.port, bench.seconds(10, 2), paths=paths, expect=200, **options)
        orders = bench.lines([f"/v1/transactions/{order}" for order in server.order_ids(len(pages))])
        read = generate(bench, server.port, bench.seconds(10, 2), paths=orders,
                        credentials=server.credentials_file(), **options)
    bench.stores.drop(data)
    # What was answered before the measuring began, or after it, is in the store as well.
    is_whole = made["ok"] <= stored
    for what, ours, reference, beside, good in (
            (f"create_one_use_qr a second, {CONNECTIONS} connections", made, dvs, "DVS creates, same server", is_whole),
            (f"GET of a checkout page a second, {CONNECTIONS} connections", shown, read,
             "DVS orders by id, same server", True)):
        yield Result("mobip", what, ours["per_second"], "/s", reference["per_second"], beside, f">= {LEAST:,}/s",
                     good and not ours["errors"] and not reference["errors"] and ours["per_second"] >= LEAST,
                     notes={"p50 ms": ours["latency_ms"]["p50"], "p99 ms": ours["latency_ms"]["p99"],
                            "ref p99 ms": reference["latency_ms"]["p99"], "errors": ours["errors_by_kind"],
                            "generator core share": ours["own_cpu_share"]})


def _lists(amount):
    return [{"CustomerId": f"c{at}", "CustomerEmail": "c@c.example", "Invoices": [
        {"InvId": f"inv_{n:05}", "InvDate": "2026-01-01", "InvDueDate": "2026-02-01", "InvLbl": "An invoice",
         "Amount_in_cents": str(amount), "InvStatus": "open"} for n in range(at, at + 10)]}
        for at in range(0, INVOICES, 10)]


def invoices(bench):
    """The most that one import takes, into an empty source and over as many; and what it does to others."""
    data = bench.stores.copy("fresh")
    with Bodega(bench, data) as server:
        token = _token(server)
        took = [_call(server, "set_external_invoices", access_token=token, ExternalSourceId="bench",
                      InvoicesLists=_lists(amount))[1] for amount in range(1, bench.seconds(6, 3))]
        alone = generate(bench, server.port, bench.seconds(10, 3), rate=1000, connections=CONNECTIONS,
                         credentials=server.credentials_file(), create_path="/v1/async/transactions",
                         **bench.purchase("300"))
        beside = Generator(bench, server.port, bench.seconds(10, 3), rate=1000, connections=CONNECTIONS,
                           credentials=server.credentials_file(), create_path="/v1/async/transactions",
                           **bench.purchase("300"))
        while beside.running():
            _call(server, "set_external_invoices", access_token=token, ExternalSourceId="bench",
                  InvoicesLists=_lists(time.monotonic_ns() % 1000))
        beside = beside.result()
    bench.stores.drop(data)
    yield Result("mobip-invoices", f"{INVOICES:,} invoices, the slowest of into nothing and over as many", max(took),
                 "s", target=f"<= {INVOICE_SECONDS} s", met=max(took) <= INVOICE_SECONDS, better="less",
                 notes={"first s": round(took[0], 3)})
    yield Result("mobip-invoices", "p99 of creates at 1,000/s while one such import follows the other",
                 beside["latency_ms"]["p99"], "ms", alone["latency_ms"]["p99"], "the same creates without",
                 "<= 100 ms", not beside["errors"] and beside["latency_ms"]["p99"] <= 100, better="less",
                 notes={"max ms": beside["latency_ms"].get("max"), "errors": beside["errors_by_kind"]})
