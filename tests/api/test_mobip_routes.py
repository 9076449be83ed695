"""tests/api/test_mobip_routes.py: every route of the MOBIP API has a transcript; every form of input is one call."""
import json
import pathlib
import re
import urllib.parse

import pytest

ROOT = pathlib.Path(__file__).parents[2]
BOUNDARY = 'a-boundary'


def test_every_route_has_a_transcript():
    text = (ROOT / 'src/api/mobip/routes.c').read_text(encoding='utf-8')
    found = re.findall(r'CALL\("([A-Z]+)", "([^"]+)"', text)
    found += re.findall(r'\.method = "([A-Z]+)",\s*\.pattern = "/api/2.0/([^"]+)"', text)
    asked = [line for path in (ROOT / 'tests/api/mobip').glob('*.http')
             for line in path.read_text(encoding='utf-8').split('\n') if line.startswith('> ')]
    assert len(found) >= 10
    for method, name in found:
        segment = re.sub(r'\\\{\w+\\\}', r'[^/ ]+', re.escape(name))
        used = re.compile(rf'> {method} /api/2\.0/{segment}(\?\S*)?$')
        assert any(used.match(line) for line in asked), f'{method} {name} has no transcript'


def test_every_return_code_has_a_transcript():
    table = (ROOT / 'docs/api/mobip.md').read_text(encoding='utf-8').split('## 3. return_code')[1].split('## 4.')[0]
    codes = set(re.findall(r'\d+', ' '.join(re.findall(r'^\| ([\d, ]+) \|', table, re.M))))
    shown = set(re.findall(r'"return_code": "(\d+)"', ''.join(
        path.read_text(encoding='utf-8') for path in (ROOT / 'tests/api/mobip').glob('*.http'))))
    # A demo sends everything (tests/e2e/test_payment_requests.py has the 600), and no transcript makes a fault of ours.
    assert len(codes) > 20 and codes - shown == {'600', '900'} and shown <= codes


def multipart(fields):
    parts = ''.join(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                    for name, value in fields.items())
    return f'multipart/form-data; boundary={BOUNDARY}', f'{parts}--{BOUNDARY}--\r\n'


FORMS = {
    'multipart': multipart,
    'urlencoded': lambda fields: ('application/x-www-form-urlencoded', urllib.parse.urlencode(fields)),
    'json': lambda fields: ('application/json', json.dumps(fields)),
}


@pytest.fixture(scope='module')
def token(shared_demo):
    account = shared_demo.credentials['partners']['main']['mobip']
    query = urllib.parse.urlencode({'api_account_id': account['account_id'], 'api_secret_key': account['secret_key']})
    return shared_demo.request('GET', '/api/2.0/mobip/get_token?' + query).json()['access_token']


@pytest.mark.parametrize('form', FORMS)
def test_every_form_of_input_is_the_same_call(shared_demo, token, form):
    fields = {'access_token': token, 'item_name': 'Caf\u00e9 "x" & <y>', 'item_amount_in_cents': '1000',
              'tax_amount': '0', 'redirect_url': 'http://a.example/', 'call_back_url': 'http://a.example/',
              'track_id': 'a|b %2B \U0001F370'}
    kind, body = FORMS[form](fields)
    made = shared_demo.request('POST', '/api/2.0/mobip/create_one_use_qr?track_id=loses', {'Content-Type': kind},
                               body).json()
    assert made['return_code'] == '0', made
    # A body on GET too, as the documentation has it.
    kind, body = FORMS[form]({'access_token': token, 'trid': made['trid']})
    seen = shared_demo.request('GET', '/api/2.0/mobip/is_valid', {'Content-Type': kind}, body).json()
    assert (seen['desc'], seen['track_id']) == (fields['item_name'], fields['track_id'])
    # A part on which a body is cut is no part.
    cut = shared_demo.request('POST', '/api/2.0/mobip/create_one_use_qr', {'Content-Type': kind}, body[:-9]).json()
    assert cut['return_code'] in ('204', '101', '200'), cut


def test_xml_says_what_json_says(shared_demo, token):
    import xml.etree.ElementTree as tree
    query = (f'access_token={token}&item_name=%3C%26%22%C3%A9&item_amount=1&tax_amount=0'
             '&redirect_url=http://a.example/&call_back_url=http://a.example/')
    made = shared_demo.request('POST', f'/api/2.0/mobip/create_one_use_qr?{query}').json()
    path = f'/api/2.0/mobip/get_transaction?access_token={token}&trid={made["trid"]}'
    plain = shared_demo.request('GET', path).json()['transaction_data']
    root = tree.fromstring(shared_demo.request('GET', path + '&format=XML').body)
    assert root.tag == 'response' and root.findtext('return_code') == '0'
    said = {child.tag: child.text or '' for child in root.find('transaction_data')}
    assert said == {name: value or '' for name, value in plain.items()}  # an empty list has no items
