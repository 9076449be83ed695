"""tests/e2e/test_webhooks.py: the webhooks of the S2S API: the schedule, receivers that misbehave, sending again."""
import base64
import hashlib
import hmac
import json
import threading
import time

import pytest
from demo import Demo
from dvs import Dvs, eventually, good
from s2s import CARD, S2S
from webhook import Receiver


class Shop:
    """A demo whose main partner has a receiver of its own."""

    def __init__(self, demo, receiver):
        self.demo, self.receiver = demo, receiver
        self.client = S2S(demo.base_url, demo.partner('s2s'))
        self.paths = 0

    def bodega(self, *words):
        return json.loads(self.demo.command(*words, '--data', self.demo.data, '--json'))

    def point_at(self, url, name='main'):
        self.demo.change_partner(name, '--webhook-url', url)

    def buy(self, *answers):
        """An order whose webhook goes to a path of its own and is answered so."""
        self.paths += 1
        path = f'/{self.paths}'
        self.point_at(self.receiver.url + path)
        self.receiver.answer_with(*answers)
        order = self.client.buy(CARD)
        return path, int(self.client.find(order)['items'][0]['id'])

    def records(self, order, *filters):
        return self.bodega('webhook', 'list', '--order', str(order), *filters)

    def until(self, order, **wanted):
        def look():
            record = self.records(order)[0]
            return record if all(record[name] == value for name, value in wanted.items()) else None

        return eventually(look)


@pytest.fixture(scope='module')
def shop(tmp_path_factory):
    receiver = Receiver()
    with Demo(tmp_path_factory.mktemp('webhooks'), '--webhook-url', receiver.url) as demo:
        yield Shop(demo, receiver)
        demo.verify()
    receiver.close()


def signed(request, secret):
    body = json.loads(request.body)
    message = request.header('X-Timestamp') + body['event'] + body['idempotency_key']
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


def test_three_attempts_then_a_person_sends_it_again(shop):
    """Invariant 11: at 0, 10 and 100 seconds, the same bytes under the same key with a fresh signature, and no more;
    then it is kept, through a restart, and sent again when somebody says so."""
    elsewhere = shop.receiver.url + '/elsewhere'
    # A kept connection that is closed in its face is no answer: the client asks once more on a fresh one.
    path, order = shop.buy(500, (302, {'Location': elsewhere}), None, None)
    for tries, wait in ((1, 10), (2, 100)):
        shop.until(order, tries=tries, state='pending')
        shop.demo.advance(f'{wait - 1}s')
        time.sleep(0.2)  # nothing comes: there is no moment to wait for
        assert len([r for r in shop.receiver.received if r.path == path]) == tries
        shop.demo.advance('1s')
    shop.until(order, tries=3, state='given_up')
    shop.demo.restart()
    shop.point_at(shop.receiver.url + path)  # a demo begins with what its options say
    shop.demo.advance('1h')
    assert shop.records(order, '--state', 'pending') == []
    assert [r['order_id'] for r in shop.bodega('webhook', 'list', '--partner', '1', '--state', 'given_up')] == [order]
    shop.receiver.answer_with(503)
    assert shop.bodega('webhook', 'replay', '--order', str(order)) == {'replayed': 1, 'more': False}
    assert shop.bodega('webhook', 'replay', '--order', str(order)) == {'replayed': 0, 'more': False}, 'it is on its way'
    shop.until(order, tries=1, state='pending')
    shop.demo.advance('10s')
    record = shop.until(order, tries=2, state='delivered', http_status=200)
    requests = shop.receiver.wait_for(6, path)
    assert not [r for r in shop.receiver.received if r.path == '/elsewhere'], 'redirects are not followed'
    assert len({r.body for r in requests}) == 1
    assert {r.header('webhook-id') for r in requests} == {record['id']}
    assert [r.header('X-Webhook-Attempt') for r in requests] == ['1', '2', '3', '3', '1', '2']
    for request in requests:
        assert request.header('X-Signature') == signed(request, shop.client.secret)


def test_what_was_delivered_can_be_sent_again(shop):
    path, order = shop.buy()
    made = shop.until(order, state='delivered')['created_at']
    assert shop.bodega('webhook', 'replay', '--partner', '1', '--state', 'delivered', '--since', made)['replayed'] == 1
    first, second = shop.receiver.wait_for(2, path)
    assert (first.body, first.header('webhook-id')) == (second.body, second.header('webhook-id'))
    shop.until(order, state='delivered')
    status = shop.demo.control('POST', '/admin/v1/webhooks/replay', {'state': 'given_up'}).status
    assert status == 400, 'of whom?'


def test_those_of_another_api_are_sent_again(shop):
    """Likewise, under the same id: what was delivered is rendered anew."""
    client, path = Dvs(shop.demo), '/dvs'
    order = good(client.create(client.order(client.gift_card(), auto_confirm=True,
                                            callback_url=shop.receiver.url + path)), 201)
    record = shop.until(order['id'], state='delivered')
    assert record['dialect'] == 'dvs'
    assert shop.bodega('webhook', 'replay', '--order', str(order['id'])) == {'replayed': 1, 'more': False}
    first, second = shop.receiver.wait_for(2, path)
    assert first.header('webhook-id') == second.header('webhook-id') == record['id']
    assert json.loads(first.body) == json.loads(second.body)


def test_a_receiver_that_holds_on_is_cut_off_and_delays_nobody_else(shop):
    hold, other = threading.Event(), Receiver()
    try:
        shop.point_at(other.url + '/second', 'second')
        held = [shop.buy(hold)[1] for _ in range(12)]  # more than are let in at a host at once
        second = S2S(shop.demo.base_url, shop.demo.partner('s2s', 'second'))
        second.buy(CARD)
        assert other.next('/second', seconds=5)
        # Each try has ten seconds, by the network's clock, which nobody moves.
        record = shop.until(held[0], tries=1, state='pending')
        assert record['error'] == 'timeout' and 9500 <= record['duration_ms'] <= 15000
    finally:
        hold.set()
        other.close()
    # Let go of, each is taken by its next try.
    shop.demo.advance('10s')
    for order in held:
        shop.until(order, state='delivered')


def test_a_body_is_kept_for_thirty_days(shop):
    path, order = shop.buy(500, 500, 500)
    shop.until(order, tries=1)
    shop.demo.advance('10s')
    shop.until(order, tries=2)
    shop.demo.advance('100s')
    shop.until(order, state='given_up')

    def waiting():
        return [job['kind'] for job in shop.bodega('order', 'show', str(order))['jobs']]

    assert waiting() == ['forget']
    shop.demo.advance('719h')
    assert waiting() == ['forget']
    shop.demo.advance('2h')
    eventually(lambda: waiting() == [])
    assert shop.bodega('webhook', 'replay', '--order', str(order))['replayed'] == 1
    bodies = [json.loads(r.body)['data']['order'] for r in shop.receiver.wait_for(4, path)]
    assert bodies[3] == bodies[0], 'made anew of the order'


def test_two_secrets_sign_while_one_is_changed(shop):
    """For a day the former secret of a partner signs too; so does that of a credential that is being rotated."""
    keys = [bytes([n]) * 32 for n in (1, 2)]
    for key in keys:
        shop.demo.change_partner('main', '--webhook-secret', 'whsec_' + base64.b64encode(key).decode())

    def signatures(request, of):
        text = f"{request.header('webhook-id')}.{request.header('webhook-timestamp')}.".encode() + request.body
        return ['v1,' + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode() for key in of]

    path, _ = shop.buy()
    request = shop.receiver.next(path)
    assert request.header('webhook-signature').split(' ') == signatures(request, [keys[1], keys[0]])
    shop.demo.advance('25h')
    path, _ = shop.buy()
    request = shop.receiver.next(path)
    assert request.header('webhook-signature').split(' ') == signatures(request, [keys[1]])

    listed = shop.bodega('credential', 'list', '1')
    old = next(c['id'] for c in listed if c['dialect'] == 's2s')
    fresh = shop.bodega('credential', 'rotate', str(old), '--overlap', '1h')
    path, _ = shop.buy()
    request = shop.receiver.next(path)
    assert request.header('X-Signature') == signed(request, shop.client.secret)
    assert request.header('X-Signature-Next') == signed(request, fresh['secret'])
