"""tests/support/s2s.py: a client of the S2S API: signed orders and top-ups, the feed."""
import itertools
import json
import os
import time

from demo import exchange
from transcript import Number, load_json, s2s_signature

ROOT = '/api/v1/s2s'
CARD = '019bc0dd-9101-7d12-a3c4-6e5f8a7b9c01'  # product 1395, 9.5 USD, from stock, up to 20 at once
ESIM = '029bc0dd-8562-7173-afd9-a5cc534fafb8'  # product 1394, 15 USD, made within seconds
AIRTIME = '019bc0dd-9106-7c5d-9e0f-2b4d6f8a0c03'  # product 1397, 7.2 USD, up to 5 at once
EVERY_SECOND = '019bc0dd-9110-7d12-a3c4-6e5f8a7b9c06'  # product 1400, 9.5 USD, every second one fails
ANY_AMOUNT = '019d732c-57c0-739a-8a38-b767229f881f'  # product 1393, AED

serials = itertools.count()


def unique(prefix='ref'):
    return f'{prefix}-{os.getpid()}-{next(serials)}'


def card_lines():
    """What a catalogue needs for CARD, as the demo has it."""
    wanted = {'operator': {7}, 'category': {17}, 'family': {104}, 'product': {1395}}
    with open(os.path.join(os.path.dirname(__file__), '..', '..', 'src', 'service', 'demo_samples.jsonl'),
              encoding='utf-8') as file:
        lines = [json.loads(line) for line in file if line.strip()]
    return [line for line in lines if line['id'] in wanted.get(line['kind'], ())]


class S2S:
    """One partner's client of one server."""

    def __init__(self, base_url, credentials):
        self.base_url = base_url
        self.token, self.secret = credentials['token'], credentials['secret']

    def send(self, method, path, body=None, headers=()):
        """(status, tree): numbers keep their digits."""
        raw = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        given = dict(headers)
        head = {'Authorization': 'Bearer ' + self.token}
        if raw is not None:
            timestamp = str(int(time.time()))
            head['Content-Type'] = 'application/json'
            head['X-Timestamp'] = timestamp
            head['X-Signature'] = s2s_signature(self.secret, given.get('X-Timestamp', timestamp), path,
                                                raw.decode('utf-8', 'replace'))
        head.update(given)
        answer = exchange(self.base_url, method, ROOT + path, {k: v for k, v in head.items() if v is not None}, raw)
        return answer.status, load_json(answer.body.decode('utf-8'))

    def get(self, path):
        status, tree = self.send('GET', path)
        assert status == 200, (path, status, tree)
        return tree

    def order(self, sku=CARD, quantity=1, external_id=None, **fields):
        return {'external_id': external_id or unique(), 'item': {'sku_id': sku, 'fields': {'quantity': quantity,
                                                                                           **fields}}}

    def buy(self, sku=CARD, quantity=1, external_id=None, **fields):
        status, tree = self.send('POST', '/orders', self.order(sku, quantity, external_id, **fields))
        assert status == 201, (status, tree)
        return tree['data']

    def find(self, order):
        return self.get('/orders/' + order['id'])['data']

    def until_final(self, order, seconds=60):
        deadline = time.monotonic() + seconds
        while (found := self.find(order))['status'] in ('created', 'processing'):
            assert time.monotonic() < deadline, found
            time.sleep(0.02)
        return found

    def balance(self):
        return self.get('/balance')['data']

    def walk(self, path, per_page):
        """Every row of a list, page by page."""
        rows, cursor = [], None
        while True:
            page = self.get(f'{path}{"&" if "?" in path else "?"}per_page={per_page}' +
                            (f'&cursor={cursor}' if cursor else ''))
            rows += page['data']
            cursor = page['meta']['next_cursor']
            if not cursor:
                return rows

    def events(self, after=None, limit=100):
        """(events, where to go on)."""
        events = []
        while True:
            page = self.get(f'/events?limit={limit}' + (f'&after={after}' if after is not None else ''))
            events += page['events']
            after = page['next_cursor']
            if not page['has_more']:
                return events, after


def cents(number):
    """A number of the wire in hundredths; it has at most two decimal places and no zeros at its end."""
    assert isinstance(number, Number), number
    whole, point, rest = str(number).partition('.')
    assert len(rest) <= 2 and not (point and rest.endswith('0')), number
    sign = -1 if whole.startswith('-') else 1
    return sign * (abs(int(whole)) * 100 + int((rest + '00')[:2]))
