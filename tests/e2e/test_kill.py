"""tests/e2e/test_kill.py: kill -9 at full speed. What was answered is kept, once; what was accepted comes to its end
and is called back; the books balance and nothing is left to do."""
import collections
import os
import random
import threading

import pytest
from demo import Demo
from dvs import CREATED, FINAL, CONFIRMED, SUBMITTED, Dvs, class_of, cost, eventually, exact, good
from webhook import Receiver

CLIENTS = 5
# Milliseconds on this server, so that orders end, wait and are called back while the others come in.
TIME_SCALE = 1000
SUFFIXES = ['100', '101', '102', '206', '300', '300', '303']
RANKS = {CREATED: 1, CONFIRMED: 2, SUBMITTED: 3}


def rank(transaction):
    return RANKS.get(class_of(transaction), 4)


class Client(threading.Thread):
    """Creates, confirms and cancels until the connection fails. `answered` keeps the last answer for each order,
    `asked` what was sent, answered or not."""

    def __init__(self, demo, product, url, seed):
        super().__init__(daemon=True)
        self.client = Dvs(demo)
        self.product = product
        self.url = url
        self.random = random.Random(seed)
        self.asked = []
        self.answered = {}
        self.problem = None

    def run(self):
        open_ids = []
        try:
            while True:
                self.step(open_ids)
        except OSError:
            pass
        except Exception as problem:  # shown by the test: an assertion here is a failure there
            self.problem = problem

    def step(self, open_ids):
        choice = self.random.random()
        if open_ids and choice < 0.5:
            which = open_ids.pop(self.random.randrange(len(open_ids)))
            answer = self.client.confirm(which) if choice < 0.3 else self.client.cancel(which)
            self.keep(good(answer, 202))
            return
        auto_confirm = self.random.random() < 0.5
        body = self.client.order(self.product, self.random.choice(SUFFIXES), self.random.randrange(10000),
                                 auto_confirm=auto_confirm)
        body['callback_url'] = f'{self.url}/{body["external_id"]}'
        self.asked.append(body['external_id'])
        transaction = good(self.client.create(body), 201)
        self.keep(transaction)
        if not auto_confirm and self.random.random() < 0.8:
            open_ids.append(transaction['id'])

    def keep(self, transaction):
        self.answered[transaction['external_id']] = transaction


def stored(demo):
    """{external id: transactions} of all partners' last day, read page by page."""
    found = collections.defaultdict(list)
    for transaction in Dvs(demo).list():
        found[transaction['external_id']].append(transaction)
    return found


def check_kept(demo, clients):
    found = stored(demo)
    for client in clients:
        assert client.problem is None, client.problem
        for external_id in client.asked:
            assert len(found[external_id]) <= 1, f'{external_id} is there twice'
        for external_id, answer in client.answered.items():
            assert found[external_id], f'{external_id} was answered with {answer["status"]} and is gone'
            [now] = found[external_id]
            assert now['id'] == answer['id']
            if rank(answer) == 4:
                assert now['status'] == answer['status']
            else:
                assert rank(now) >= rank(answer), f'{answer["status"]} became {now["status"]}'


def all_final(demo):
    """The transactions of the last day, once they have all ended."""
    transactions = [transaction for found in stored(demo).values() for transaction in found]
    return transactions if all(class_of(transaction) in FINAL for transaction in transactions) else None


def check_ends(demo, receiver):
    """Everything comes to its end and is called back. Returns what ended."""
    demo.advance('61m')
    transactions = eventually(lambda: all_final(demo))
    eventually(lambda: demo.count_rows('jobs') == 0)
    called = collections.defaultdict(list)
    with receiver.changed:
        for request in receiver.received:
            called[request.path[1:]].append(exact(request.body))
    for transaction in transactions:
        bodies = called[transaction['external_id']]
        assert bodies, f'{transaction["external_id"]} was not called back'
        assert all(body['status'] == transaction['status'] for body in bodies)
    return transactions


def run_rounds(folder, rounds, seed):
    print(f'seed {seed}')
    chance = random.Random(seed)
    receiver = Receiver()
    demo = Demo(folder, '--time-scale', TIME_SCALE).start()
    try:
        product = Dvs(demo).top_up()
        unit = product['prices']['wholesale']['unit']
        start = Dvs(demo).balance(unit)
        for _ in range(rounds):
            kill_and_look(demo, product, receiver, chance)
        ended = check_ends(demo, receiver)
        spent = sum(cost(product) for transaction in ended if transaction['status']['message'] == 'COMPLETED')
        assert Dvs(demo).balance(unit) == (start[0] - spent, 0)
        demo.verify()
        demo.stop()
        demo.verify()
    finally:
        if demo.process:
            demo.kill9()
        receiver.close()


def kill_and_look(demo, product, receiver, chance):
    clients = [Client(demo, product, receiver.url, chance.random()) for _ in range(CLIENTS)]
    enough = chance.randrange(100, 600)
    for client in clients:
        client.start()
    eventually(lambda: sum(len(c.answered) for c in clients) >= enough or not any(c.is_alive() for c in clients))
    demo.kill9()
    for client in clients:
        client.join()
    demo.verify()
    demo.start()
    check_kept(demo, clients)
    demo.verify()


def test_three_kills(tmp_path):
    run_rounds(tmp_path, 3, 20250101)


@pytest.mark.asan
def test_a_kill(tmp_path):
    run_rounds(tmp_path, 1, 7)


@pytest.mark.long
def test_twenty_kills(tmp_path):
    run_rounds(tmp_path, 20, int(os.environ.get('BODEGA_SEED', 0)) or random.randrange(1 << 32))
