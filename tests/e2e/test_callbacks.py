"""tests/e2e/test_callbacks.py: what receivers of callbacks may expect, however badly they behave themselves."""
import base64
import hashlib
import hmac
import json
import socket
import threading
import time

import pytest
from demo import free_port
from dvs import COMPLETED, DECLINED, REVERSED, Dvs, class_of, eventually, exact, good, is_final
from webhook import Receiver

# The nine waits between ten tries, in seconds, each up to a tenth shorter or longer.
WAITS = [9 * 3 ** i for i in range(9)]

# "whsec_" and base64 of the key, as Standard Webhooks have it.
KEY = b'a key of thirty-two bytes length'
SECRET = 'whsec_' + base64.b64encode(KEY).decode()


def bought(client, product, url, suffix='100'):
    """A transaction that ends once three seconds have passed on the business clock."""
    return good(client.create(client.order(product, suffix, auto_confirm=True, callback_url=url)), 201)


@pytest.fixture
def shop(demo):
    client = Dvs(demo)
    client.demo = demo
    client.product = client.top_up()
    return client


@pytest.mark.asan
@pytest.mark.parametrize('suffix, wanted', [('100', COMPLETED), ('102', DECLINED)])
def test_the_body_is_the_transaction(shop, receiver, suffix, wanted):
    transaction = bought(shop, shop.product, receiver.url + '/hook?a=1', suffix)
    shop.demo.advance('3s')
    received = receiver.next('/hook?a=1')
    body = exact(received.body)
    assert received.method == 'POST'
    assert received.header('Content-Type') == 'application/json'
    assert class_of(body) == wanted
    assert body == shop.until_final(transaction['id'])


@pytest.mark.asan
def test_not_for_what_is_not_final(shop, receiver):
    """Created, confirmed and submitted are no news; cancelled and expired are."""
    cancelled = good(shop.create(shop.order(shop.product, '100', callback_url=receiver.url + '/cancelled')), 201)
    good(shop.create(shop.order(shop.product, '100', callback_url=receiver.url + '/expired')), 201)
    confirmed = good(shop.create(shop.order(shop.product, '300', callback_url=receiver.url + '/later')), 201)
    good(shop.confirm(confirmed['id']), 202)
    good(shop.cancel(cancelled['id']), 202)
    assert class_of(exact(receiver.next('/cancelled').body)) == 4
    shop.demo.advance('200s')
    shop.demo.advance('100s')
    assert class_of(exact(receiver.next('/later').body)) == COMPLETED
    shop.demo.advance('1h')
    assert class_of(exact(receiver.next('/expired').body)) == 4
    assert len(receiver.received) == 3


@pytest.mark.asan
def test_ten_tries_then_a_person(shop, receiver):
    """The waits triple; each try carries the same id and the same bytes; after the tenth it is given up."""
    receiver.answer_with(500, 404, 429, 503, 301, 500, 500, 500, 500, 500)
    bought(shop, shop.product, receiver.url)
    shop.demo.advance('3s')
    receiver.wait_for(1)
    for tries, wait in enumerate(WAITS, 1):
        # Not before nine tenths, for sure after eleven.
        shop.demo.advance(f'{int(wait * 0.9) - 3}s')
        shop.demo.advance('1s')
        assert len(receiver.received) == tries
        shop.demo.advance(f'{int(wait * 0.2) + 4}s')
        receiver.wait_for(tries + 1)
    shop.demo.advance('48h')
    # A later order's callback shows that whatever was due has been sent.
    bought(shop, shop.product, receiver.url + '/later')
    shop.demo.advance('3s')
    receiver.wait_for(1, '/later')
    tries = receiver.wait_for(10, '/')
    assert len(receiver.received) == 11
    assert len({request.body for request in tries}) == 1
    assert len({request.header('webhook-id') for request in tries}) == 1


@pytest.mark.asan
def test_a_dead_receiver_comes_back(shop):
    """Nobody listens: nothing is lost, and when somebody does it arrives."""
    port = free_port()
    transaction = bought(shop, shop.product, f'http://127.0.0.1:{port}/')
    shop.demo.advance('3s')
    assert is_final(shop.until_final(transaction['id']))
    shop.demo.advance('11s')
    receiver = Receiver(port)
    try:
        for wait in WAITS[1:4]:
            shop.demo.advance(f'{wait * 11 // 10 + 1}s')
        [received, *_] = receiver.wait_for(1)
        assert exact(received.body)['id'] == transaction['id']
    finally:
        receiver.close()


@pytest.mark.asan
def test_a_slow_receiver_delays_nobody_else(shop, receiver):
    """Twenty callbacks hang at one receiver; another's are delivered all the same."""
    slow = Receiver()
    release = threading.Event()
    slow.answer_with(*[release] * 20)
    try:
        for _ in range(20):
            bought(shop, shop.product, slow.url)
        for _ in range(20):
            bought(shop, shop.product, receiver.url)
        shop.demo.advance('3s')
        slow.wait_for(1)
        receiver.wait_for(20)
        release.set()
        slow.wait_for(20)
    finally:
        release.set()
        slow.close()


@pytest.mark.asan
def test_a_redirect_is_not_followed(shop, receiver):
    elsewhere = Receiver()
    receiver.answer_with((302, {'Location': elsewhere.url}), (307, {'Location': elsewhere.url}))
    try:
        bought(shop, shop.product, receiver.url)
        shop.demo.advance('3s')
        receiver.wait_for(1)
        shop.demo.advance('10s')
        receiver.wait_for(2)
        shop.demo.advance('30s')
        receiver.wait_for(3)
        assert elsewhere.received == []
    finally:
        elsewhere.close()


@pytest.mark.asan
@pytest.mark.parametrize('answer', [(200, b'x' * 300000), (204, b''), (299, b'')])
def test_any_2xx_will_do(shop, receiver, answer):
    receiver.answer_with(answer)
    bought(shop, shop.product, receiver.url)
    shop.demo.advance('3s')
    receiver.wait_for(1)
    shop.demo.advance('25h')
    bought(shop, shop.product, receiver.url + '/later')
    shop.demo.advance('3s')
    receiver.wait_for(1, '/later')
    assert len(receiver.received) == 2


@pytest.mark.asan
def test_a_receiver_that_speaks_no_http(shop, receiver):
    """Bytes that are no answer are a failed try, and the next order's callback finds its way."""
    with socket.socket() as odd:
        odd.bind(('127.0.0.1', 0))
        odd.listen()

        def speak():
            connection, _ = odd.accept()
            connection.recv(65536)
            connection.sendall(b'220 mail.example ESMTP\r\n' * 1000)
            connection.close()

        speaker = threading.Thread(target=speak, daemon=True)
        speaker.start()
        bought(shop, shop.product, f'http://127.0.0.1:{odd.getsockname()[1]}/')
        bought(shop, shop.product, receiver.url)
        shop.demo.advance('3s')
        receiver.wait_for(1)
        speaker.join(60)
        assert not speaker.is_alive()
    eventually(lambda: shop.ask('GET', '/v1/balances').status == 200)


def check_signature(received, *keys):
    """One for each key, newest first."""
    signed = f'{received.header("webhook-id")}.{received.header("webhook-timestamp")}.'.encode() + received.body
    expected = ['v1,' + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() for key in keys]
    assert received.header('webhook-signature').split(' ') == expected
    # By the wall clock, which receivers compare with theirs.
    assert abs(int(received.header('webhook-timestamp')) - time.time()) < 300


@pytest.mark.asan
def test_signed_with_the_partners_secret(shop, receiver):
    """Each try is, with the same id; without a secret there is no signature, and a new secret counts at once,
    beside the one before for a day."""
    receiver.answer_with(200, 503)
    bought(shop, shop.product, receiver.url)
    shop.demo.advance('3s')
    assert receiver.next().header('webhook-signature') is None
    shop.demo.change_partner('main', '--webhook-secret', SECRET)
    bought(shop, shop.product, receiver.url)
    shop.demo.advance('3s')
    first = receiver.next()
    shop.demo.advance('11s')
    second = receiver.next()
    check_signature(first, KEY)
    check_signature(second, KEY)
    assert first.header('webhook-id') == second.header('webhook-id')
    assert first.body == second.body
    other = b'another key, of another length still'
    shop.demo.change_partner('main', '--webhook-secret', 'whsec_' + base64.b64encode(other).decode())
    bought(shop, shop.product, receiver.url)
    shop.demo.advance('3s')
    check_signature(receiver.next(), other, KEY)


def test_the_partners_address_serves_orders_without_one(start_demo, receiver):
    demo = start_demo('--webhook-url', receiver.url + '/all')
    client = Dvs(demo)
    card = client.gift_card()
    own = good(client.create(client.order(card, auto_confirm=True, callback_url=receiver.url + '/own')), 201)
    default = good(client.create(client.order(card, auto_confirm=True)), 201)
    assert exact(receiver.next('/own').body)['id'] == own['id']
    assert exact(receiver.next('/all').body)['id'] == default['id']
    assert len(receiver.received) == 2


@pytest.mark.asan
def test_reversed_comes_after_completed(shop, receiver):
    """However late the first is taken, the second waits for it; and both have ids of their own."""
    transaction = bought(shop, shop.product, receiver.url)
    receiver.answer_with(503)
    shop.demo.advance('3s')
    receiver.wait_for(1)
    shop.demo.command('order', 'reverse', '--data', shop.demo.data, transaction['id'])
    assert class_of(good(shop.get(transaction['id']), 200)) == REVERSED
    shop.demo.advance('11s')
    shop.demo.advance('60s')
    shop.demo.advance('300s')
    first, again, second = receiver.wait_for(3)
    assert [class_of(exact(request.body)) for request in (first, again, second)] == [COMPLETED, COMPLETED, REVERSED]
    assert first.header('webhook-id') == again.header('webhook-id') != second.header('webhook-id')
    assert exact(second.body) == good(shop.get(transaction['id']), 200)
    assert len(receiver.received) == 3


@pytest.mark.asan
def test_the_operator_sends_it_again(shop, receiver):
    """What was given up is a task for a person, who looks at it and has it sent."""
    receiver.answer_with(*[500] * 10)
    transaction = bought(shop, shop.product, receiver.url)
    shop.demo.advance('3s')
    receiver.wait_for(1)
    for tries, wait in enumerate(WAITS, 2):
        shop.demo.advance(f'{wait * 11 // 10 + 1}s')
        receiver.wait_for(tries)
    [task] = eventually(lambda: json.loads(shop.demo.command('task', 'list', '--data', shop.demo.data, '--json')))
    assert task['order_id'] == transaction['id']
    shop.demo.command('order', 'retry', '--data', shop.demo.data, transaction['id'])
    received = receiver.wait_for(11)
    assert received[0].header('webhook-id') == received[10].header('webhook-id')
    assert exact(received[10].body) == exact(received[0].body)
