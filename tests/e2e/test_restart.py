"""tests/e2e/test_restart.py: stopping and starting: what is under way is answered, what is left to do is done later,
and nobody has to be told anything new."""
import asyncio
import re
import time

import pytest
from demo import Demo
from dvs import COMPLETED, CONFIRMED, DECLINED, SUBMITTED, Dvs, class_of, eventually, exact, good
from parking import Caller, call_all, in_thread
from wire import Wire, request

DRAIN_SECONDS = 10
# For a machine that is busy with other things.
GRACE_SECONDS = 20


@pytest.mark.asan
def test_credentials_and_books_stay(demo):
    client = Dvs(demo)
    product = client.top_up()
    unit = product['prices']['wholesale']['unit']
    created = good(client.create(client.order(product, '300')), 201)
    before, balance, products = demo.credentials, client.balance(unit), client.products()
    demo.restart()
    assert demo.credentials == before
    client = Dvs(demo)
    assert client.get(created['id']).json() == created
    assert client.balance(unit) == balance
    assert client.products() == products
    good(client.confirm(created['id']), 202)
    demo.verify()


@pytest.mark.asan
def test_the_clock_stays_moved(demo):
    client = Dvs(demo)
    created = good(client.create(client.order(client.top_up(), '300')), 201)
    demo.advance('59m')
    demo.restart()
    client = Dvs(demo)
    later = good(client.create(client.order(client.top_up(), '300')), 201)
    assert created['confirmation_expiration_date'] > later['creation_date']
    demo.advance('61s')
    # The first has expired, by the minutes from before and the seconds from after the restart; the second has not.
    assert client.until_class(created['id'], 4)['status']['message'] == 'CANCELLED'
    assert class_of(good(client.get(later['id']), 200)) == 1


@pytest.mark.asan
def test_work_goes_on_after_a_restart(demo, receiver):
    """Orders that were with the supplier are delivered, and callbacks that nobody took are sent again."""
    client = Dvs(demo)
    product = client.top_up()
    receiver.answer_with(503)
    first = client.order(product, '102', auto_confirm=True, callback_url=receiver.url + '/first')
    first = good(client.create(first), 201)
    second = client.order(product, '300', auto_confirm=True, callback_url=receiver.url + '/second')
    second = good(client.create(second), 201)
    demo.advance('3s')
    [failed] = receiver.wait_for(1)
    demo.restart()
    demo.advance('12s')
    [_, again] = receiver.wait_for(2, '/first')
    assert again.body == failed.body
    assert again.header('webhook-id') == failed.header('webhook-id')
    demo.advance('300s')
    [received] = receiver.wait_for(1, '/second')
    assert class_of(exact(received.body)) == COMPLETED
    client = Dvs(demo)
    assert class_of(client.until_final(first['id'])) == DECLINED
    assert class_of(client.until_final(second['id'])) == COMPLETED


@pytest.mark.asan
def test_sigterm_answers_what_is_parked(demo):
    """Two hundred wait, another idles: the waiting are answered with the present state, the idle one is closed."""
    product = Dvs(demo).top_up()

    async def play():
        waiting = [Caller(demo, 'main', Dvs(demo).order(product, '300', i, auto_confirm=True)) for i in range(200)]
        await call_all(waiting)
        client = Dvs(demo)
        await in_thread(eventually, lambda: client.count() == len(waiting))
        with Wire(demo.base_url) as idle:
            idle.send(request('GET', '/v1/balances', [('Host', 'a')]))
            idle.answer()
            stopped = asyncio.ensure_future(in_thread(demo.stop))
            transactions = [await caller.transaction() for caller in waiting]
            await stopped
            assert idle.rest() == b''
        assert {class_of(transaction) for transaction in transactions} <= {CONFIRMED, SUBMITTED}
        for caller in waiting:
            caller.hang_up()
        return transactions

    transactions = asyncio.run(play())
    demo.verify()
    demo.start()
    demo.advance('300s')
    client = Dvs(demo)
    for transaction in transactions:
        assert class_of(client.until_final(transaction['id'])) == COMPLETED


@pytest.mark.long
def test_sigterm_waits_ten_seconds_and_no_longer(demo):
    """For a request whose rest may still come."""
    with Wire(demo.base_url) as half:
        half.send(b'POST /v1/async/transactions HTTP/1.1\r\nHost: a\r\n')
        assert Dvs(demo).ask('GET', '/v1/balances').status == 200
        started = time.monotonic()
        demo.stop()
        assert time.monotonic() - started < DRAIN_SECONDS + GRACE_SECONDS


def test_sigterm_under_load(demo):
    """Whoever is cut off has got no answer; whoever got one finds his order after the restart."""
    product = Dvs(demo).top_up()

    async def play():
        answered = []

        async def buy():
            client = Dvs(demo)
            try:
                while True:
                    body = client.order(product, '300')
                    answer = await in_thread(client.create, body)
                    if answer.status == 503:
                        return
                    answered.append(good(answer, 201))
            except OSError:
                return

        buyers = [asyncio.ensure_future(buy()) for _ in range(8)]
        await in_thread(eventually, lambda: len(answered) >= 200)
        await in_thread(demo.stop)
        await asyncio.gather(*buyers)
        return answered

    answered = asyncio.run(play())
    demo.start()
    stored = {transaction['id']: transaction for transaction in Dvs(demo).list()}
    for transaction in answered:
        assert stored[transaction['id']]['external_id'] == transaction['external_id']
    demo.verify()


@pytest.mark.asan
def test_a_second_server_is_refused(demo):
    """One writer: the folder is locked while a server runs."""
    other = Demo(demo.folder + '-other')
    other.data = demo.data
    with pytest.raises(AssertionError, match='ended with [1-9]'):
        other.start()
    assert Dvs(demo).ask('GET', '/v1/balances').status == 200


@pytest.mark.asan
def test_it_says_how_to_buy(demo):
    """The purchase that it prints can be pasted."""
    assert re.search(r'curl .*/v1/', demo.log_tail(), re.S), demo.log_tail()
