"""tests/e2e/test_esim_at_once.py: what happens at once happens once: completes, top-ups, refunds, and the deadline."""
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import transcript

ESIM, PRICE = '9f0d2dcb-31d7-46d0-846d-bb68aa710e7e', 14.2
TOP_UP, TOP_UP_PRICE = '5d7a3c52-9f3d-4c0c-8d5c-1f5b5d6d8a03', 8.5
AT_ONCE = 12


class Shop:
    def __init__(self, demo):
        self.demo = demo
        self.headers = transcript.sign_in_mobimatter(demo.credentials['partners']['main']['mobimatter'], '', '', '')

    def send(self, method, path, body=None):
        return self.demo.request(method, '/mobimatter/api/v2' + path, self.headers, json.dumps(body) if body else '')

    def call(self, method, path, body=None):
        answer = self.send(method, path, body)
        assert answer.status in (200, 202), answer
        return answer.json()['result']

    def balance(self):
        return self.call('GET', '/merchant/balance')['balance']

    def create(self, product, parent=None):
        body = {'productId': product} | ({'addOnIdentifier': parent} if parent else {})
        return self.call('POST', '/order', body)['orderId']

    def complete(self, order):
        return self.send('PUT', '/order/complete', {'orderId': order})


@pytest.fixture
def shop(demo):
    shop = Shop(demo)
    yield shop
    demo.verify()


def all_at_once(calls):
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def test_completing_charges_once(shop):
    before = shop.balance()
    order = shop.create(ESIM)
    answers = all_at_once([lambda: shop.complete(order)] * AT_ONCE)
    assert {answer.status for answer in answers} == {200}
    details = {answer.json()['result']['orderLineItem']['lineItemDetails'][2]['value'] for answer in answers}
    assert len(details) == 1
    assert round(before - shop.balance(), 2) == PRICE


def test_top_ups_are_all_linked(shop):
    root = shop.create(ESIM)
    assert shop.complete(root).status == 200
    before = shop.balance()
    top_ups = all_at_once([lambda: shop.create(TOP_UP, root)] * AT_ONCE)
    assert len(set(top_ups)) == AT_ONCE
    assert {answer.status for answer in all_at_once([lambda o=o: shop.complete(o) for o in top_ups])} == {200}
    assert sorted(shop.call('GET', f'/order/{root}/linked?completedOnly=true')) == sorted(top_ups)
    assert round(before - shop.balance(), 2) == round(AT_ONCE * TOP_UP_PRICE, 2)


def test_a_refund_is_paid_once(shop):
    before = shop.balance()
    order = shop.create(ESIM)
    assert shop.complete(order).status == 200
    answers = all_at_once([lambda: shop.send('PUT', '/order/refund', {'orderId': order})] * AT_ONCE)
    statuses = [answer.status for answer in answers]
    assert statuses.count(202) == 1 and set(statuses) <= {202, 400}
    assert shop.balance() == before
    assert shop.call('GET', f'/order/{order}')['orderState'] == 'Refunded'


def test_completing_at_the_deadline(shop):
    """Whoever comes first wins, and the money agrees with it."""
    before = shop.balance()
    orders = [shop.create(ESIM) for _ in range(AT_ONCE)]
    shop.demo.advance('1799s')
    calls = [lambda o=o: shop.complete(o) for o in orders]
    answers = all_at_once(calls[:6] + [lambda: shop.demo.advance('2s')] + calls[6:])
    answers.pop(6)
    won = [answer for answer in answers if answer.status == 200]
    assert {answer.status for answer in answers} <= {200, 400}
    for _ in range(2000):
        states = [shop.call('GET', f'/order/{order}')['orderState'] for order in orders]
        if set(states) <= {'Completed', 'Expired'}:
            break
    assert states.count('Completed') == len(won) and set(states) <= {'Completed', 'Expired'}
    assert round(before - shop.balance(), 2) == round(len(won) * PRICE, 2)
