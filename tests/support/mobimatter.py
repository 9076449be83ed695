"""tests/support/mobimatter.py: a merchant of the MobiMatter API, as tests need one."""
import decimal
import hashlib
import hmac
import json
import time

import transcript

HANG_SECONDS = 60
GLOBAL_13, GLOBAL_5 = 'c0654cf2-0172-4909-91d1-37ca37e6f195', '9f0d2dcb-31d7-46d0-846d-bb68aa710e7e'
TOP_UP = '5d7a3c52-9f3d-4c0c-8d5c-1f5b5d6d8a03'
KYC = '0b8a1f9e-6f7c-4a7e-9a53-2c1d7be0a4d1'
REPLACEMENT = '3HK_eSIM_replacement'
REFUSED = 'refused-by-provider'


class Mobimatter:
    def __init__(self, demo, partner='main'):
        self.demo = demo
        self.headers = transcript.sign_in_mobimatter(demo.credentials['partners'][partner]['mobimatter'], '', '', '')

    def send(self, method, path, body=None):
        return self.demo.request(method, '/mobimatter/api/v2' + path, self.headers, json.dumps(body) if body else '')

    def call(self, method, path, body=None):
        """The result of a call that must succeed; numbers keep their digits."""
        answer = self.send(method, path, body)
        assert answer.status in (200, 202), answer
        return json.loads(answer.body, parse_float=decimal.Decimal)['result']

    def balance(self):
        return decimal.Decimal(self.call('GET', '/merchant/balance')['balance'])

    def create(self, product, parent=None, **body):
        body |= {'productId': product} | ({'addOnIdentifier': parent} if parent else {})
        return self.call('POST', '/order', body)['orderId']

    def complete(self, number):
        return self.send('PUT', '/order/complete', {'orderId': number})

    def buy(self, product, parent=None, **body):
        """The order object that the complete call answers."""
        return self.call('PUT', '/order/complete', {'orderId': self.create(product, parent, **body)})

    def order(self, number):
        return self.call('GET', f'/order/{number}')

    def state(self, number):
        return self.order(number)['orderState']

    def wait_for(self, number, state):
        """What the server does by itself comes a moment later."""
        deadline = time.monotonic() + HANG_SECONDS
        while self.state(number) != state:
            assert time.monotonic() < deadline, f'{number} is {self.state(number)}, not {state}'
            time.sleep(0.01)


def details(order):
    return {detail['name']: detail['value'] for detail in order['orderLineItem']['lineItemDetails']}


def path_of(demo, url):
    assert url.startswith(demo.base_url + '/'), url
    return url[len(demo.base_url):]


def internal_id(url):
    """The first 14 hex digits of a token are the order's id."""
    return int(url.rpartition('/')[2][:14], 16)


def sign_decision(secret, path, body, at=None):
    """The headers of an identity provider's call."""
    timestamp = str(int(time.time()) if at is None else at)
    mac = hmac.new(secret.encode(), f'{timestamp}.{path}.{body}'.encode(), hashlib.sha256)
    return {'X-Kyc-Timestamp': timestamp, 'X-Kyc-Signature': mac.hexdigest(), 'Content-Type': 'application/json'}
