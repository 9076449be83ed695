"""tests/e2e/test_esim_at_once.py: what happens at once happens once: completes, top-ups, refunds, and the deadline."""
import decimal
from concurrent.futures import ThreadPoolExecutor

import pytest
from mobimatter import GLOBAL_5, GLOBAL_13, TOP_UP, Mobimatter

PRICE, TOP_UP_PRICE = decimal.Decimal('14.2'), decimal.Decimal('8.5')
AT_ONCE = 12


@pytest.fixture
def shop(start_demo):
    demo = start_demo('--time-scale', 1000)
    shop = Mobimatter(demo)
    yield shop
    demo.verify()


def all_at_once(calls):
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def internal(shop, order):
    """Our id of the merchant's order."""
    partners = shop.demo.control('GET', '/admin/v1/partners').json()
    main = next(partner['id'] for partner in partners if partner['name'] == 'main')
    path = f'/admin/v1/orders?partner={main}&dialect=mobimatter&reference={order}'
    return shop.demo.control('GET', path).json()['id']


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


def test_completing_and_cancelling(shop):
    """Each order becomes one of the two, and costs what it became."""
    before = shop.balance()
    orders = [shop.create(GLOBAL_5) for _ in range(AT_ONCE)]
    calls = [call for o in orders for call in (
        lambda o=o: shop.complete(o).status, lambda o=o: shop.send('PUT', '/order/cancel', {'orderId': o}).status)]
    statuses = all_at_once(calls)
    states = [shop.state(order) for order in orders]
    assert [{(200, 400): 'Completed', (400, 200): 'Cancelled'}.get(pair)
            for pair in zip(statuses[::2], statuses[1::2])] == states
    assert before - shop.balance() == states.count('Completed') * PRICE


def test_a_refund_against_an_operators_reversal(shop):
    """The merchant's refund keeps a fee, the operator's reversal none: one of them counts, and is paid once."""
    demo, fee = shop.demo, decimal.Decimal('2.5')
    for _ in range(4):
        before = shop.balance()
        order = shop.create(GLOBAL_13)
        assert shop.complete(order).status == 200
        number = internal(shop, order)
        answers = all_at_once([lambda: shop.send('PUT', '/order/refund', {'orderId': order}),
                               lambda: demo.control('POST', f'/admin/v1/orders/{number}/reverse', {})] * 3)
        # An operator's reversal ends what the merchant has asked for, and then keeps what was told.
        assert {answer.status for answer in answers} <= {200, 202, 400, 409}
        shop.wait_for(order, 'Refunded')
        assert before - shop.balance() in (0, fee)


def test_what_a_code_costs_to_look_at(shop):
    """A merchant reads its own codes as often as it likes and nothing is written; an operator's look is."""
    demo = shop.demo
    order = shop.create(GLOBAL_5)
    assert shop.complete(order).status == 200
    before = demo.count_rows('audit')
    for _ in range(3):
        found = shop.order(order)
        assert shop.call('GET', f'/provider/info/{order}')['esim']['iccid']
    code = next(detail['value'] for detail in found['orderLineItem']['lineItemDetails']
                if detail['name'] == 'ACTIVATION_CODE')
    assert demo.count_rows('audit') == before
    shown = demo.control('POST', f'/admin/v1/orders/{internal(shop, order)}/units/1/reveal', {})
    assert shown.status == 200 and code in shown.body.decode()
    assert demo.count_rows('audit') == before + 1
