"""tests/e2e/test_shards.py: partners belong to nodes, and a request goes to the one that owns its partner, wherever it
came in. Nodes join, die, freeze and are not believed; every order is there once all the while."""
import asyncio
import itertools
import json
import threading
import time

import pytest
from demo import exchange
from dvs import COMPLETED, Dvs, basic, class_of, eventually, good, refused
from node_shop import Shop
from nodes import Postgres
from parking import Caller, call_all, in_thread

pytestmark = pytest.mark.own_postgres

# With four each of two nodes owns one, but for one case in eight; more are made until it does.
FIRST_PARTNERS, MOST_PARTNERS = 4, 40


def slot_of(order):
    """The node that wrote it: its slot is in the id."""
    return order['id'] >> 7 & 31


class ShardedShop(Shop):
    """Two nodes, and for each slot a partner that it owns while both live: .owned[slot]."""

    def start(self):
        super().start()
        self.wait_for_nodes(2)
        self.owned = {}
        self.names = [f'p{i}' for i in range(FIRST_PARTNERS)]
        for name in self.names:
            self.all[0].add_partner(name, money='1000000', sandbox='yes')
        for i in itertools.count():
            if i >= len(self.names):
                assert i < MOST_PARTNERS, self.owned
                self.names.append(f'p{i}')
                self.all[0].add_partner(self.names[i], money='1000000', sandbox='yes')
            eventually(lambda name=self.names[i]: all(self.knows(node, name) for node in (0, 1)))
            self.owned.setdefault(slot_of(self.buy(self.client(0, self.names[i]))), self.names[i])
            if i >= FIRST_PARTNERS - 1 and len(self.owned) == 2:
                return self

    def knows(self, node, name):
        return self.client(node, name).ask('GET', '/v1/balances').status in (200, 404)

    def wait_for_nodes(self, count):
        for node in self.all:
            if node.process:
                eventually(lambda node=node: f'bodega_nodes {count}\n' in self.metrics(node))

    @staticmethod
    def metrics(node):
        return node.control('GET', '/metrics').body.decode()

    def relayed(self, node, what):
        name = f'bodega_relayed_total{{what="{what}"}} '
        return next(int(line[len(name):]) for line in self.metrics(self.all[node]).splitlines()
                    if line.startswith(name))

    def metric(self, node, name):
        return next(int(line.split()[1]) for line in self.metrics(self.all[node]).splitlines()
                    if line.startswith(name + ' '))

    def count(self, external_id):
        return int(self.sql(f"SELECT count(*) FROM orders WHERE ext_key LIKE '%{external_id}'"))


@pytest.fixture(scope='module')
def postgres():
    server = Postgres()
    yield server
    server.run('stop')


@pytest.fixture(scope='module')
def shop(tmp_path_factory, postgres):
    """One for all: tests that do a node harm come last and leave it as it was."""
    shop = ShardedShop(tmp_path_factory.mktemp('shop'), postgres, sharded=True)
    try:
        yield shop.start()
    finally:
        shop.close()


def test_the_owner_writes_wherever_it_came_in(shop):
    """Creates, confirmations and refusals; what is read is read anywhere."""
    for slot, name in shop.owned.items():
        clients = [shop.client(node, name) for node in (0, 1)]
        other = 1 - slot
        before = shop.relayed(other, 'answered')
        for client in clients:
            assert slot_of(shop.buy(client)) == slot
        body = dict(shop.order('300'), auto_confirm=False)
        order = good(clients[other].create(body), 201)
        assert slot_of(order) == slot
        assert good(clients[other].get(order['id']), 200) == order
        refused(clients[other].create(body), 400, 1007001)
        refused(clients[other].create({'external_id': 'no product'}), 400, 1000400)
        good(clients[other].cancel(order['id']), 202)
        assert shop.relayed(other, 'answered') == before + 5
        assert shop.relayed(other, 'not_taken') == shop.relayed(other, 'unknown') == 0


def test_keys_and_headers_survive_the_way(shop):
    slot, name = next(iter(shop.owned.items()))
    owner, other = shop.client(slot, name), shop.client(1 - slot, name)
    body = shop.order('300')
    first = other.create(body, key='the same key')
    order = good(first, 201)
    for client in (owner, other):
        again = client.create(body, key='the same key')
        assert good(again, 201)['id'] == order['id']
        assert again.header('Idempotent-Replayed') == 'true'
    for answer in (first, owner.create(shop.order())):
        names = [name for name, _ in answer.headers]
        assert len(names) == len(set(names)), names
        assert {'Date', 'X-Request-Id', 'X-Ratelimit-Limit', 'Content-Type'} <= set(names)
    assert other.create(shop.order(), key='short').status == 400


def test_an_answer_is_held_over_the_way(shop):
    """A synchronous create at the other node is held by the owner, and answered when its order ends."""
    slot, name = next(iter(shop.owned.items()))
    other = shop.all[1 - slot]

    async def play():
        caller = Caller(other, name, shop.order('100'))
        await call_all([caller])
        answer = await caller.transaction()
        assert class_of(answer) == COMPLETED and slot_of(answer) == slot
        caller.hang_up()

    asyncio.run(play())


def test_only_nodes_hand_on(shop):
    """The listener of nodes takes nothing from anybody else, whatever credentials he has."""
    slot, name = next(iter(shop.owned.items()))
    body = shop.order()
    headers = {'Authorization': basic(shop.all[0].partner('dvs', name)), 'Content-Type': 'application/json'}
    where = f'http://127.0.0.1:{shop.shard_ports[slot]}'
    now = int(time.time() * 1e6)
    for seal in (None, '', 'x', f'{now}', f'{now} ', f'{now} {"0" * 64}', f'{now - 10**8} {"0" * 64}'):
        sent = headers if seal is None else {**headers, 'Bodega-Relay': seal}
        assert exchange(where, 'POST', '/v1/async/transactions', sent, json.dumps(body)).status == 421
    assert exchange(where, 'GET', '/v1/balances', headers).status == 421
    assert exchange(where, 'GET', '/metrics').status == 421
    assert shop.count(body['external_id']) == 0


def test_it_moves_when_a_node_joins_or_leaves(shop):
    here = {slot: shop.client(0, name) for slot, name in shop.owned.items()}
    shop.all[1].stop()
    shop.wait_for_nodes(1)
    assert {slot_of(shop.buy(client)) for client in here.values()} == {0}
    shop.all[1].start()
    eventually(lambda: {slot_of(shop.buy(client)) for client in here.values()} == {0, 1})
    # Without a word: its connections are refused, and nothing waits for its lease.
    shop.all[1].kill9()
    orders = [shop.buy(client) for client in here.values()]
    assert {slot_of(order) for order in orders} == {0}
    shop.let_lease_run_out(shop.all[1])
    for client, order in zip(here.values(), orders):
        assert class_of(shop.until_final(client, order)) == COMPLETED
    shop.all[1].start()
    eventually(lambda: {slot_of(shop.buy(client)) for client in here.values()} == {0, 1})


def test_what_gathers_travels_together(shop):
    """While the owner does not answer, two messages are under way and the rest waits for them; then it goes at once."""
    slot, name = next(iter(shop.owned.items()))
    other = 1 - slot
    answered = shop.relayed(other, 'answered')
    messages = shop.metric(other, 'bodega_relay_messages_total')
    bodies = [shop.order() for _ in range(24)]
    answers = []
    shop.freeze(shop.all[slot])
    buyers = [threading.Thread(target=lambda body=body: answers.append(shop.client(other, name).create(body)))
              for body in bodies]
    for buyer in buyers:
        buyer.start()
    eventually(lambda: shop.metric(other, 'bodega_http_parked') >= len(bodies))
    shop.thaw(shop.all[slot])
    for buyer in buyers:
        buyer.join()
    assert {slot_of(good(answer, 201)) for answer in answers} == {slot}
    assert {answer.json()['external_id'] for answer in answers} == {body['external_id'] for body in bodies}
    assert shop.relayed(other, 'answered') == answered + len(bodies)
    assert shop.metric(other, 'bodega_relay_messages_total') <= messages + 4


def test_who_holds_an_answer_and_is_gone(shop):
    """The caller of a held answer is told to come back when its owner's lease is over, not when its time is."""
    caller_body = shop.order('300')

    async def play():
        caller = Caller(shop.all[0], shop.owned[1], caller_body)
        await call_all([caller])
        await in_thread(eventually, lambda: shop.count(caller_body['external_id']) == 1)
        assert caller.is_waiting()
        shop.freeze(shop.all[1])
        shop.let_lease_run_out(shop.all[1])
        refused(await caller.answer(), 503, 1009503)
        caller.hang_up()

    asyncio.run(play())
    # Its order is there, and a repeat finds it.
    refused(shop.client(0, shop.owned[1]).create(caller_body), 400, 1007001)
    shop.thaw(shop.all[1])
    eventually(lambda: slot_of(shop.buy(shop.client(0, shop.owned[1]))) == 1)


def test_a_frozen_owner(shop):
    """What it may have read is not done a second time, and its caller is told to come back. What comes after that is
    done where it came in, until the owner shows itself again."""
    client = shop.client(0, shop.owned[1])
    shop.freeze(shop.all[1])
    lost = shop.order()
    before = shop.relayed(0, 'unknown')
    refused(client.create(lost), 503, 1009503)
    assert shop.relayed(0, 'unknown') == before + 1
    # Its last sign of life may have been seen only now: then it is believed, and waited for, once more.
    eventually(lambda: client.create(shop.order()).status == 201)
    believed = shop.relayed(0, 'unknown')
    orders = [shop.buy(client) for _ in range(10)]
    assert {slot_of(order) for order in orders} == {0}
    # It is asked again, as a partner's program would.
    good(client.create(lost), 201)
    assert shop.relayed(0, 'unknown') == believed
    shop.thaw(shop.all[1])
    # The owner has read it after all, finds the reference used, and is believed again once it writes.
    eventually(lambda: slot_of(shop.buy(client)) == 1)
    assert shop.count(lost['external_id']) == 1


def test_every_order_once_in_a_storm(shop):
    """Buyers at both nodes, while one of them is killed, started, frozen and thawed."""
    ending, problems, answered = threading.Event(), [], {}

    def buy_at(node, name):
        unsure = []
        credentials = shop.all[0].partner('dvs', name)
        while not ending.is_set():
            body = unsure.pop() if unsure else shop.order()
            try:
                client = Dvs(None, credentials=credentials, base_url=f'http://127.0.0.1:{shop.all[node].port}')
                answer = client.create(body)
                client.close()
            except OSError:
                answer = None
            if answer is not None and answer.status == 201:
                answered[body['external_id']] = answer.json()['id']
            elif answer is None or answer.status >= 500:
                unsure.append(body)
                ending.wait(0.05)
            elif answer.status != 400 or answer.json()['errors'][0]['code'] != 1007001:
                problems.append(answer)

    buyers = [threading.Thread(target=buy_at, args=(node, name), daemon=True)
              for node in (0, 1) for name in shop.owned.values()]
    for buyer in buyers:
        buyer.start()

    def sells(more=60):
        before = len(answered)
        eventually(lambda: problems or len(answered) >= before + more)

    sells()
    for _ in range(2):
        shop.all[1].kill9()
        sells()
        shop.all[1].start()
        sells()
        shop.freeze(shop.all[0])
        sells(20)
        shop.thaw(shop.all[0])
        sells()
    ending.set()
    for buyer in buyers:
        buyer.join()
    assert not problems
    assert int(shop.sql('SELECT count(*) - count(DISTINCT ext_key) FROM orders')) == 0
    stored = {int(line) for line in shop.sql('SELECT id FROM orders').splitlines()}
    assert set(answered.values()) <= stored
