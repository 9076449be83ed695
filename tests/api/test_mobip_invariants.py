"""tests/api/test_mobip_invariants.py: what is true of every call: what is missing is named, another merchant's payment
is one that never was, operators' calls are theirs alone, XML says what JSON says, texts come back as they went."""
import json
import xml.etree.ElementTree as tree

import pytest
from merchant import Merchant, Payer

ADDRESS = 'http://a.example/'
MAKING = {'item_name': 'Tea', 'item_amount_in_cents': '1000', 'tax_amount_in_cents': '300', 'redirect_url': ADDRESS,
          'call_back_url': ADDRESS}
WORDS = {'pending': 'a', 'due': 'b', 'fully_paid': 'c', 'partially_paid': 'd'}
# Method, call and what it cannot do without, in the order in which that is asked for.
CALLS = [
    ('GET', 'mobip/get_token', ['api_account_id', 'api_secret_key']),
    ('POST', 'mobip/send_payment_request', ['item_name', 'item_amount_in_cents', 'tax_amount', 'redirect_url',
                                            'customer_email', 'media']),
    ('POST', 'mobip/create_one_use_qr', ['item_name', 'item_amount_in_cents', 'tax_amount_in_cents', 'call_back_url',
                                         'redirect_url']),
    ('POST', 'mobip/create_reusable_qr', ['item_name', 'item_amount', 'tax_amount', 'item_photo']),
    ('POST', 'mobip/cancel_transaction', ['trid']),
    ('POST', 'mobip/resend', ['trid', 'media']),
    ('GET', 'mobip/is_valid', ['trid']),
    ('GET', 'mobip/get_transaction', ['trid']),
    ('GET', 'mobip/get_invoice', ['invoice_id']),
    ('GET', 'mobip/get_account_by_external_id', ['external_account_id']),
    ('POST', 'mobip/set_external_invoices', ['ExternalSourceId', 'InvoicesLists']),
    ('GET', 'mobip/get_external_invoices', ['ExternalSourceId']),
    ('POST', 'mobip/set_external_invoice_status', ['ExternalSourceId', *WORDS]),
    ('GET', 'mobip/get_external_invoices_status', ['ExternalSourceId']),
]
RESTRICTED = [
    ('GET', 'mobip/get_account', ['uid']),
    ('POST', 'mobip/update_account', ['uid', 'account_data']),
    ('GET', 'neosystems/get_mobip_transactions', []),
    ('POST', 'neosystems/set_mobip_transactions', ['trid_list']),
]
GOOD = {**MAKING, **WORDS, 'item_amount': '1000', 'item_photo': 'http://127.0.0.1:9/a.png', 'tax_amount': '300',
        'customer_email': 'a@b.example', 'media': 'EMAIL', 'trid': 'x', 'ExternalSourceId': 's',
        'InvoicesLists': '[]', 'invoice_id': 'i', 'external_account_id': 'e', 'uid': 'u', 'account_data': '{}',
        'trid_list': 'x', 'api_account_id': 'a', 'api_secret_key': 's'}


@pytest.fixture(scope='module')
def merchant(shared_demo):
    return Merchant(shared_demo)


@pytest.fixture(scope='module')
def operator(shared_demo):
    key = shared_demo.credentials['restricted']['mobip']
    answer = shared_demo.request('GET', '/api/2.0/mobip/get_token?api_account_id=%s&api_secret_key=%s' %
                                 (key['account_id'], key['secret_key'])).json()
    return answer['access_token']


def missing(name):
    return {'return_code': '200', 'return_message': f'Missing parameter: {name}'}


@pytest.mark.parametrize('method,name,required', CALLS + RESTRICTED, ids=lambda value: value if '/' in value else None)
def test_what_is_missing_is_named(merchant, operator, method, name, required):
    """Each in turn; left out or empty; also when another one is not right."""
    token = {} if name.endswith('get_token') else {
        'access_token': operator if (method, name, required) in RESTRICTED else merchant.token}
    fields = {key: GOOD[key] for key in required}
    for key in required:
        rest = {one: value for one, value in fields.items() if one != key}
        assert merchant.call(method, name, **token, **rest) == missing(key)
        assert merchant.call(method, name, **token, **{**rest, key: '', 'language': 'DE'}) == missing(key)
    if token:
        assert merchant.call(method, name, **fields) == missing('access_token')
        assert merchant.call(method, name, **fields, access_token='x') == {
            'return_code': '101', 'return_message': 'Invalid or expired access token'}


@pytest.mark.parametrize('method,name,required', RESTRICTED, ids=lambda value: value if '/' in value else None)
def test_operators_calls_are_theirs_alone(merchant, method, name, required):
    """Said before anything is looked at."""
    refused = {'return_code': '103', 'return_message': 'Restricted access'}
    assert merchant.call(method, name, access_token=merchant.token) == refused
    assert merchant.call(method, name, access_token=merchant.token, **{key: GOOD[key] for key in required}) == refused


def test_a_foreign_payment_is_an_unknown_one(shared_demo, merchant):
    """On every call that takes one."""
    other = Merchant(shared_demo, 'second')
    trid = merchant.ask()['trid']
    unknown = trid[:-1] + ('0' if trid[-1] != '0' else '1')
    for method, name, more in (('GET', 'is_valid', {}), ('GET', 'get_transaction', {}),
                               ('POST', 'cancel_transaction', {}), ('POST', 'resend', {'media': 'EMAIL'})):
        answers = [other.call(method, f'mobip/{name}', access_token=other.token, trid=one, **more)
                   for one in (trid, unknown, 'nonsense')]
        assert answers == [{'return_code': '300', 'return_message': 'Transaction not found'}] * 3, name
    assert merchant.state({'trid': trid})['transaction_status'] == 'PENDING'


HOSTILE = ['"\'<&>]]>', 'a|b;c,d', '%2B+%00', 'né 🍰 \u202e', 'x' * 255, '🍰' * 255, ' a ', '\\"', '=1+1']


@pytest.mark.parametrize('text', HOSTILE, ids=range(len(HOSTILE)))
def test_texts_come_back_as_they_went(shared_demo, merchant, text):
    """In JSON, in XML, in the day's statistics; on the page escaped."""
    made = merchant.ask(item_name=text, track_id=text)
    state = merchant.state(made)
    assert (state['desc'], state['track_id']) == (text, text)
    query = f'?access_token={merchant.token}&format=xml'
    root = tree.fromstring(shared_demo.request(
        'GET', f'/api/2.0/mobip/get_transaction{query}&trid={made["trid"]}').body)
    assert root.findtext('transaction_data/item_name') == text == root.findtext('transaction_data/track_id')
    rows = merchant.call('GET', 'mobip/get_stats', access_token=merchant.token)['stats_data']['transactions']
    assert [row['item_name'] for row in rows if row['trid'] == made['trid']] == [text]
    page = Payer(shared_demo, made['url_checkout']).look().body.decode()
    assert text not in page or not set('"\'<&>') & set(text)


@pytest.mark.parametrize('field', ['item_name', 'track_id'])
def test_texts_have_their_limit(shared_demo, merchant, field):
    answer = merchant.call('POST', 'mobip/create_one_use_qr', access_token=merchant.token,
                           **{**MAKING, field: 'é' * 256})
    assert answer['return_code'] == '201' and answer['return_message'].startswith(f'Invalid parameter: {field} must')
    body = json.dumps({'access_token': merchant.token, **MAKING, field: 'a\0b'})
    answer = shared_demo.request('POST', '/api/2.0/mobip/create_one_use_qr', {'Content-Type': 'application/json'}, body)
    assert answer.json() == {'return_code': '204', 'return_message': 'Malformed request'}


def test_amounts_have_their_limit(merchant):
    """One cent to 10^9 units, together."""
    def answer(item, tax):
        return merchant.call('POST', 'mobip/create_one_use_qr', access_token=merchant.token,
                             **{**MAKING, 'item_amount_in_cents': item, 'tax_amount_in_cents': tax})['return_code']
    most = 10 ** 9 * 100
    assert [answer(0, 0), answer(1, 0), answer(0, 1)] == ['201', '0', '0']
    assert [answer(most, 0), answer(most - 1, 1), answer(most, 1), answer(most + 1, 0)] == ['0', '0', '201', '201']
    assert [answer(10 ** 12, 0), answer('1.0', 0), answer('+1', 0), answer(' 1', 0)] == ['201'] * 4


def as_tree(value):
    """What an element of XML says: a dict, a list of items, or a text."""
    if not len(value):
        return value.text or ''
    if all(child.tag == 'item' for child in value):
        return [as_tree(child) for child in value]
    return {child.tag: as_tree(child) for child in value}


def without_empty_lists(value):
    """XML has no other word for a list without items than an empty text has."""
    if isinstance(value, dict):
        return {key: without_empty_lists(one) for key, one in value.items()}
    return [without_empty_lists(one) for one in value] if value and isinstance(value, list) else value or ''


def test_xml_is_json_on_every_call(shared_demo, merchant, operator):
    trid = merchant.ask(item_name='<a> & "b"', track_id=']]>')['trid']
    rows = json.dumps([{'CustomerId': '<&>', 'Invoices': [
        {'InvId': '"1"', 'InvDate': '2026-01-01', 'InvDueDate': '2026-01-01', 'Amount_in_cents': 1}]}])
    merchant.call('POST', 'mobip/set_external_invoices', access_token=merchant.token, ExternalSourceId='x',
                  InvoicesLists=rows)
    merchant.call('POST', 'mobip/set_external_invoice_status', access_token=merchant.token, ExternalSourceId='x',
                  **WORDS)
    key = shared_demo.credentials['partners']['main']['mobip']
    asked = {**GOOD, 'trid': trid, 'ExternalSourceId': 'x', 'external_account_id': key['external_id'],
             'uid': key['uid']}
    calls = CALLS + RESTRICTED + [('GET', 'mobip/get_stats', []), ('GET', 'mobip/get_invoice_list', []),
                                  ('POST', 'mobip/login', []), ('GET', 'mobip/nothing', [])]
    for method, name, required in calls:
        if name.split('/')[1] in ('get_token', 'send_payment_request', 'create_one_use_qr', 'create_reusable_qr',
                                  'cancel_transaction'):
            continue  # each answer has something of its own
        token = operator if (method, name, required) in RESTRICTED else merchant.token
        fields = {'access_token': token, **{one: asked[one] for one in required}}
        plain = merchant.call(method, name, **fields)
        text = shared_demo.request(method, f'/api/2.0/{name}', {
            'Content-Type': 'application/json', 'Accept': 'text/xml'}, json.dumps(fields))
        assert text.header('Content-Type') == 'application/xml; charset=utf-8', name
        assert as_tree(tree.fromstring(text.body)) == without_empty_lists(plain), name


def test_heads_change_nothing(shared_demo, merchant):
    made = merchant.ask()
    before = merchant.call('GET', 'mobip/get_transaction', access_token=merchant.token, trid=made['trid'])
    for url in (made['url_checkout'], made['url_qr']):
        for method in ('GET', 'HEAD'):
            assert shared_demo.request(method, url[len(shared_demo.base_url):] + '?action=pay').status == 200
    assert merchant.call('GET', 'mobip/get_transaction', access_token=merchant.token, trid=made['trid']) == before
    assert shared_demo.request('HEAD', f'/api/2.0/mobip/cancel_transaction?access_token={merchant.token}&trid=' +
                               made['trid']).status == 405
    assert merchant.state(made)['transaction_status'] == 'PENDING'


def test_a_disabled_account(shared_demo):
    """It gets no token, and those that it has are worth nothing until it is there again."""
    merchant = Merchant(shared_demo, 'empty')
    partner = next(one for one in shared_demo.control('GET', '/admin/v1/partners').json() if one['name'] == 'empty')
    key = shared_demo.credentials['partners']['empty']['mobip']
    disabled = {'return_code': '102', 'return_message': 'Account disabled'}

    def change(active):
        path = f'/admin/v1/partners/{partner["id"]}'
        assert shared_demo.control('PATCH', path, {'active': active}).status == 200

    change(False)
    try:
        assert merchant.call('POST', 'mobip/login', access_token=merchant.token) == disabled
        assert merchant.call('GET', 'mobip/get_token', api_account_id=key['account_id'],
                             api_secret_key=key['secret_key']) == disabled
    finally:
        change(True)
    assert merchant.call('POST', 'mobip/login', access_token=merchant.token) == {'return_code': '0'}


def test_many_logins_of_one_account(shared_demo):
    """Also wrong ones; another account is not in their way."""
    def login(account):
        return shared_demo.request('GET', f'/api/2.0/mobip/get_token?api_account_id={account}&api_secret_key=wrong')
    answers = [login('tried-often') for _ in range(40)]
    assert {answer.json()['return_code'] for answer in answers} == {'100', '104'}
    for answer in answers:
        assert (answer.status == 429) == (answer.json()['return_code'] == '104')
        assert (answer.header('Retry-After') is not None) == (answer.status == 429)
    assert login('another').json() == {'return_code': '100', 'return_message': 'Invalid credentials'}


ODD = [
    # Content-Type, body: none is a form, and each is an answer.
    ('multipart/form-data', b'--b--\r\n'),
    ('multipart/form-data; boundary=b', b''.join(b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n'
                                                for _ in range(1001)) + b'--b--\r\n'),
    ('multipart/form-data; boundary=b', b'--b\nContent-Disposition: form-data; name="trid"\n\nx\n--b--\n'),
    ('multipart/form-data; boundary=b', b'--b\r\nContent-Disposition: form-data; name="trid"\r\n\r\nx'),
    ('multipart/form-data; boundary=b', b'--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n'),
    ('multipart/form-data; boundary=b', b'--b\r\nContent-Disposition: form-data; name="trid"\r\n\r\n\xff\r\n--b--\r\n'),
    ('application/x-www-form-urlencoded', b'trid=%zz'),
    ('application/x-www-form-urlencoded', b'trid=%00'),
    ('application/json', b'{"trid": 1,}'),
    ('application/json', b'["trid"]'),
    ('application/json', b'{"trid": "\\ud800"}'),
    ('text/plain', b'trid=x'),
]


@pytest.mark.parametrize('kind,body', ODD, ids=range(len(ODD)))
def test_what_is_no_form_is_said_to_be_none(shared_demo, merchant, kind, body):
    """On GET too, and whatever the query has."""
    path = f'/api/2.0/mobip/is_valid?access_token={merchant.token}&trid=x'
    answer = shared_demo.request('GET', path, {'Content-Type': kind}, body)
    assert answer.json()['return_code'] == '204' and answer.status in (200, 413)


def test_odd_forms_that_are_forms(shared_demo, merchant):
    """A preamble, a part with a file name, headers in any case, a boundary within data, the last of a name."""
    trid = merchant.ask(track_id='odd')['trid']
    body = (f'before\r\n--b\r\ncontent-type: text/plain\r\nCONTENT-DISPOSITION: form-data; filename="f"; name="trid"'
            f'\r\n\r\nother --b\r\n--b \r\nContent-Disposition: form-data; name=trid\r\n\r\n{trid}\r\n--b--\r\nafter')
    path = f'/api/2.0/mobip/is_valid?access_token={merchant.token}&trid=loses'
    answer = shared_demo.request('GET', path, {'Content-Type': 'Multipart/Form-Data; Boundary="b"'}, body).json()
    assert (answer['return_code'], answer['track_id']) == ('0', 'odd')
