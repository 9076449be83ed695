"""tests/e2e/test_nodes.py: two nodes on one PostgreSQL database. Whichever a partner talks to, it is one shop; what
becomes of a node, every order is there once, is bought once and comes to its end."""
import asyncio
import json
import subprocess
import threading
import time

import pytest
from demo import close_all
from dvs import CANCELLED, COMPLETED, CONFIRMED, SUBMITTED, Dvs, class_of, eventually, good, refused
from node_shop import TOP_UP, Shop
from nodes import Pgbouncer, Postgres
from parking import Caller, call_all, in_thread

pytestmark = pytest.mark.own_postgres

LIMIT = 20


@pytest.fixture(scope='module')
def postgres():
    server = Postgres()
    yield server
    server.run('stop')


@pytest.fixture
def make_shop(tmp_path, postgres):
    made = []

    def make(**more):
        made.append(Shop(tmp_path, postgres, **more))
        return made[0].start()

    yield make
    close_all(*(shop.close for shop in made))


def test_it_is_one_shop(make_shop):
    """What one node has taken the other one shows, lists and changes, and takes no reference twice."""
    shop = make_shop()
    here, there = shop.client(0, 'sandbox'), shop.client(1, 'sandbox')
    body = dict(shop.order('300'), auto_confirm=False)
    order = good(here.create(body), 201)
    assert good(there.get(order['id']), 200) == order
    assert [found['id'] for found in there.list()] == [order['id']]
    refused(there.create(body), 400, 1007001)
    second = good(there.create(shop.order('300')), 201)
    assert {found['id'] for found in here.list()} == {order['id'], second['id']}
    good(there.cancel(order['id']), 202)
    assert class_of(good(here.get(order['id']), 200)) == CANCELLED
    assert {class_of(found) for found in here.list()} <= {CANCELLED, CONFIRMED, SUBMITTED}
    assert here.balance('USD') == there.balance('USD')


def test_a_killed_node_in_mid_call(make_shop):
    """The supplier has sold and the node that asked is dead: another one asks what became of it."""
    shop = make_shop()
    here, there = shop.client(0), shop.client(1)
    shop.middleman.mode = 'swallow'
    orders = [shop.buy(here) for _ in range(5)]
    shop.middleman.wait_for(5)
    waiting = good(here.create(dict(shop.order(), auto_confirm=False)), 201)
    shop.all[0].kill9()
    shop.middleman.mode = 'pass'
    shop.let_lease_run_out(shop.all[0])
    for order in orders:
        assert class_of(shop.until_final(there, order)) == COMPLETED
        assert len(shop.bought(order)) == 1
    # Its deadlines too.
    assert class_of(shop.until_final(there, waiting, '61m')) == CANCELLED
    shop.all[1].verify()
    shop.all[0].start()
    assert class_of(shop.until_final(there, shop.buy(shop.client(0)))) == COMPLETED


def test_a_frozen_node_in_mid_call(make_shop):
    """SIGSTOP with a purchase on its way: another node buys under the same reference. The first one comes back to life,
    and what it has to say changes nothing."""
    shop = make_shop()
    here, there = shop.client(0), shop.client(1)
    shop.middleman.mode = 'hold'
    order = shop.buy(here)
    shop.middleman.wait_for(1)
    shop.freeze(shop.all[0])
    shop.middleman.mode = 'pass'
    shop.let_lease_run_out(shop.all[0])
    assert class_of(shop.until_final(there, order)) == COMPLETED
    shop.thaw(shop.all[0])
    shop.middleman.release()
    again = shop.buy(here)
    assert class_of(shop.until_final(there, again)) == COMPLETED
    assert len(shop.bought(order)) == len(shop.bought(again)) == 1
    assert class_of(good(here.get(order['id']), 200)) == COMPLETED


def test_a_node_that_lost_its_slot_ends(make_shop):
    """Frozen until its slot is another one's: it writes nothing more, and ends."""
    shop = make_shop()
    first, second = shop.all
    second.stop()
    shop.freeze(first)
    shop.let_lease_run_out(first)
    second.start()  # takes the first slot
    order = shop.buy(shop.client(1))
    shop.thaw(first)
    process, first.process = first.process, None
    assert process.wait(60) == 0
    assert 'node.lost' in first.log_tail()
    assert class_of(shop.until_final(shop.client(1), order)) == COMPLETED


def test_a_clean_stop_hands_over_at_once(make_shop):
    """Nobody waits for a lease: the other node takes over what the first one had before it."""
    shop = make_shop()
    here, there = shop.client(0, 'sandbox'), shop.client(1, 'sandbox')
    orders = [good(here.create(shop.order('300')), 201) for _ in range(10)]
    shop.all[0].stop()
    for order in orders:
        assert class_of(shop.until_final(there, order)) == COMPLETED
    assert shop.sql('SELECT count(*) FROM jobs') == '0'


def test_a_parked_answer_crosses(make_shop):
    """A synchronous create that waits at one node is answered when the other one ends its order."""
    shop = make_shop(time_scale=1)

    async def play():
        caller = Caller(shop.all[0], 'shop', shop.order('300'))
        await call_all([caller])
        there = shop.client(1, 'shop')
        [order] = await in_thread(eventually, there.list)
        await in_thread(eventually, lambda: class_of(good(there.get(order['id']), 200)) == SUBMITTED)
        assert caller.is_waiting()
        node = shop.all[1]
        await in_thread(node.command, 'order', 'resolve', '--data', node.data, order['id'], 'delivered')
        assert class_of(await caller.transaction()) == COMPLETED
        caller.hang_up()

    asyncio.run(play())


def test_changes_cross(make_shop):
    """Credentials, partners, the catalogue and the clock: what is changed at one node counts at the other."""
    shop = make_shop()
    first, second = shop.all
    there = shop.client(1)
    good(there.ask('GET', f'/v1/products/{TOP_UP}'), 200)
    first.change_partner('shop', '--active', 'no')
    eventually(lambda: there.ask('GET', '/v1/balances').status == 401)
    first.change_partner('shop', '--active', 'yes')
    eventually(lambda: there.ask('GET', '/v1/balances').status == 200)
    issued = json.loads(second.command('credential', 'issue', '1', 'dvs', '--data', second.data, '--json'))
    fresh = Dvs(first, credentials={'key': issued['public_id'], 'secret': issued['secret']})
    eventually(lambda: fresh.ask('GET', '/v1/balances').status == 200)
    shop.products[0]['name'] = 'Renamed'
    second.import_catalog([shop.products[0]])
    renamed = f'/v1/products/{shop.products[0]["id"]}'
    eventually(lambda: good(shop.client(0).ask('GET', renamed), 200)['name'] == 'Renamed')
    first.advance('30h')
    eventually(lambda: second.control('GET', '/admin/v1/clock').json()['ahead_seconds'] >= 30 * 3600)


def test_a_rate_limit_holds_over_nodes(make_shop):
    """Together no more than one alone would allow: a second's worth at once, and so many a second after that."""
    shop = make_shop()
    shop.all[0].change_partner('shop', '--rate-limit', LIMIT)
    clients = [shop.client(0), shop.client(1)]
    metrics = [lambda node=node: 'bodega_nodes 2' in node.control('GET', '/metrics').body.decode()
               for node in shop.all]
    for is_two in metrics:
        eventually(is_two)
    eventually(lambda: all(client.ask('GET', '/v1/balances').header('X-RateLimit-Limit') == str(LIMIT)
                           for client in clients))
    begin = time.monotonic()
    answers = [clients[i % 2].ask('GET', '/v1/balances').status for i in range(4 * LIMIT)]
    passed = time.monotonic() - begin
    assert set(answers) == {200, 429}
    assert answers.count(200) <= LIMIT + len(clients) * 1 + LIMIT * passed


def test_the_server_goes_and_comes_back(make_shop):
    """While it is away: 503, and not ready. After that everything works by itself."""
    shop = make_shop()
    clients = [shop.client(0), shop.client(1)]
    orders = [shop.buy(client) for client in clients]
    shop.postgres.run('halt')
    for node, client in zip(shop.all, clients):
        refused(client.create(shop.order()), 503, 1009503)
        assert node.control('GET', '/readyz').status == 503
    shop.postgres.run('launch')
    for node, client in zip(shop.all, clients):
        eventually(lambda: client.create(shop.order()).status == 201)
        assert node.control('GET', '/readyz').status == 200
    for order in orders:
        assert class_of(shop.until_final(clients[0], order, may_refuse=True)) == COMPLETED
    clock = shop.all[0].advance('1h')
    assert clock
    eventually(lambda: shop.all[1].control('GET', '/admin/v1/clock').json()['ahead_seconds'] >= 3600)


def test_a_commit_that_waits_turns_ready_red(make_shop):
    shop = make_shop()
    node, client = shop.all[0], shop.client(0)
    lock = subprocess.Popen(['psql', '-qX', shop.store], stdin=subprocess.PIPE, text=True)
    lock.stdin.write('BEGIN; LOCK TABLE orders IN EXCLUSIVE MODE;\n')
    lock.stdin.flush()
    eventually(lambda: shop.sql("SELECT count(*) FROM pg_locks WHERE mode = 'ExclusiveLock' AND "
                                "relation = 'orders'::regclass") == '1')
    buyer = threading.Thread(target=shop.buy, args=(client,))
    buyer.start()
    eventually(lambda: node.control('GET', '/readyz').status == 503)
    assert 'waiting for more than 5 s' in node.control('GET', '/readyz').body.decode()
    lock.stdin.write('ROLLBACK;\n')
    lock.communicate()
    buyer.join()
    eventually(lambda: node.control('GET', '/readyz').status == 200)


def test_books_are_verified_while_nodes_run(make_shop):
    shop = make_shop()
    stop = threading.Event()

    def sell(client):
        while not stop.is_set():
            good(client.create(shop.order('100')), 201)

    sellers = [threading.Thread(target=sell, args=(shop.client(i, 'sandbox'),)) for i in range(2)]
    for seller in sellers:
        seller.start()
    try:
        for _ in range(3):
            assert ': 0 differences' in shop.verify()
            assert ': 0 differences' in shop.all[1].verify()
    finally:
        stop.set()
        for seller in sellers:
            seller.join()


def test_an_older_node_refuses_a_newer_schema(make_shop):
    shop = make_shop()
    first, second = shop.all
    second.stop()
    shop.sql("INSERT INTO schema_migrations VALUES (9999, 'from_the_future', 0)")
    with pytest.raises(AssertionError, match='made by a newer bodega: use that one'):
        second.start()
    # Who serves already goes on.
    assert class_of(shop.until_final(shop.client(0), shop.buy(shop.client(0)))) == COMPLETED
    shop.sql('DELETE FROM schema_migrations WHERE version = 9999')
    assert first.process.poll() is None


def test_another_key_is_refused(make_shop, tmp_path):
    """A node with a key of its own could neither open what others sealed nor know their credentials."""
    shop = make_shop()
    second = shop.all[1]
    second.stop()
    with open(f'{second.data}/master.key', 'w', encoding='utf-8') as file:
        file.write('0' * 64 + '\n')
    with pytest.raises(AssertionError, match="the master key is not this store's"):
        second.start()


def test_one_of_several_hosts_takes_writes(make_shop, postgres):
    """The first host of the uri is not there: the next one is taken, by every connection."""
    uri = postgres.database()
    shop = make_shop(store=uri.replace('@', '@127.0.0.1:1,'))
    for i in range(2):
        client = shop.client(i)
        assert class_of(shop.until_final(client, shop.buy(client))) == COMPLETED


def test_behind_pgbouncer_in_session_mode(make_shop, postgres, tmp_path):
    """Nodes find what others change, and orders come to their end."""
    uri = postgres.database()
    bouncer = Pgbouncer(str(tmp_path), postgres)
    try:
        eventually(bouncer.is_there)
        shop = make_shop(store=bouncer.uri(uri))
        here, there = shop.client(0), shop.client(1)
        assert class_of(shop.until_final(here, shop.buy(here))) == COMPLETED
        shop.all[0].change_partner('shop', '--active', 'no')
        eventually(lambda: there.ask('GET', '/v1/balances').status == 401)
        shop.all[1].change_partner('shop', '--active', 'yes')
        eventually(lambda: here.ask('GET', '/v1/balances').status == 200)
        assert class_of(shop.until_final(there, shop.buy(there))) == COMPLETED
        shop.close()
    finally:
        bouncer.stop()
