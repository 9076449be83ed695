"""tests/e2e/test_patroni.py: a node on a cluster that Patroni looks after, as operations.md says: the primary's host
goes while partners buy, a standby is promoted by itself, and every acknowledged order is there afterwards, once."""
import os
import shutil
import threading
import time

import pytest
from dvs import Dvs, eventually, unique
from nodes import LOOPBACK
from patroni import Patroni
from serve import Serve

pytestmark = [pytest.mark.long, pytest.mark.own_postgres]
BUYERS = 3


def why_not():
    if not shutil.which('patroni'):
        return 'patroni is not installed'
    return 'the servers run as the user postgres, which takes root' if os.geteuid() != 0 else None


class Buyer(threading.Thread):
    """Buys one order after the other; what was not answered well is asked for again. `answered`: reference -> id."""

    def __init__(self, node, order):
        super().__init__(daemon=True)
        self.node = node
        self.order = order
        self.answered, self.statuses = {}, set()
        self.ending = threading.Event()

    def run(self):
        client, body = Dvs(self.node, 'shop'), None
        while not self.ending.is_set():
            body = body or dict(self.order, external_id=unique('patroni'))
            answer = client.create(body)
            self.statuses.add(answer.status)
            if answer.status == 201:
                self.answered[body['external_id']] = answer.json()['id']
            if answer.status in (201, 400):  # 400: it is there, an answer had said 503
                body = None
            else:
                self.ending.wait(0.05)


def test_a_failover_under_load(tmp_path, capfd, start_demo):
    if why_not():
        with capfd.disabled():
            print(f'\nskipped: {why_not()}')
        pytest.skip(why_not())
    patroni = Patroni()
    node = None
    try:
        patroni.wait_until_whole()
        patroni.create_database('bodega')
        node = Serve(tmp_path / 'node', [LOOPBACK], store=patroni.uri('bodega'))
        node.add_partner('shop', money='1000000', sandbox='yes')
        demo = start_demo()
        product = Dvs(demo).top_up()
        lines = demo.command('catalog', 'export', '--data', demo.data)
        path = tmp_path / 'catalog.jsonl'
        path.write_text(lines, encoding='utf-8')
        node.command('catalog', 'import', path, '--data', node.data)
        node.start()
        order = Dvs(demo).order(product, suffix='100', auto_confirm=True)
        buyers = [Buyer(node, order) for _ in range(BUYERS)]
        for buyer in buyers:
            buyer.start()

        def answered():
            return sum(len(buyer.answered) for buyer in buyers)

        eventually(lambda: answered() >= 30)
        old, begin, before = patroni.leader(), time.monotonic(), answered()
        old.kill9()
        eventually(lambda: patroni.leader() not in (None, old))
        promoted = time.monotonic() - begin
        eventually(lambda: answered() >= before + 60)
        sells = time.monotonic() - begin
        old.start()
        patroni.wait_until_whole()
        for buyer in buyers:
            buyer.ending.set()
            buyer.join()
        stored = {int(line) for line in patroni.sql('SELECT id FROM orders', 'bodega').splitlines()}
        acknowledged = {number for buyer in buyers for number in buyer.answered.values()}
        assert acknowledged <= stored
        assert len(stored) == int(patroni.sql('SELECT count(DISTINCT ext_key) FROM orders', 'bodega'))
        assert {503} <= set().union(*(buyer.statuses for buyer in buyers)) <= {201, 400, 503}
        assert ': 0 differences' in node.verify()
        with capfd.disabled():
            print(f'\nanother leader after {promoted:.0f} s, orders again after {sells:.0f} s; '
                  f'{len(acknowledged)} acknowledged, {len(stored)} stored')
    finally:
        if node and node.process:
            node.stop()
        patroni.close()
