"""Rows about answers that change nothing, about lists beside a load, and about starting."""

import json
import os
import subprocess
import time
import urllib.parse

from . import stores
from .load import Generator, Nginx, generate, wrk
from .report import Result
from .rows_write import half_load
from .server import Bodega

CONNECTIONS = 32
PRICES = 200  # the most on a page
GIFT_CARD = 1392  # of the demo's catalogue, from stock


def get_product(bench):
    """One product, over and over."""
    path = f"/v1/products/{bench.purchase('100')['product']}"
    with Bodega(bench, bench.stores.get("fresh")) as server, Nginx(bench) as nginx:
        name = nginx.put("product.json", server.get(path).body)
        ours, theirs = _alternate(bench, server, path, nginx, name)
    yield Result("get-product", f"GET of a product a second, {CONNECTIONS} connections", ours["per_second"], "/s",
                 theirs["per_second"], "nginx serving the same bytes from a file, one worker", ">= ref",
                 not ours["errors"] and not theirs["errors"] and ours["per_second"] >= theirs["per_second"],
                 notes=_wrk_notes(ours, theirs))


def _alternate(bench, server, path, nginx, name, authorization=None, headers=None):
    """Ours and the reference in turns; the medians of three."""
    seconds = bench.seconds(5, 1)
    ours, theirs = [], []
    for _ in range(3):
        for runs, port, target in ((ours, server.port, path), (theirs, nginx.port, name)):
            runs.append(wrk(bench, f"http://127.0.0.1:{port}{target}", CONNECTIONS, seconds,
                            {"Authorization": authorization or server.authorization(), **(headers or {})}))
    return [{key: sorted(run[key] for run in runs)[1] if key != "errors" else sum(run[key] for run in runs)
             for key in runs[0]} for runs in (ours, theirs)]


def _wrk_notes(ours, theirs):
    return {"p50 ms": ours["p50_ms"], "p99 ms": ours["p99_ms"], "ref p99 ms": theirs["p99_ms"],
            "errors": ours["errors"], "ref errors": theirs["errors"]}


def get_order(bench, fullness):
    """Orders by id, a different one each time."""
    data = bench.stores.copy("completed" if fullness == "empty" else "preloaded")
    with Bodega(bench, data) as server, Nginx(bench) as nginx:
        ids = server.order_ids(2000 if not bench.options.quick else 200)
        if not ids:
            raise RuntimeError("no order in the list")
        body = server.get(f"/v1/transactions/{ids[0]}").body
        options = {"connections": CONNECTIONS, "warmup": 1, "credentials": server.credentials_file()}
        ours = generate(bench, server.port, bench.seconds(10, 2), paths=bench.lines(
            f"/v1/transactions/{order}" for order in ids), **options)
        theirs = generate(bench, nginx.port, bench.seconds(10, 2),
                          paths=bench.lines(nginx.put(f"order-{i}.json", body) for i in range(len(ids))), **options)
    bench.stores.drop(data)
    yield Result(f"get-order-{fullness}", f"GET of an order a second, {CONNECTIONS} connections",
                 ours["per_second"], "/s", theirs["per_second"],
                 f"nginx serving the same bytes from {len(ids):,} files, one worker", ">= 20,000",
                 ours["errors"] == 0 and ours["per_second"] >= 20000,
                 notes={"orders": len(ids), "p50 ms": ours["latency_ms"]["p50"], "p99 ms": ours["latency_ms"]["p99"],
                        "ref p99 ms": theirs["latency_ms"]["p99"], "errors": ours["errors_by_kind"],
                        "ref errors": theirs["errors_by_kind"], "generator core share": ours["own_cpu_share"]})


def _product_filters(product):
    """Every filter of the product list, with values that are met, and the ends of the plain list."""
    service = product["service"]
    filters = [{}, {"page": 2}, {"type": product["type"]}, {"service_id": service["id"]},
               {"country_iso_code": product["operator"]["country"]["iso_code"]},
               {"operator_id": product["operator"]["id"]}, {"region": product["operator"]["country"]["iso_code"]},
               {"sort": "-id"}, {"sort": "name"}, {"sort": "-amount"}]
    if service.get("subservice"):
        filters.append({"service_id": service["id"], "subservice_id": service["subservice"]["id"]})
    if product.get("tags"):
        filters.append({"tags": product["tags"][0]})
    if product.get("benefits"):
        filters.append({"benefit_types": product["benefits"][0]["type"]})
    filters.append({"type": product["type"], "country_iso_code": product["operator"]["country"]["iso_code"]})
    return filters


def products_page(bench):
    """A page of 100 under every filter, each against a file of the same bytes."""
    seconds = bench.seconds(3, 0.5)
    data = bench.stores.copy("many_products")
    worst, refused, measured = None, {}, []
    with Bodega(bench, data, products=bench.options.products) as server, Nginx(bench) as nginx:
        first = server.get("/v1/products", per_page=100)
        total, pages = int(first.headers["X-Total"]), int(first.headers["X-Total-Pages"])
        filters = _product_filters(first.json()[0]) + [{"page": pages // 2 + 1}, {"page": pages}]
        options = {"connections": CONNECTIONS, "warmup": 0.3, "credentials": server.credentials_file()}
        for index, chosen in enumerate(filters):
            path = "/v1/products?" + urllib.parse.urlencode({**chosen, "per_page": 100})
            body = server.get(path).body
            ours = generate(bench, server.port, seconds, paths=bench.lines([path]), **options)
            theirs = generate(bench, nginx.port, seconds,
                              paths=bench.lines([nginx.put(f"page-{index}.json", body)]), **options)
            refused.update(ours["errors_by_kind"])
            one = {"path": path, "bytes": len(body), "p99": ours["latency_ms"]["p99"],
                   "reference": theirs["latency_ms"]["p99"], "per_second": ours["per_second"]}
            measured.append(one)
            if worst is None or one["p99"] / one["reference"] > worst["p99"] / worst["reference"]:
                worst = one
    bench.stores.drop(data)
    yield Result("products-page", f"worst p99 of {len(measured)} filters, 100 of {total:,} products",
                 worst["p99"], "ms", worst["reference"],
                 "nginx serving a file of the same bytes, 32 connections", "<= 3 x ref",
                 not refused and total >= 0.95 * bench.options.products and worst["p99"] <= 3 * worst["reference"],
                 "less",
                 notes={"worst": worst["path"], "bytes": worst["bytes"], "errors": refused},
                 details={one["path"]: one for one in measured})


def _stock_the_shelf(bench, server, path):
    """As many gift cards as a page of the price list shows, and codes for the first of them."""
    def bodega(*words):
        return subprocess.run([bench.bodega, *words, "--data", server.data], stdout=subprocess.PIPE, check=True,
                              text=True).stdout
    card = next(line for line in map(json.loads, bodega("catalog", "export").splitlines())
                if line.get("id") == GIFT_CARD and line["kind"] == "product")
    with open(path, "w") as file:
        for n in range(PRICES + 20):
            card = {**card, "id": GIFT_CARD + 100000 + n,
                    "sku": {**card["sku"], "uuid": f"019bc0dd-ffff-7000-8000-{n:012d}"}}
            file.write(json.dumps(card) + "\n")
    bodega("catalog", "import", path)
    with open(path, "w") as file:
        file.writelines(f"BENCH-{n:08d}\n" for n in range(90))
    bodega("stock", "import", path, "--product", str(GIFT_CARD + 100000), "--sandbox")


def pricelist(bench):
    """A page of prices and stock, plain, compressed and known already, each against a file of the same bytes."""
    path = f"/api/v1/s2s/catalog/pricelist?per_page={PRICES}"
    data = bench.stores.copy("fresh")
    with Bodega(bench, data) as server, Nginx(bench) as nginx:
        _stock_the_shelf(bench, server, os.path.join(data, "shelf"))
        token = "Bearer " + server.credentials["partners"]["main"]["s2s"]["token"]
        plain = server.get(path, authorization=token)
        if len(plain.json()["data"]) != PRICES:
            raise RuntimeError(f"{len(plain.json()['data'])} rows on the page")
        zipped = server.get(path, authorization=token, headers={"Accept-Encoding": "gzip"})
        for what, body, headers in (("plain", plain.body, {}), ("gzip", zipped.body, {"Accept-Encoding": "gzip"}),
                                    ("304", b"", {"If-None-Match": plain.headers["ETag"]})):
            name = nginx.put(f"prices-{what}.json", body)
            ours, theirs = _alternate(bench, server, path, nginx, name, token, headers)
            yield Result("pricelist", f"page of {PRICES} prices a second, {what}", ours["per_second"], "/s",
                         theirs["per_second"], f"nginx serving a file of the same {len(body):,} bytes, one worker",
                         ">= 0.5 x ref", not ours["errors"] and ours["per_second"] >= 0.5 * theirs["per_second"],
                         notes=_wrk_notes(ours, theirs))
    bench.stores.drop(data)


def _order_filters(order):
    product = order["product"]
    number = order.get("credit_party_identifier", {}).get("mobile_number", "")
    service = product["service"]
    filters = [{}, {"product_type": product["type"]}, {"service_id": service["id"]},
               {"country_iso_code": product["operator"]["country"]["iso_code"]},
               {"operator_id": product["operator"]["id"]}, {"status_id": order["status"]["id"]},
               {"credit_party_mobile_number": number}, {"external_id": order["external_id"]}]
    if service.get("subservice"):
        filters.append({"service_id": service["id"], "subservice_id": service["subservice"]["id"]})
    filters.append({"product_type": product["type"], "status_id": order["status"]["id"], "service_id": service["id"]})
    return filters


def transactions(bench):
    """The list of orders under every filter, first and thousandth page, while orders come in at half load."""
    data = bench.stores.copy("preloaded")
    seconds = bench.seconds(60, 5)
    rate = (bench.intake_rate or 12000) / 2
    with Bodega(bench, data) as server, Nginx(bench) as nginx:
        first = server.get("/v1/transactions", per_page=100)
        orders = first.json()
        filters = _order_filters(orders[len(orders) // 2])
        deep = max(1, min(1000, int(first.headers["X-Total-Pages"])))
        paths = ["/v1/transactions?" + urllib.parse.urlencode({**chosen, "per_page": 100, "page": page})
                 for chosen in filters for page in (1, deep)]
        reference = generate(bench, nginx.port, bench.seconds(5, 1), paths=bench.lines(
            [nginx.put("transactions.json", first.body)]), connections=4, rate=40,
            credentials=server.credentials_file())
        alone = half_load(bench, server, rate, seconds // 2).result()
        load = half_load(bench, server, rate, seconds)
        lists = Generator(bench, server.port, seconds, warmup=1, paths=bench.lines(paths), rate=40, connections=4,
                          by_path=True, credentials=server.credentials_file()).result()
        load = load.result()
    bench.stores.drop(data)
    worst = max(lists["by_path"], key=lambda one: _p99(one["latency_ms"]))
    sound = not lists["errors"] and not load["errors"] and load["per_second"] >= 0.95 * rate \
        and int(first.headers["X-Total"]) >= bench.options.preload // 5
    yield Result("transactions", f"worst list p99 of {len(paths)} filters and pages", _p99(worst["latency_ms"]), "ms",
                 reference["latency_ms"]["p99"],
                 "nginx serving the bytes of the first page, same rate, nothing beside it",
                 "<= 100 ms", sound and _p99(worst["latency_ms"]) <= 100, "less",
                 notes={"worst": worst["path"], "orders in the window": first.headers["X-Total"], "deep page": deep,
                        "lists/s": lists["per_second"], "creates/s": load["per_second"], "offered": rate,
                        "errors": {**lists["errors_by_kind"], **load["errors_by_kind"]}},
                 details={one["path"]: one["latency_ms"] for one in lists["by_path"]})
    with_lists, without = load["latency_ms"]["p99"], alone["latency_ms"]["p99"]
    yield Result("transactions", "create p99 at half load beside the lists", with_lists, "ms", without,
                 "the same half load without lists", "<= 1.5 x ref",
                 sound and not alone["errors"] and with_lists <= 1.5 * without, "less",
                 notes={"errors": load["errors_by_kind"], "without lists": alone["errors_by_kind"]})


def _p99(latency):
    """Below a hundred answers the 99th percentile is not known: the slowest stands for it."""
    return latency["p99"] if latency["count"] >= 100 else latency["max"]


def start(bench):
    """From the command to the first accepted connection, and what it weighs when nothing happens."""
    data = bench.stores.copy("many_products")
    taken = []
    for _ in range(3):
        with Bodega(bench, data, products=bench.options.products) as server:
            taken.append(server.started_seconds)
            total = int(server.get("/v1/products", per_page=1).headers["X-Total"])
            time.sleep(bench.seconds(5, 1))
            memory = server.memory_bytes() / 2 ** 20
            highest = server.memory_bytes("VmHWM") / 2 ** 20
    path = stores.store_path(data)
    before = time.monotonic()
    subprocess.run(["sqlite3", "-readonly", path, "SELECT * FROM catalog"], stdout=subprocess.DEVNULL, check=True)
    reading = time.monotonic() - before
    size = os.path.getsize(path) / 2 ** 20
    bench.stores.drop(data)
    enough = total >= 0.95 * bench.options.products  # a price list may leave some out
    seconds = sorted(taken)[1]
    yield Result("start", f"seconds to serve {total:,} products", seconds, "s", reading,
                 "the sqlite3 shell printing the same catalogue to /dev/null", "<= 2 s", enough and seconds <= 2,
                 "less",
                 notes={"all": [round(one, 3) for one in taken]})
    yield Result("start", f"memory idle with {total:,} products", memory, "MiB", size, "the store's size on disk",
                 "<= 250 MB", enough and memory * 2 ** 20 <= 250e6, "less", notes={"at most MiB": highest})
