"""tests/pages/test_checkout.py: the page where a payer pays, over HTTP and in a real browser."""
import base64
import concurrent.futures
import html
import os
import re
import subprocess
import time
import urllib.parse

import pytest
from browser import CHROMIUM, screenshot
from demo import Demo
from merchant import DECLINED_CARD, FAULTY_CARD, POOR_CARD, SILENT_CARD, Merchant, Payer


@pytest.fixture(scope='module')
def shop(tmp_path_factory):
    with Demo(tmp_path_factory.mktemp('checkout')) as demo:
        yield demo


@pytest.fixture(scope='module')
def merchant(shop, receiver):
    return Merchant(shop, call_back_url=f'{receiver.url}/paid?shop=1')


@pytest.fixture
def asked(merchant):
    return merchant.ask()


@pytest.fixture
def payer(shop, asked):
    return Payer(shop, asked['url_checkout'])


def text_of(answer):
    return html.unescape(answer.body.decode())


def back_at_the_shop(answer, asked, resp_code):
    url = urllib.parse.urlsplit(answer.header('Location') or '')
    assert answer.status == 303 and url.netloc == 'shop.example', answer
    assert urllib.parse.parse_qs(url.query) == {
        'x': ['1'], 'resp_code': [resp_code], 'trid': [asked['trid']], 'track_id': ['order|7']}


def test_the_page_shows_what_is_to_be_paid(payer):
    page = payer.look()
    text = text_of(page)
    assert page.status == 200 and page.header('Content-Type') == 'text/html; charset=utf-8'
    for piece in ('<html lang="en">', 'Coffee & cake', '12.50', '2.50', '15.00', 'Pay ', 'autocomplete="cc-number"',
                  'autocomplete="cc-exp"', 'autocomplete="cc-csc"', 'autocomplete="email"'):
        assert piece in text, piece
    assert '<script' not in text and 'Coffee &amp; cake' in page.body.decode()
    policy = page.header('Content-Security-Policy')
    assert policy.startswith("default-src 'none'") and "frame-ancestors 'none'" in policy
    assert page.header('X-Frame-Options') == 'DENY' and page.header('Referrer-Policy') == 'no-referrer'
    assert page.header('Cache-Control') == 'no-store' and page.header('X-Robots-Tag') == 'noindex'


def test_looking_changes_nothing(merchant, asked, payer):
    before = merchant.call('GET', 'mobip/get_transaction', access_token=merchant.token, trid=asked['trid'])
    for method in ('GET', 'HEAD'):
        for query in ('', '?action=pay&number=4242424242424242', '?action=cancel'):
            assert payer.demo.request(method, payer.path + query).status == 200
    after = merchant.call('GET', 'mobip/get_transaction', access_token=merchant.token, trid=asked['trid'])
    assert before == after and after['transaction_data']['status'] == 'PENDING'


def test_paying(merchant, asked, payer, receiver):
    hidden = payer.hidden()
    back_at_the_shop(payer.pay(hidden=hidden, email='ada@example.com'), asked, 'PROCESSED')
    state = merchant.state(asked)
    assert state['transaction_status'] == 'PAID' and state['payment_method'] == 'CARD', state
    # Again, from another tab and from the back button: the result, and nothing charged.
    again = payer.pay(hidden=hidden)
    assert again.status == 303 and again.header('Location') == payer.path
    page = payer.look()
    assert page.status == 200 and 'Paid. Thank you.' in text_of(page) and '<form' not in text_of(page)
    assert 'resp_code=PROCESSED' in text_of(page)
    receiver.wait_for(1, f'/paid?shop=1&resp_code=PROCESSED&trid={asked["trid"]}&track_id=order%7C7')
    assert sum(asked['trid'] in call.path for call in receiver.received) == 1


def test_two_at_once_pay_once(merchant, asked, payer):
    hidden = payer.hidden()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: payer.pay(hidden=hidden), range(8)))
    assert all(answer.status == 303 for answer in answers)
    data = merchant.call('GET', 'mobip/get_transaction', access_token=merchant.token, trid=asked['trid'])
    assert data['transaction_data']['status'] == 'PAID'
    payer.demo.verify()


def test_pay_against_cancel(shop, merchant):
    ends = set()
    for _ in range(6):
        asked = merchant.ask()
        payer = Payer(shop, asked['url_checkout'])
        hidden = payer.hidden()
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            paying = pool.submit(payer.pay, hidden=hidden)
            cancelling = pool.submit(merchant.call, 'POST', 'mobip/cancel_transaction', access_token=merchant.token,
                                     trid=asked['trid'])
            code = cancelling.result()['return_code']
            assert paying.result().status == 303
        state = merchant.state(asked)['transaction_status']
        assert (state, code) in (('PAID', '301'), ('CANCELLED', '0'))
        ends.add(state)
    shop.verify()


def test_a_refused_card_and_another_one(merchant, asked, payer):
    old = payer.hidden()
    refused = payer.pay(DECLINED_CARD, hidden=old)
    assert refused.status == 303 and refused.header('Location') == payer.path
    page = text_of(payer.look())
    assert 'Your payment was refused. Nothing was charged. (card declined)' in page and 'role="alert"' in page
    # The form of before is over: whoever sends it again is shown the page, and his card is not tried.
    assert payer.pay(hidden=old).header('Location') == payer.path
    assert merchant.state(asked)['transaction_status'] == 'PENDING'
    back_at_the_shop(payer.pay(), asked, 'PROCESSED')
    assert merchant.state(asked)['transaction_status'] == 'PAID'


def test_refused_too_often(merchant, asked, payer):
    payer.pay(DECLINED_CARD)
    payer.pay(POOR_CARD)
    back_at_the_shop(payer.pay(POOR_CARD), asked, 'PROCESSED')
    state = merchant.state(asked)
    assert state['transaction_status'] == 'DENIED' and state['reason'] == 'insufficient funds'
    page = text_of(payer.look())
    assert 'The payment was refused' in page and '<form' not in page


def test_the_provider_cannot(merchant, asked, payer):
    back_at_the_shop(payer.pay(FAULTY_CARD), asked, 'ERROR')
    assert merchant.state(asked)['transaction_status'] == 'ERROR'
    assert 'could not be carried out' in text_of(payer.look())


def test_silence_is_asked_about(shop, merchant, asked, payer):
    answer = payer.pay(SILENT_CARD)
    assert answer.status == 303 and answer.header('Location') == payer.path
    page = payer.look().body.decode()
    assert 'http-equiv="refresh"' in page and 'being processed' in page and '<form' not in page
    cancel = merchant.call('POST', 'mobip/cancel_transaction', access_token=merchant.token, trid=asked['trid'])
    assert cancel['return_code'] == '301'
    shop.advance('2m')
    deadline = time.monotonic() + 60
    while merchant.state(asked)['transaction_status'] == 'PENDING' and time.monotonic() < deadline:
        time.sleep(0.01)
    assert merchant.state(asked)['transaction_status'] == 'PAID'


def test_cancelling(merchant, asked, payer):
    back_at_the_shop(payer.cancel(), asked, 'CANCELLED')
    state = merchant.state(asked)
    assert state['transaction_status'] == 'CANCELLED' and state['reason'] == 'cancelled by customer'
    assert payer.pay(hidden={'tries': '0', 'seal': 'x' * 32}).status == 403
    assert 'was cancelled' in text_of(payer.look())


@pytest.mark.parametrize('values,words', [
    ({'number': '4242424242424241'}, ['not a valid card number']),
    ({'number': '4111111111111111'}, ['do not type a real one']),
    ({'number': '', 'expiry': '01/20', 'code': '1', 'email': 'nobody'},
     ['not a valid card number', 'must be MM/YY', 'has 3 digits', 'not a valid e-mail']),
])
def test_what_is_typed_wrong_is_said(merchant, asked, payer, values, words):
    answer = payer.pay(**values)
    page = text_of(answer)
    assert answer.status == 422 and 'aria-invalid="true"' in page and 'role="alert"' in page
    for word in words:
        assert page.count(word) == 2, word  # at the top with a link, and at the field
    assert not values.get('number') or values['number'] not in page
    assert merchant.state(asked)['transaction_status'] == 'PENDING'


def test_only_our_own_forms_count(merchant, asked, payer):
    other = Payer(payer.demo, merchant.ask()['url_checkout']).hidden()
    for hidden in ({}, other, {**payer.hidden(), 'tries': '1'}, {**payer.hidden(), 'seal': '0' * 32}):
        for answer in (payer.pay(hidden=hidden), payer.cancel(hidden=hidden)):
            assert answer.status == 403 and 'Nothing was charged' in text_of(answer)
    assert merchant.state(asked)['transaction_status'] == 'PENDING'


def test_nothing_at_other_addresses(payer, asked):
    token = payer.path[5:]
    for path in ('/pay/' + token[:-1] + ('0' if token[-1] != '0' else '1'), '/pay/', '/pay/' + asked['trid'],
                 '/e/' + token, '/kyc/' + token, '/qr/' + token + '.png'):
        assert payer.demo.request('GET', path).status == 404, path
        assert payer.demo.request('POST', path, {}, 'action=pay').status == 404, path


def test_its_time_is_over(start_demo):
    demo = start_demo()
    merchant = Merchant(demo)
    asked = [merchant.ask(transaction_ttl='1') for _ in range(2)]
    payers = [Payer(demo, one['url_checkout']) for one in asked]
    hidden = payers[1].hidden()
    demo.advance('23h59m')
    back_at_the_shop(payers[0].pay(), asked[0], 'PROCESSED')
    demo.advance('2m')
    assert payers[1].pay(hidden=hidden).status == 303
    page = payers[1].look()
    assert page.status == 410 and 'This payment link has expired' in text_of(page)
    assert 'href="mailto:main@example.com"' in text_of(page) and 'href="tel:+12025550143"' in text_of(page)
    demo.change_partner('main', '--phone', '', '--email', 'not an address')
    assert 'Questions?' not in text_of(payers[1].look()) and 'Questions?' not in text_of(payers[0].look())
    demo.change_partner('main', '--email', '"><b>@example.com')
    assert 'mailto:' not in text_of(payers[1].look())
    demo.change_partner('main', '--email', 'shop@example.com')
    assert 'Contactez le marchand' in text_of(demo.request('GET', payers[1].path + '?lang=fr'))
    merchant = Merchant(demo)
    assert [merchant.state(one)['transaction_status'] for one in asked] == ['PAID', 'CANCELLED']
    assert merchant.state(asked[1])['reason'] == 'expired'
    demo.verify()


def test_hostile_words_are_escaped(shop, merchant):
    evil = '"><script>alert(1)</script>&amp;\''
    asked = merchant.ask(item_name=evil, customer_name=evil, track_id=evil, customer_email='a@b.example',
                         customer_phone='+33612345678', redirect_url='https://shop.example/?a="><script>')
    payer = Payer(shop, asked['url_checkout'])
    body = payer.look().body.decode()
    assert '<script' not in body and '&quot;&gt;&lt;script&gt;' in body and '+33612345678' in body
    assert payer.pay().status == 303
    body = payer.look().body.decode()
    assert '<script' not in body and 'Paid. Thank you.' in body


def test_the_merchants_language(shop, merchant):
    payer = Payer(shop, merchant.ask(language='fr')['url_checkout'])
    page = text_of(payer.look({'Accept-Language': 'en'}))
    assert '<html lang="fr">' in page and 'Numéro de carte' in page and re.search(r'15,00\xa0', page)
    assert 'Card number' in text_of(payer.demo.request('GET', payer.path + '?lang=en'))


def test_no_card_is_kept(shop, merchant, receiver):
    payer = Payer(shop, merchant.ask()['url_checkout'])
    payer.pay('4000 0000 0000 0002', code='987')
    payer.pay('5555-5555-5555-4444', code='986')
    shop.verify()
    for folder, _, names in os.walk(shop.folder):
        for name in names:
            path = os.path.join(folder, name)
            if not os.path.isfile(path):
                continue
            with open(path, 'rb') as file:
                data = file.read()
            for number in (b'4000000000000002', b'4000 0000', b'5555555555554444', b'5555-5555'):
                assert number not in data, path


def test_the_picture_leads_to_the_page(shop, asked, tmp_path):
    answer = shop.request('GET', asked['url_qr'][len(shop.base_url):])
    assert answer.status == 200 and answer.header('Content-Type') == 'image/png'
    assert answer.header('Cache-Control').startswith('private, max-age')
    (tmp_path / 'code.png').write_bytes(answer.body)
    run = subprocess.run(['zbarimg', '--quiet', '--raw', str(tmp_path / 'code.png')], capture_output=True, text=True,
                         check=True)
    assert run.stdout.strip() == asked['url_checkout']
    # The picture that a request is answered with is the one at its address.
    sent = Merchant(shop).send(media='EMAIL', customer_email='a@b.example')
    assert base64.b64decode(sent['raw_qr'], validate=True) == \
        shop.request('GET', sent['url_qr'][len(shop.base_url):]).body
    tag = {'If-None-Match': answer.header('ETag')}
    assert shop.request('GET', asked['url_qr'][len(shop.base_url):], tag).status == 304


# --- in a browser


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM, reason='there is no Chromium')
@pytest.mark.parametrize('width,height', [(500, 1500), (1280, 1400)])
def test_the_page_in_a_browser(shop, merchant, tmp_path, width, height):
    asked = merchant.ask(item_name='A long name of an article that takes more than one line on a phone',
                         customer_name='Ada Lovelace', customer_email='ada@example.com', language='FR')
    screenshot(asked['url_checkout'], tmp_path / f'checkout-{width}.png', width, height, tmp_path / 'profile')
    Payer(shop, asked['url_checkout']).pay(DECLINED_CARD)
    screenshot(asked['url_checkout'] + '?lang=en', tmp_path / f'refused-{width}.png', width, height,
               tmp_path / 'profile')
    Payer(shop, asked['url_checkout']).pay()
    screenshot(asked['url_checkout'], tmp_path / f'paid-{width}.png', width, 700, tmp_path / 'profile')
