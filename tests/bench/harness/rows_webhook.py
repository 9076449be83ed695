"""Rows about webhooks: how many a second reach a receiver that keeps its connections."""

import base64
import hashlib
import hmac
import http.client
import json
import os
import socket
import time

from .load import Receiver
from .report import Result
from .rows_write import STOCKED, write_codes
from .server import Bodega

CARD = "019bc0dd-8562-7173-afd9-a5cc534fafb7"  # product STOCKED
TARGET = 5000
ORDERS = 4000
AHEAD = 2000  # asked for again and not yet delivered: enough that the server never waits for us
PER_HOST = 8  # as many as the server lets in at one host


def _buy(server, count):
    """Gift cards from stock through the S2S API: each is completed at once, and its webhook sent."""
    keys = server.credentials["partners"]["main"]["s2s"]
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    for number in range(count):
        name, timestamp = f"bench-{number}", str(int(time.time()))
        signature = hmac.new(keys["secret"].encode(), (timestamp + CARD + name).encode(), hashlib.sha256).hexdigest()
        connection.request("POST", "/api/v1/s2s/orders", json.dumps({"external_id": name, "item": {"sku_id": CARD}}), {
            "Authorization": "Bearer " + keys["token"], "Content-Type": "application/json", "X-Timestamp": timestamp,
            "X-Signature": signature})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 201:
            raise RuntimeError(f"POST /orders: {answer.status} {body[:200]!r}")
    connection.close()
    return len(body)


def _wait(receiver, count):
    deadline = time.monotonic() + 60
    while receiver.counts()["deliveries"] < count:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{count} webhooks not delivered: {receiver.counts()}")
        time.sleep(0.05)


class Control(http.client.HTTPConnection):
    """The admin API, by the socket in the server's folder."""

    def __init__(self, data):
        super().__init__("localhost", timeout=60)
        self.path = os.path.join(data, "control.sock")

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Replay:
    """Asks for webhooks that were delivered to be sent again, page after page, round after round."""

    def __init__(self, server):
        self.connection = Control(server.data)
        self.headers = {"Content-Type": "application/json"}
        self.asked, self.before = 0, None

    def ask(self):
        body = {"partner": 1, "state": "delivered", **({"before": self.before} if self.before else {})}
        self.connection.request("POST", "/admin/v1/webhooks/replay", json.dumps(body), self.headers)
        answer = self.connection.getresponse()
        tree = json.loads(answer.read())
        if answer.status != 200:
            raise RuntimeError(f"replay: {answer.status} {tree}")
        self.asked += tree["replayed"]
        self.before = tree.get("before")


def _deliver(bench, server, receiver, seconds):
    replay, already = Replay(server), receiver.counts()["deliveries"]
    cpu, start = server.processor_seconds(), time.monotonic()
    while time.monotonic() - start < seconds:
        if replay.asked - (receiver.counts()["deliveries"] - already) < AHEAD:
            replay.ask()
        else:
            time.sleep(0.01)
    took, cpu = time.monotonic() - start, server.processor_seconds() - cpu
    delivered = receiver.counts()["deliveries"] - already
    _wait(receiver, already + replay.asked)
    return delivered / took, cpu * 1e6 / max(1, delivered)


def webhooks(bench):
    """Signed webhooks of the S2S API, each rendered, signed twice, taken by the receiver and noted in the store."""
    orders = 500 if bench.options.quick else ORDERS
    data = bench.stores.copy("fresh")
    codes = write_codes(data, orders)
    with Receiver(bench) as receiver, Bodega(bench, data, webhook_url=receiver.url) as server:
        bench.processes.run([bench.bodega, "stock", "import", codes, "--product", str(STOCKED), "--sandbox", "--data",
                             data], 600)
        secret = "whsec_" + base64.b64encode(bytes(32)).decode()
        bench.processes.run([bench.bodega, "partner", "change", "--data", data, "--webhook-secret", secret, "1"], 60)
        body_bytes = _buy(server, orders)
        _wait(receiver, orders)
        body = os.path.join(data, "body")
        with open(body, "w") as file:
            file.write(json.dumps({"idempotency_key": "bare"}).ljust(body_bytes))
        bare = json.loads(bench.processes.run(
            [bench.program("bare_post"), "--url", receiver.url, "--body", body, "--connections", str(PER_HOST),
             "--seconds", str(bench.seconds(10, 3))], 120))
        rate, cpu = _deliver(bench, server, receiver, bench.seconds(30, 4))
        counts = receiver.counts()
    bench.stores.drop(data)
    yield Result("webhooks", "webhooks delivered a second, one receiver", rate, "/s", bare["per_second"],
                 f"a bare libcurl loop, {PER_HOST} connections, the same receiver", f">= {TARGET:,}",
                 rate >= TARGET and not counts["malformed"] and not bare["failed"],
                 notes={"server us/webhook": cpu, "connections at most": counts["connections_max"],
                        "receiver us/webhook": counts["own_cpu_seconds"] * 1e6 / max(1, counts["deliveries"])})
