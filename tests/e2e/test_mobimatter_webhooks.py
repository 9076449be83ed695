"""tests/e2e/test_mobimatter_webhooks.py: webhooks to a receiver who speaks TLS under an authority of its own: signed
with the key that the server publishes, told of the ends that its order has, and sent again as the API promises."""
import base64
import json

import pytest
from authority import Authority, openssl
from dvs import eventually
from mobimatter import GLOBAL_5, KYC, REPLACEMENT, Mobimatter, details, internal_id, path_of, sign_decision
from serve import Serve
from webhook import Receiver


class Place:
    """A server that trusts the authority, a merchant, and a receiver certified by it."""

    def __init__(self, folder, lines):
        self.folder = folder
        self.authority = Authority(folder / 'authority')
        self.receiver = Receiver(certificate=self.authority.certificate('localhost'))
        self.server = Serve(folder / 'serve', ['allow_private_targets = yes', f'ca_file = {self.authority.file}',
                                                '[kyc verifier]', 'secret = a secret of sixteen bytes and more',
                                                'page = https://verifier.example/start?check={check}&a="<b>'])
        self.server.start()
        self.server.import_catalog(lines)
        self.server.add_partner('shop', sandbox='yes', dialects=['mobimatter'])
        self.shop = Mobimatter(self.server, 'shop')
        self.key = folder / 'public.pem'
        self.key.write_text(self.server.request('GET', '/mobimatter/api/v2/webhook/public-key')
                            .json()['result']['publicKey'])

    def begin(self, path):
        """A purchase that waits for an identity check: (number, our id)."""
        order = self.shop.buy(KYC, callbackUrl=self.receiver.url + path)
        return order['orderId'], internal_id(details(order)['KYC_URL'])

    def decide(self, order_id, decision):
        assert self.server.control('POST', f'/admin/v1/orders/{order_id}/kyc/{decision}').status == 200

    def check(self, received, event, number):
        """That it is signed, of that event, and the order as it is read."""
        tree = json.loads(received.body)
        assert received.method == 'POST' and received.header('Content-Type') == 'application/json'
        assert tree['eventType'] == event and set(tree) == {'eventType', 'signature', 'eventData'}
        data = tree['eventData']
        assert data == self.shop.send('GET', f'/order/{number}').json()['result']
        self.verify(tree['signature'], f'{number}.{data["merchantId"]}.{data["orderLineItem"]["providerName"]}')

    def verify(self, signature, text):
        path = self.folder / 'signature'
        path.write_bytes(base64.b64decode(signature, validate=True))
        openssl('dgst', '-sha256', '-verify', self.key, '-signature', path, input=text.encode())

    def callbacks(self, order_id):
        return self.server.control('GET', f'/admin/v1/orders/{order_id}').json()['callbacks']


@pytest.fixture(scope='module')
def place(shared_demo, tmp_path_factory):
    lines = [json.loads(line) for line in
             shared_demo.command('catalog', 'export', '--data', shared_demo.data).splitlines()]
    products = [line for line in lines if line.get('esim', {}).get('code') in (KYC, GLOBAL_5, REPLACEMENT)]
    wanted = {product['operator'] for product in products}
    operators = [line for line in lines if line['kind'] == 'operator' and line['id'] in wanted]
    place = Place(tmp_path_factory.mktemp('webhooks'), operators + products)
    yield place
    place.server.verify()
    place.server.stop()
    place.receiver.close()


def test_a_check_that_was_approved(place):
    number, order_id = place.begin('/approved?shop=1')
    place.decide(order_id, 'approve')
    place.server.advance('5s')
    place.check(place.receiver.next('/approved?shop=1'), 'order.esim_delayed.completed', number)
    assert place.shop.send('PUT', '/order/refund', {'orderId': number}).status == 202
    place.check(place.receiver.next('/approved?shop=1'), 'order.esim_delayed.refunded', number)


def test_a_check_that_was_rejected(place):
    number, order_id = place.begin('/rejected')
    place.decide(order_id, 'reject')
    place.check(place.receiver.next('/rejected'), 'order.esim_delayed.cancelled', number)


def test_customers_are_sent_to_whom_the_settings_name(place):
    """In place of our form; with the check's token that provider signs what it has found, and the order goes on."""
    order = place.shop.buy(KYC, callbackUrl=place.receiver.url + '/provider')
    page = path_of(place.server, details(order)['KYC_URL'])
    text = place.server.request('GET', page).body.decode()
    token = page.rpartition('/')[2]
    assert f'href="https://verifier.example/start?check={token}&amp;a=&quot;&lt;b&gt;"' in text
    assert '<form' not in text and '<input' not in text
    body = json.dumps({'decision': 'approved'})
    headers = sign_decision('a secret of sixteen bytes and more', page + '/decision', body)
    assert place.server.request('POST', page + '/decision', headers, body).status == 200
    place.server.advance('5s')
    place.check(place.receiver.next('/provider'), 'order.esim_delayed.completed', order['orderId'])


def test_a_replacement_and_what_is_not_told(place):
    """Of a realtime order the address is read and ignored: the replacement's is the first to be told."""
    root = place.shop.buy(GLOBAL_5, callbackUrl=place.receiver.url + '/realtime')['orderId']
    number = place.shop.buy(REPLACEMENT, root, callbackUrl=place.receiver.url + '/replaced')['orderId']
    place.check(place.receiver.next('/replaced'), 'order.esim_replacement.completed', number)
    assert not [received for received in place.receiver.received if received.path == '/realtime']


def test_it_is_sent_again_byte_for_byte(place):
    """At once, after 30 s, 1, 5, 15 and three times 30 minutes; after the eighth try an operator has it."""
    number, order_id = place.begin('/again')
    place.receiver.answer_with(*[500] * 8)
    place.decide(order_id, 'reject')
    bodies = [place.receiver.next('/again').body]
    for wait in (30, 60, 300, 900, 1800, 1800, 1800):
        [callback] = eventually(lambda: [c for c in place.callbacks(order_id) if c['tries'] == len(bodies)])
        assert callback['state'] == 'pending' and callback['http_status'] == 500
        place.server.advance(f'{wait}s')
        bodies.append(place.receiver.next('/again').body)
    assert len(set(bodies)) == 1 and len(bodies) == 8
    eventually(lambda: [c for c in place.callbacks(order_id) if c['state'] == 'given_up'])
    place.server.command('webhook', 'replay', '--order', order_id, '--data', place.server.data)
    assert place.receiver.next('/again').body == bodies[0]
    eventually(lambda: [c for c in place.callbacks(order_id) if c['state'] == 'delivered'])
    assert place.shop.state(number) == 'Cancelled'


def test_whom_nobody_vouches_for_is_told_nothing(place, tmp_path):
    """A certificate of another authority, and one for another host."""
    stranger = Receiver(certificate=Authority(tmp_path / 'other').certificate('localhost'))
    namesake = Receiver(certificate=place.authority.certificate('elsewhere.example'))
    try:
        for receiver in (stranger, namesake):
            order = place.shop.buy(KYC, callbackUrl=receiver.url + '/')
            order_id = internal_id(details(order)['KYC_URL'])
            place.decide(order_id, 'reject')
            [callback] = eventually(lambda: [c for c in place.callbacks(order_id) if c['tries']])
            assert callback['error'] == 'connect' and receiver.received == []
    finally:
        stranger.close()
        namesake.close()
