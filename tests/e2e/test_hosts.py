"""tests/e2e/test_hosts.py: nodes on hosts of their own before a database on three: a primary and two standbys, of which
one must confirm each commit. Faults are drawn from a printed seed while clients buy at every node.

Afterwards every order that was acknowledged is there, once, and was bought from the supplier at most once and exactly
once if it was delivered; the books agree; nothing is left to do.

BODEGA_SEED repeats a run, BODEGA_HOSTS_ROUNDS and BODEGA_HOSTS_NODES change its size.
"""
import collections
import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import threading
import time

import pytest
from cluster import Cluster
from demo import ROOT, Demo, binary, exchange
from dvs import COMPLETED, DECLINED, Dvs, basic, class_of, eventually, is_final, unique
from hosts import Network, why_not
from middleman import Middleman
from serve import supplier_dvs

pytestmark = [pytest.mark.long, pytest.mark.hosts]

ROUNDS = int(os.environ.get('BODEGA_HOSTS_ROUNDS', 20))
NODES = int(os.environ.get('BODEGA_HOSTS_NODES', 2))
CLIENTS_A_NODE = 3
TOP_UP = 1310
PORT, SHARD_PORT = 8080, 8090
# A client gives a node that is frozen or cut off up after this, and goes on elsewhere.
PATIENCE_SECONDS = 4
# A node's lease is 15 s: who is away for longer has lost its slot and its work.
LEASE_SECONDS = 15
ORDERS_A_ROUND = 60
# Between two orders of a client: the books are gone through after each round, and all orders are listed at the end.
PAUSE_SECONDS = 0.1
POSTGRES = os.path.join(ROOT, 'tests', 'support', 'postgres')


class Node:
    """A `bodega serve` on a host: a folder of its own, the same master key, one database."""

    def __init__(self, host, folder, key, uri, suppliers, sharded):
        self.host = host
        self.data = os.path.join(folder, host.name)
        self.config = f'{self.data}.ini'
        self.log = f'{self.data}.log'
        self.url = f'http://{host.front}:{PORT}'
        self.process = None
        os.makedirs(self.data, mode=0o700, exist_ok=True)
        if not os.path.exists(f'{self.data}/master.key'):
            shutil.copy(key, f'{self.data}/master.key')
        lines = ['[server]', f'data = {self.data}', f'listen = {host.front}:{PORT}', f'store = {uri}',
                 'allow_private_targets = yes', *([f'shard_listen = {host.back}:{SHARD_PORT}'] if sharded else [])]
        for name, settings in suppliers.items():
            lines += [f'[supplier {name}]', *(f'{key} = {value}' for key, value in settings.items())]
        with open(os.open(self.config, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w', encoding='utf-8') as file:
            file.write('\n'.join(lines) + '\n')

    def start(self):
        self.process = self.host.start(binary(), 'serve', '--config', self.config, log=self.log)

    def runs(self):
        return self.process is not None and self.process.poll() is None

    def keep_running(self):
        """What a supervisor does: who has ended is started again (it had lost its slot, or the database was away when
        it began)."""
        if not self.runs():
            self.start()

    def signal(self, which):
        if self.runs():
            self.process.send_signal(which)

    def kill9(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def log_tail(self):
        with open(self.log, encoding='utf-8', errors='replace') as file:
            return ''.join(file.readlines()[-30:])

    def bodega(self, *words):
        return self.host.run(binary(), *words, '--data', self.data)


class Client(threading.Thread):
    """Buys at its node until it is told to stop. An order that got no answer, or a 5xx, is asked for again, at any
    node, with the same external id, as a partner's program would. `answered`: external id -> the order's id."""

    def __init__(self, world, node, credentials, seed):
        super().__init__(daemon=True)
        self.world = world
        self.node = node
        self.authorization = basic(credentials)
        self.random = random.Random(seed)
        self.asked, self.answered, self.unsure = [], {}, []
        self.ending = threading.Event()
        self.problem = None

    def run(self):
        try:
            with self.world.outside.inside():
                while not self.ending.is_set():
                    self.step()
        except Exception as problem:  # shown by the test: an assertion here is a failure there
            self.problem = problem

    def step(self):
        if self.unsure and self.random.random() < 0.5:
            body, node = self.unsure.pop(0), self.random.choice(self.world.nodes)
        else:
            suffix = self.random.choice(['100', '100', '100', '102', '300'])
            number = f'+659{self.random.randrange(10000):04d}{suffix}'
            body, node = {'external_id': unique('hosts'), 'product_id': TOP_UP, 'auto_confirm': True,
                          'credit_party_identifier': {'mobile_number': number}}, self.node
            self.asked.append(body['external_id'])
        status, answer = self.post(node, body)
        if status == 201:
            self.answered[body['external_id']] = answer['id']
            self.ending.wait(PAUSE_SECONDS)
        elif status == 400 and answer['errors'][0]['code'] == 1007001:
            pass  # it is there: an answer had been lost
        else:
            assert status is None or status >= 500, (status, answer)
            self.unsure.append(body)
            self.ending.wait(0.05)

    def post(self, node, body):
        connection = http.client.HTTPConnection(node.host.front, PORT, timeout=PATIENCE_SECONDS)
        try:
            connection.request('POST', '/v1/async/transactions', json.dumps(body),
                               {'Authorization': self.authorization, 'Content-Type': 'application/json'})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            return None, None
        finally:
            connection.close()


class World:
    """The hosts and what runs on them."""

    def __init__(self):
        # Where the user postgres may go, which is not where pytest keeps its folders.
        self.databases = subprocess.run([POSTGRES, 'folder'], check=True, capture_output=True, text=True).stdout.strip()
        os.chmod(self.databases, 0o711)
        self.network = Network()
        self.nodes = []
        self.cluster = self.middleman = self.supplier = None

    def build(self, folder, nodes, sharded):
        self.folder = str(folder)
        self.outside = self.network.host('outside', 'front')
        databases = [self.network.host(f'db{number}', 'back') for number in (1, 2, 3)]
        hosts = [self.network.host(f'node{number + 1}', 'front', 'back') for number in range(nodes)]
        self.cluster = Cluster(databases, self.databases)
        with self.outside.inside():
            self.start_supplier()
        suppliers = {'b': supplier_dvs(self.folder, 'b', self.middleman.url, self.supplier.partner('dvs'))}
        first = os.path.join(self.folder, hosts[0].name)
        hosts[0].run(binary(), 'init', '--data', first, '--email', 'ops@example.com', '--sandbox', '--store',
                     self.cluster.uri())
        self.nodes = [Node(host, self.folder, f'{first}/master.key', self.cluster.uri(), suppliers, sharded)
                      for host in hosts]
        self.credentials = [self.add_partner(f'shop{number}') for number in range(2)]
        self.import_catalog()
        for node in self.nodes:
            node.start()
        self.wait_for_nodes()

    def start_supplier(self):
        """A second Bodega, and somebody before it who can keep a request."""
        self.supplier = OutsideDemo(self.outside, os.path.join(self.folder, 'supplier'), '--time-scale', 1000)
        self.supplier.start()
        self.middleman = Middleman(self.supplier.base_url, self.outside.front)

    def add_partner(self, name):
        def bodega(*words):
            return json.loads(self.nodes[0].bodega(*words, '--json'))

        partner = bodega('partner', 'create', name, '--currency', 'USD')['id']
        bodega('wallet', 'open', partner, 'USD')
        bodega('wallet', 'top-up', partner, 'USD', '1000000')
        issued = bodega('credential', 'issue', partner, 'dvs')
        return {'key': issued['public_id'], 'secret': issued['secret']}

    def import_catalog(self):
        lines = [json.loads(line) for line in
                 self.supplier.command('catalog', 'export', '--data', self.supplier.data).splitlines()]
        product = next(line for line in lines if (line['kind'], line['id']) == ('product', TOP_UP))
        product['routes'] = [{'supplier': 'b', 'sku': str(TOP_UP), 'priority': 1}]
        operator = next(line for line in lines if (line['kind'], line['id']) == ('operator', product['operator']))
        path = os.path.join(self.folder, 'catalog.jsonl')
        with open(path, 'w', encoding='utf-8') as file:
            file.writelines(json.dumps(line) + '\n' for line in (operator, product))
        self.nodes[0].bodega('catalog', 'import', path)

    def answers(self, node):
        with self.outside.inside():
            try:
                return exchange(node.url, 'GET', '/v1/balances',
                                {'Authorization': basic(self.credentials[0])}).status == 200
            except OSError:
                return False

    def wait_for_nodes(self):
        for node in self.nodes:
            def is_up(node=node):
                node.keep_running()
                return self.answers(node)

            eventually(is_up)

    def close(self):
        for node in self.nodes:
            node.signal(signal.SIGCONT)
            node.kill9()
        if self.middleman:
            self.middleman.close()
        if self.supplier and self.supplier.process:
            self.supplier.kill9()
        if self.cluster:
            self.cluster.close()
        self.network.close()
        shutil.rmtree(self.databases)


class OutsideDemo(Demo):
    """The supplier: a demo on SQLite, on the host outside."""

    def __init__(self, host, folder, *arguments):
        super().__init__(folder, *arguments)
        self.host = host

    def launch(self):
        os.makedirs(self.folder, exist_ok=True)
        self.process = self.host.start(self.program, 'demo', '--data', self.data, '--listen',
                                       f'{self.host.front}:{self.port}', '--credentials', self.credentials_file,
                                       *self.arguments, log=self.log_file)


# --- faults: each leaves the world whole again

def kill_a_node(world, chance):
    node = chance.choice(world.nodes)
    yield f'kill -9 {node.host.name}'
    node.kill9()
    time.sleep(chance.random())
    node.start()


def freeze_a_node_in_mid_call(world, chance):
    """It has asked the supplier, and hears nothing any more: for longer than its lease, or for a moment."""
    node = chance.choice(world.nodes)
    seconds = chance.choice([1, LEASE_SECONDS + 3])
    yield f'freeze {node.host.name} in mid-call for {seconds} s'
    middleman = world.middleman
    middleman.mode = chance.choice(['hold', 'swallow'])
    asked = len(middleman.requests)
    eventually(lambda: len(middleman.requests) > asked)
    node.signal(signal.SIGSTOP)
    middleman.mode = 'pass'
    time.sleep(seconds)
    middleman.release()
    middleman.released.clear()
    node.signal(signal.SIGCONT)


def cut_a_node_off(world, chance):
    node = chance.choice(world.nodes)
    seconds = chance.choice([1, 6, LEASE_SECONDS + 6])
    yield f'cut {node.host.name} off from the database for {seconds} s'
    node.host.unplug('back')
    time.sleep(seconds)
    node.host.replug('back')


def lose_the_primary(world, chance):
    old = world.cluster.primary
    yield f'kill -9 of the primary {old.host.name}, a standby is promoted'
    world.cluster.fail_over()
    time.sleep(chance.random())
    world.cluster.take_back(old)


FAULTS = [kill_a_node, freeze_a_node_in_mid_call, cut_a_node_off, lose_the_primary]


class Load:
    """Clients at every node."""

    def __init__(self, world, chance):
        self.clients = [Client(world, node, credentials, chance.random()) for node in world.nodes
                        for credentials in (world.credentials * CLIENTS_A_NODE)[:CLIENTS_A_NODE]]
        for client in self.clients:
            client.start()

    def check(self):
        for client in self.clients:
            assert client.problem is None, client.problem

    def acknowledged(self, node=None):
        return sum(len(client.answered) for client in self.clients if node in (None, client.node))

    def wait_for(self, more, world):
        """Every node sells again."""
        for node in world.nodes:
            before = self.acknowledged(node)

            def sells(node=node, before=before):
                self.check()
                node.keep_running()
                return self.acknowledged(node) >= before + more

            eventually(sells)

    def stop(self):
        for client in self.clients:
            client.ending.set()
        for client in self.clients:
            client.join()
        self.check()


def bring_to_an_end(world):
    """Everything that waits for its time is woken until nothing is left to do."""
    def no_jobs():
        world.nodes[0].bodega('sandbox', 'advance', '61s')
        return world.cluster.ask('SELECT count(*) FROM jobs') == '0'

    with world.outside.inside():
        world.supplier.advance('61m')
    eventually(no_jobs)


def check_orders(world, load):
    """What was acknowledged is there once; what was delivered was bought once, and nothing else was."""
    with world.outside.inside():
        at_supplier = Dvs(world.supplier).list()
    bought = collections.Counter(found['external_id'].split('-')[0] for found in at_supplier
                                 if class_of(found) == COMPLETED)
    for found in at_supplier:
        assert is_final(found), found
    seen = {}
    for credentials in world.credentials:
        with world.outside.inside():
            for order in Dvs(None, credentials=credentials, base_url=world.nodes[-1].url).list():
                assert order['external_id'] not in seen, f'{order["external_id"]} is there twice'
                seen[order['external_id']] = order
    for client in load.clients:
        for external_id, number in client.answered.items():
            assert external_id in seen, f'{external_id} was acknowledged as {number} and is gone'
            assert seen[external_id]['id'] == number
    for external_id, order in seen.items():
        assert class_of(order) in (COMPLETED, DECLINED), order
        assert bought[str(order['id'])] == (1 if class_of(order) == COMPLETED else 0), order
    assert sum(bought.values()) == sum(class_of(order) == COMPLETED for order in seen.values())
    return len(seen)


def verify(world):
    return world.nodes[0].bodega('verify')


def run_rounds(world, rounds, chance):
    load = Load(world, chance)
    load.wait_for(ORDERS_A_ROUND // 4, world)
    for number in range(1, rounds + 1):
        # Each kind comes up in turn, in an order that is drawn; who and for how long is drawn as well.
        if number % len(FAULTS) == 1:
            order = chance.sample(FAULTS, len(FAULTS))
        fault = order[(number - 1) % len(FAULTS)](world, chance)
        print(f'round {number}: {next(fault)}; {load.acknowledged()} orders acknowledged', flush=True)
        for _ in fault:
            pass
        load.wait_for(ORDERS_A_ROUND // len(load.clients), world)
        verify(world)
    load.stop()
    return load


@pytest.mark.own_postgres
def test_faults_on_several_hosts(tmp_path, capfd):
    reason = why_not()
    if reason:
        with capfd.disabled():
            print(f'\nskipped: {reason}')
        pytest.skip(reason)
    seed = int(os.environ.get('BODEGA_SEED', 0)) or random.randrange(1 << 32)
    chance = random.Random(seed)
    sharded = chance.random() < 0.5
    with capfd.disabled():
        print(f'\n{NODES} nodes{", partners shared out among them" if sharded else ""}, {ROUNDS} rounds, seed {seed}',
              flush=True)
        world = World()
        try:
            world.build(tmp_path, NODES, sharded)
            load = run_rounds(world, ROUNDS, chance)
            world.wait_for_nodes()
            bring_to_an_end(world)
            print(f'{check_orders(world, load)} orders, {load.acknowledged()} acknowledged')
            print(verify(world).strip())
        finally:
            world.close()
