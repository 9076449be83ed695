"""tests/support/dvs.py: a small client of the DVS API for tests: one kept connection, exact amounts, no opinions.

Answers are given back whatever their status; `good` and `refused` say what was expected.
"""
import base64
import decimal
import http.client
import itertools
import json
import os
import time
import urllib.parse

from demo import HANG_SECONDS, Response

CREATED, CONFIRMED, REJECTED, CANCELLED, SUBMITTED, COMPLETED, REVERSED, DECLINED = 1, 2, 3, 4, 5, 7, 8, 9
FINAL = {REJECTED, CANCELLED, COMPLETED, REVERSED, DECLINED}
POLL_SECONDS = 0.01

_serial = itertools.count(1)


def unique(word='e2e'):
    """An external id that no other test of this run uses."""
    return f'{word}-{os.getpid()}-{next(_serial)}'


def number(serial, suffix):
    """A mobile number of Singapore that ends in the three digits which tell the sandbox what shall happen."""
    return f'+659{serial % 10000:04d}{suffix}'


def eventually(probe, seconds=HANG_SECONDS):
    """Asks until the answer is true and returns it. Only for what happens by itself; clocks are moved."""
    deadline = time.monotonic() + seconds
    while not (answer := probe()):
        assert time.monotonic() < deadline, f'{probe} did not come true in {seconds} s'
        time.sleep(POLL_SECONDS)
    return answer


def exact(text):
    """JSON with its amounts as decimals."""
    return json.loads(text, parse_float=decimal.Decimal)


def class_of(transaction):
    return transaction['status']['class']['id']


def is_final(transaction):
    return class_of(transaction) in FINAL


class Answer(Response):
    def json(self):
        return exact(self.body)


def good(answer, status):
    """The body of an answer that must have this status."""
    assert answer.status == status, answer
    return answer.json()


def refused(answer, status, code):
    """An answer that must be this refusal, in the API's own shape."""
    assert answer.status == status, answer
    body = answer.json()
    assert list(body) == ['errors'], body
    assert body['errors'][0]['code'] == code, body
    assert all(isinstance(error['message'], str) for error in body['errors'])


def basic(credentials):
    pair = f'{credentials["key"]}:{credentials["secret"]}'.encode()
    return 'Basic ' + base64.b64encode(pair).decode()


class Dvs:
    """A partner at work. Not for several threads at once: each has its own."""

    def __init__(self, demo, partner='main', credentials=None, base_url=None):
        self.url = urllib.parse.urlsplit(base_url or demo.base_url)
        self.authorization = basic(credentials or demo.partner('dvs', partner))
        self.connection = None

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def ask(self, method, path, body=None, headers=()):
        """One request. `body` is bytes, or a tree that becomes JSON. A failed connection is not tried again, unless it
        was an old one that the server had closed before a GET."""
        fresh = self.connection is None
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        try:
            return self._exchange(method, path, body, headers)
        except (http.client.RemoteDisconnected, ConnectionError):
            self.close()
            if fresh or method != 'GET':
                raise
        return self._exchange(method, path, body, headers)

    def _exchange(self, method, path, body, headers):
        if not self.connection:
            self.connection = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=HANG_SECONDS)
        own = {'Authorization': self.authorization, **dict(headers)}
        if body is not None:
            own.setdefault('Content-Type', 'application/json')
        try:
            self.connection.request(method, path, body, own)
            answer = self.connection.getresponse()
            return Answer(answer.status, answer.getheaders(), answer.read())
        except Exception:
            self.close()
            raise

    # --- transactions

    def create(self, body, sync=False, key=None):
        kind = 'sync' if sync else 'async'
        return self.ask('POST', f'/v1/{kind}/transactions', body, {'Idempotency-Key': key} if key else {})

    def confirm(self, transaction_id, sync=False):
        kind = 'sync' if sync else 'async'
        return self.ask('POST', f'/v1/{kind}/transactions/{transaction_id}/confirm')

    def cancel(self, transaction_id):
        return self.ask('POST', f'/v1/transactions/{transaction_id}/cancel')

    def get(self, transaction_id):
        return self.ask('GET', f'/v1/transactions/{transaction_id}')

    def find(self, external_id):
        """What is stored under an external id: a list, empty when there is nothing."""
        return self.list(external_id=external_id)

    def list(self, **filters):
        """All that the filters let through, newest first, over all pages."""
        found = []
        for page in itertools.count(1):
            query = urllib.parse.urlencode({**filters, 'page': page, 'per_page': 100})
            answer = self.ask('GET', f'/v1/transactions?{query}')
            if answer.status == 404:
                refused(answer, 404, 1008004)
                return found
            found += good(answer, 200)
            if not answer.header('X-Next-Page'):
                assert len(found) == int(answer.header('X-Total')), 'the pages do not add up'
                return found

    def count(self):
        """How many transactions of the last day there are."""
        answer = self.ask('GET', '/v1/transactions?per_page=1')
        return 0 if answer.status == 404 else int(answer.header('X-Total'))

    def until_final(self, transaction_id):
        return eventually(lambda: self._when(transaction_id, is_final))

    def until_class(self, transaction_id, wanted):
        return eventually(lambda: self._when(transaction_id, lambda found: class_of(found) == wanted))

    def _when(self, transaction_id, condition):
        found = good(self.get(transaction_id), 200)
        return found if condition(found) else None

    # --- money and goods

    def balance(self, unit):
        """(available, holding), exact."""
        [found] = good(self.ask('GET', f'/v1/balances?unit={unit}'), 200)
        return decimal.Decimal(found['available']), decimal.Decimal(found['holding'])

    def products(self, **filters):
        found = []
        for page in itertools.count(1):
            query = urllib.parse.urlencode({**filters, 'page': page, 'per_page': 100})
            answer = self.ask('GET', f'/v1/products?{query}')
            found += good(answer, 200)
            if not answer.header('X-Next-Page'):
                return found

    def top_up(self):
        """A fixed top-up of Singapore that asks for nothing but a mobile number."""
        found = self.products(type='FIXED_VALUE_RECHARGE', country_iso_code='SGP')
        return next(p for p in found if p['required_credit_party_identifier_fields'] == [['mobile_number']]
                    and needs_nothing_else(p))

    def gift_card(self, unit='USD'):
        """A PIN that asks for nobody's number, so the sandbox delivers it at once."""
        found = self.products(type='FIXED_VALUE_PIN_PURCHASE', service_id=4)
        return next(p for p in found if not p['required_credit_party_identifier_fields'] and needs_nothing_else(p)
                    and p['prices']['wholesale']['unit'] == unit)

    def order(self, product, suffix=None, serial=0, **more):
        """The body of a create."""
        body = {'external_id': unique(), 'product_id': product['id'], **more}
        if suffix is not None:
            body['credit_party_identifier'] = {'mobile_number': number(serial, suffix)}
        return body


def needs_nothing_else(product):
    return not any(product[f'required_{kind}_fields'] for kind in
                   ('sender', 'beneficiary', 'debit_party_identifier', 'statement_identifier', 'additional_identifier'))


def cost(product):
    """What one costs the partner: the wholesale price and the fee."""
    price = product['prices']['wholesale']
    return decimal.Decimal(price['amount']) + decimal.Decimal(price['fee'])
