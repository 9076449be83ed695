"""tests/api/test_mobip_pay.py: a payer pays at the page that the QR code names; merchant and operator see it."""
import csv
import gzip
import html
import json
import re
import subprocess
import time
import urllib.parse

import pytest

HANG_SECONDS = 60
CARD = '4242424242424242'


class Merchant:
    """Calls the API for one account. A token of an hour is enough: these tests move no clock."""

    def __init__(self, demo, account):
        self.demo = demo
        self.token = self.call('GET', 'mobip/get_token', api_account_id=account['account_id'],
                               api_secret_key=account['secret_key'])['access_token']

    def call(self, method, name, **fields):
        if name != 'mobip/get_token':
            fields['access_token'] = self.token
        answer = self.demo.request(method, f'/api/2.0/{name}?{urllib.parse.urlencode(fields)}')
        assert answer.status == 200, answer
        return answer.json()

    def create(self, **fields):
        fields = {'item_name': 'Tea', 'item_amount_in_cents': 1000, 'tax_amount_in_cents': 300,
                  'redirect_url': 'http://shop.example/', 'call_back_url': 'http://shop.example/', **fields}
        made = self.call('POST', 'mobip/create_one_use_qr', **fields)
        assert made['return_code'] == '0', made
        return made


@pytest.fixture(scope='module')
def merchant(shared_demo):
    return Merchant(shared_demo, shared_demo.credentials['partners']['main']['mobip'])


@pytest.fixture(scope='module')
def operator(shared_demo):
    return Merchant(shared_demo, shared_demo.credentials['restricted']['mobip'])


def wait_for(is_so):
    deadline = time.monotonic() + HANG_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def page_path(url):
    return urllib.parse.urlsplit(url).path


def pay(demo, url, number=CARD):
    """Fills in the form of the page as a browser does; the answer to it."""
    path = page_path(url)
    page = demo.request('GET', path).body.decode()
    fields = {name: html.unescape(value) for name, value in
              re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)}
    fields |= {'action': 'pay', 'email': 'ada@example.com', 'number': number, 'expiry': '12/40', 'code': '123'}
    return demo.request('POST', path, {'Content-Type': 'application/x-www-form-urlencoded'},
                        urllib.parse.urlencode(fields))


def test_the_code_leads_to_the_page_and_the_page_to_the_money(shared_demo, merchant, operator, receiver, tmp_path):
    made = merchant.create(track_id='inv|1', redirect_url=receiver.url + '/thanks?a=1',
                           call_back_url=receiver.url + '/paid')
    image = tmp_path / 'code.png'
    image.write_bytes(shared_demo.request('GET', page_path(made['url_qr'])).body)
    seen = subprocess.run(['zbarimg', '--quiet', '--raw', str(image)], capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == made['url_checkout']

    answer = pay(shared_demo, seen.stdout.strip())
    end = f'resp_code=PROCESSED&trid={made["trid"]}&track_id=inv%7C1'
    assert (answer.status, dict(answer.headers)['Location']) == (303, f'{receiver.url}/thanks?a=1&{end}')
    told = receiver.next('/paid?' + end)
    assert (told.method, told.body) == ('GET', b'')
    valid = merchant.call('GET', 'mobip/is_valid', trid=made['trid'])
    assert (valid['transaction_status'], valid['payment_method'], valid['isRefunded']) == ('PAID', 'CARD', 'false')
    assert merchant.call('POST', 'mobip/cancel_transaction', trid=made['trid'])['return_message'] == \
        'Transaction already PAID'

    # What an operator's books have to take over: 1.5 % of 13.00 is ours.
    rows = operator.call('GET', 'neosystems/get_mobip_transactions')['transactions_list']
    row = next(row for row in rows if row['trid'] == made['trid'])
    assert (row['amount'], row['fees'], row['currency'], row['customer_email']) == ('1300', '20', 'USD',
                                                                                    'ada@example.com')
    gone = operator.call('POST', 'neosystems/set_mobip_transactions', trid_list=f'{made["trid"]}|nonsense')
    assert gone['removed_transactions_list'] == [made['trid']]
    again = operator.call('POST', 'neosystems/set_mobip_transactions', trid_list=made['trid'])
    assert again == {'return_code': '0', 'removed_transactions_list': []}


def test_a_refund_is_queued_anew_and_shown(shared_demo, merchant, operator):
    made = merchant.create()
    pay(shared_demo, made['url_checkout'])
    operator.call('POST', 'neosystems/set_mobip_transactions', trid_list=made['trid'])
    shared_demo.command('payment', 'refund', '--data', shared_demo.data, made['trid'])
    wait_for(lambda: merchant.call('GET', 'mobip/is_valid', trid=made['trid'])['isRefunded'] == 'true')
    assert merchant.call('GET', 'mobip/is_valid', trid=made['trid'])['transaction_status'] == 'PAID'
    rows = operator.call('GET', 'neosystems/get_mobip_transactions')['transactions_list']
    back = [row for row in rows if row['trid'] == made['trid']]
    assert [row['amount'] for row in back] == ['-1300'] and back[0]['refunded_at']


def test_the_queue_is_the_operators(merchant, operator):
    for method, name in (('GET', 'neosystems/get_mobip_transactions'), ('POST', 'neosystems/set_mobip_transactions')):
        assert merchant.call(method, name, trid_list='x')['return_code'] == '103'
    assert operator.call('POST', 'neosystems/set_mobip_transactions')['return_message'] == \
        'Missing parameter: trid_list'
    assert len(operator.call('GET', 'neosystems/get_mobip_transactions', limit=1)['transactions_list']) <= 1
    assert operator.call('GET', 'neosystems/get_mobip_transactions', limit=0)['return_code'] == '201'


def test_a_refused_card_may_be_followed_by_another(shared_demo, merchant):
    made = merchant.create()
    for _ in range(2):
        pay(shared_demo, made['url_checkout'], '4000000000000002')
        assert merchant.call('GET', 'mobip/is_valid', trid=made['trid'])['transaction_status'] == 'PENDING'
    pay(shared_demo, made['url_checkout'], '4000000000009995')
    denied = merchant.call('GET', 'mobip/is_valid', trid=made['trid'])
    assert denied['transaction_status'] == 'DENIED' and denied['reason']


def test_a_day_as_a_file_is_gone_a_day_later(start_demo):
    demo = start_demo()
    account = demo.credentials['partners']['main']['mobip']
    merchant = Merchant(demo, account)
    paid, open_one = merchant.create(track_id='=1+1', item_name='Tea, "hot"'), merchant.create()
    pay(demo, paid['url_checkout'])
    day = merchant.call('GET', 'mobip/get_transaction', trid=paid['trid'])['transaction_data']['created_at'][:10]
    stats = merchant.call('GET', 'mobip/get_stats', day=day)['stats_data']
    assert (stats['count']['PAID'], stats['count']['PENDING'], stats['amount_paid_in_cents'], stats['fees_in_cents'],
            stats['tax_paid_in_cents']) == ('1', '1', '1300', '20', '300')
    path = page_path(merchant.call('GET', 'mobip/get_stats', day=day, get_gz_file='true')['url'])
    answer = demo.request('GET', path)
    assert (answer.status, answer.header('Content-Type')) == (200, 'application/gzip')
    rows = list(csv.DictReader(gzip.decompress(answer.body).decode().splitlines()))
    assert [row['trid'] for row in rows] == [paid['trid'], open_one['trid']]
    assert (rows[0]['track_id'], rows[0]['item_name'], rows[0]['status'],
            rows[0]['total_amount_in_cents']) == ("'=1+1", 'Tea, "hot"', 'PAID', '1300')
    other = path[:-9] + ('0' if path[-9] != '0' else '1') + path[-8:]
    assert demo.request('GET', other).status == 404
    demo.advance('23h59m')
    assert demo.request('GET', path).status == 200
    demo.advance('1m')
    assert demo.request('GET', path).status == 404

    # Once the month is over there is an invoice of what was kept in it; what is given back does not change it.
    demo.advance('32d')
    merchant = Merchant(demo, account)
    listed = merchant.call('GET', 'mobip/get_invoice_list')['invoice_data']
    assert [(one['amount'], one['currency'], one['status']) for one in listed] == [('20', 'USD', 'PAID')]
    assert listed[0]['invoice_id'].startswith(day[:7] + '-USD-') and listed[0]['invoice_date'][8:] == '01'
    demo.command('payment', 'refund', '--data', demo.data, paid['trid'])
    wait_for(lambda: merchant.call('GET', 'mobip/is_valid', trid=paid['trid'])['isRefunded'] == 'true')
    one = merchant.call('GET', 'mobip/get_invoice', invoice_id=listed[0]['invoice_id'])['invoice_data']
    assert (one['total_in_cents'], one['lines'][0]['amount_in_cents']) == ('20', '20')
    other = Merchant(demo, demo.credentials['partners']['second']['mobip'])
    assert other.call('GET', 'mobip/get_invoice', invoice_id=one['invoice_id'])['return_code'] == '500'
    demo.verify()


def test_an_operator_changes_four_attributes_and_no_other(shared_demo, operator):
    uid = shared_demo.credentials['partners']['second']['mobip']['uid']

    def update(data):
        return operator.call('POST', 'mobip/update_account', uid=uid, account_data=json.dumps(data))

    def attributes():
        rows = operator.call('GET', 'mobip/get_account', uid=uid)['account_data']
        return {row['attribute_name']: row['attribute_value'] for row in rows}

    assert attributes()['External_AccountID'] == 'second'
    assert update({'External_AccountID': 'main'})['return_code'] == '402'
    refused = update({'Payment_Provider_login': 'x', 'Currency': 'JPY'})
    assert refused == {'return_code': '401', 'return_message': 'Attribute not updatable: Currency'}
    assert attributes()['Payment_Provider_login'] == ''
    assert update({'Payment_Provider_login': 'shop', 'Public_Payment_Provider_key': 'pk_1',
                   'Private_Payment_Provider_key': 'sk_very_secret'}) == {'return_code': '0'}
    now = attributes()
    assert (now['Payment_Provider_login'], now['Public_Payment_Provider_key'],
            now['Private_Payment_Provider_key']) == ('shop', 'pk_1', '********')
    update({'Private_Payment_Provider_key': ''})
    assert attributes()['Private_Payment_Provider_key'] == ''
    assert operator.call('POST', 'mobip/update_account', uid=uid, account_data='[1')['return_code'] == '201'
    assert operator.call('POST', 'mobip/update_account', uid='1', account_data='{}')['return_code'] == '400'
    assert operator.call('GET', 'mobip/get_account', uid='nobody')['return_code'] == '400'
