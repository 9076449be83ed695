"""tests/e2e/test_esim_at_once.py: what happens at once happens once: completes, top-ups, refunds, and the deadline."""
import decimal
from concurrent.futures import ThreadPoolExecutor

import pytest
from mobimatter import GLOBAL_5, TOP_UP, Mobimatter

PRICE, TOP_UP_PRICE = decimal.Decimal('14.2'), decimal.Decimal('8.5')
AT_ONCE = 12


@pytest.fixture
def shop(demo):
    shop = Mobimatter(demo)
    yield shop
    demo.verify()


def all_at_once(calls):
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def test_completing_charges_once(shop):
    before = shop.balance()
    order = shop.create(GLOBAL_5)
    answers = all_at_once([lambda: shop.complete(order)] * AT_ONCE)
    assert {answer.status for answer in answers} == {200}
    details = {answer.json()['result']['orderLineItem']['lineItemDetails'][2]['value'] for answer in answers}
    assert len(details) == 1
    assert before - shop.balance() == PRICE


def test_top_ups_are_all_linked(shop):
    root = shop.create(GLOBAL_5)
    assert shop.complete(root).status == 200
    before = shop.balance()
    top_ups = all_at_once([lambda: shop.create(TOP_UP, root)] * AT_ONCE)
    assert len(set(top_ups)) == AT_ONCE
    assert {answer.status for answer in all_at_once([lambda o=o: shop.complete(o) for o in top_ups])} == {200}
    assert sorted(shop.call('GET', f'/order/{root}/linked?completedOnly=true')) == sorted(top_ups)
    assert before - shop.balance() == AT_ONCE * TOP_UP_PRICE


def test_a_refund_is_paid_once(shop):
    before = shop.balance()
    order = shop.create(GLOBAL_5)
    assert shop.complete(order).status == 200
    answers = all_at_once([lambda: shop.send('PUT', '/order/refund', {'orderId': order})] * AT_ONCE)
    statuses = [answer.status for answer in answers]
    assert statuses.count(202) == 1 and set(statuses) <= {202, 400}
    assert shop.balance() == before
    assert shop.state(order) == 'Refunded'


def test_completing_at_the_deadline(shop):
    """Whoever comes first wins, and the money agrees with it."""
    before = shop.balance()
    orders = [shop.create(GLOBAL_5) for _ in range(AT_ONCE)]
    shop.demo.advance('1799s')
    calls = [lambda o=o: shop.complete(o) for o in orders]
    answers = all_at_once(calls[:6] + [lambda: shop.demo.advance('2s')] + calls[6:])
    answers.pop(6)
    won = [answer for answer in answers if answer.status == 200]
    assert {answer.status for answer in answers} <= {200, 400}
    for _ in range(2000):
        states = [shop.state(order) for order in orders]
        if set(states) <= {'Completed', 'Expired'}:
            break
    assert states.count('Completed') == len(won) and set(states) <= {'Completed', 'Expired'}
    assert before - shop.balance() == len(won) * PRICE
