"""tests/api/test_esim_orders.py: what the transcripts of the eSIM APIs cannot say: spellings, many at once, rates and
rights that change."""
import decimal
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import transcript
from demo import Demo
from mobimatter import GLOBAL_5, Mobimatter
from shop import ask

ORDERS = '/api/v1/esim/orders'
AT_ONCE = 8


@pytest.fixture(scope='module', name='demo')
def one_demo(tmp_path_factory):
    with Demo(tmp_path_factory.mktemp('esim-orders')) as server:
        yield server
        server.verify()


class Payvessel:
    def __init__(self, demo):
        self.demo = demo
        self.headers = transcript.sign_in_payvessel(demo.credentials['partners']['main']['payvessel'], '', '', '')

    def send(self, method, path, body=None):
        return self.demo.request(method, path, self.headers, json.dumps(body) if body else '')

    def order(self, reference):
        return self.send('POST', ORDERS, {'reference': reference, 'package_code': 'JC016'})


def test_names_in_any_spelling(demo):
    """Of headers, and of the letters in a GUID and a UUID."""
    given = demo.credentials['partners']['main']['mobimatter']
    for key, merchant, value in (('api-key', 'merchantid', given['merchant_id'].upper()),
                                 ('Api-Key', 'MerchantId', given['merchant_id'].lower())):
        headers = {key: given['api_key'], merchant: value, 'Accept': 'text/plain'}
        answer = demo.request('GET', '/mobimatter/api/v2/merchant/balance', headers)
        assert answer.status == 200 and answer.header('Content-Type') == 'application/json'
    shop = Payvessel(demo)
    number = shop.order('spelled').json()['data']['id']
    found = shop.send('GET', f'/vaas{ORDERS}/{number.upper()}')
    assert found.status == 200 and found.json()['data']['id'] == number


def test_the_same_reference_at_once(demo):
    """One order, one debit, and the refusals say which order it is."""
    shop, wallet = Payvessel(demo), Mobimatter(demo)
    before = wallet.balance()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: shop.order('at once'), range(AT_ONCE)))
    [made] = [answer.json()['data']['id'] for answer in answers if answer.status == 201]
    refusals = [answer for answer in answers if answer.status == 400]
    assert len(refusals) == AT_ONCE - 1 and all(answer.json()['message'].endswith(made) for answer in refusals)
    assert before - wallet.balance() == decimal.Decimal('5.2')


def test_an_order_keeps_its_rate(demo, tmp_path):
    shop = Payvessel(demo)

    def naira(answer):
        return json.loads(answer.body, parse_float=decimal.Decimal)['data']['amount_naira']

    first = shop.order('at the first rate')
    assert naira(first) == decimal.Decimal('8061.3')
    (tmp_path / 'rate.jsonl').write_text('{"kind":"rate","id":1,"from":"USD","to":"NGN","rate":1600}\n')
    demo.command('catalog', 'import', tmp_path / 'rate.jsonl', '--data', demo.data)
    assert naira(shop.send('GET', f'{ORDERS}/{first.json()["data"]["id"]}')) == decimal.Decimal('8061.3')
    assert naira(shop.order('at the next rate')) == 8320


def test_restricted_calls_can_be_withheld(demo):
    """Refunds and SMS, of a credential and of the one that succeeds it."""
    partner = ask(demo, 'partner', 'create', 'Limited', '--currency', 'USD', '--sandbox', 'yes')['id']
    ask(demo, 'wallet', 'open', partner, 'USD')
    ask(demo, 'wallet', 'top-up', partner, 'USD', 100)
    shop = Mobimatter(demo)

    def check(credential):
        shop.headers = transcript.sign_in_mobimatter(
            {'api_key': credential['secret'], 'merchant_id': credential['public_id']}, '', '', '')
        order = shop.buy(GLOBAL_5)['orderId']
        assert shop.call('GET', f'/order/{order}/refund/eligibility')['isEligible'] is True
        for method, path, body in (('PUT', '/order/refund', {'orderId': order}),
                                   ('POST', f'/provider/sms/{order}', {'text': 'hello'})):
            answer = shop.send(method, path, body)
            assert answer.status == 403 and 'restricted' in answer.json()['message'], answer
        assert shop.state(order) == 'Completed'

    issued = ask(demo, 'credential', 'issue', partner, 'mobimatter', '--restricted', 'no')
    check(issued)
    check(ask(demo, 'credential', 'rotate', issued['id']))
