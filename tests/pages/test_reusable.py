"""tests/pages/test_reusable.py: the page of a reusable QR code: every payer makes a payment of their own."""
import concurrent.futures
import html
import http.server
import re
import struct
import subprocess
import threading
import time
import urllib.parse
import zlib

import pytest
from browser import CHROMIUM, screenshot
from demo import Demo
from merchant import FORM, Merchant, Payer
from serve import Serve


def png(width, height):
    """A picture that is one to a browser: a gradient."""
    rows = b''.join(b'\0' + bytes(v for x in range(width) for v in (60 + x * 190 // width, 90, 60 + y * 190 // height))
                    for y in range(height))

    def chunk(kind, data):
        return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)) +
            chunk(b'IDAT', zlib.compress(rows, 0)) + chunk(b'IEND', b''))


PICTURE = png(320, 200)  # not compressed, so that it has several parts
BAD_PICTURES = {'/html': b'<html>not a picture</html>', '/svg': b'<svg xmlns="http://www.w3.org/2000/svg"/>',
                '/large.png': b'\x89PNG\r\n\x1a\n' + bytes(5 * 1024 * 1024)}


class Photos:
    """A merchant's site with pictures."""

    def __init__(self):
        photos = self
        self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                photos.asked.append(self.path)
                status, body = 200, BAD_PICTURES.get(self.path, PICTURE)
                if self.path == '/gone.png':
                    status, body = 404, b''
                elif self.path == '/later.png' and photos.asked.count('/later.png') == 1:
                    status, body = 503, b''
                self.send_response(status)
                self.send_header('Content-Type', 'image/png')
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    pass

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self.server.server_port}'
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope='module')
def photos():
    photos = Photos()
    yield photos
    photos.close()


@pytest.fixture(scope='module')
def shop(tmp_path_factory):
    with Demo(tmp_path_factory.mktemp('reusable')) as demo:
        yield demo


@pytest.fixture(scope='module')
def merchant(shop, receiver):
    merchant = Merchant(shop)
    merchant.settings('--redirect-url', 'https://shop.example/thanks', '--call-back-url', f'{receiver.url}/paid')
    return merchant


class Code:
    """A reusable QR code, and those who scan it."""

    def __init__(self, merchant, photos, **values):
        self.merchant, self.demo = merchant, merchant.demo
        asked = {'access_token': merchant.token, 'item_name': 'Poster & frame', 'item_amount': '2000',
                 'tax_amount': '400', 'item_photo': f'{photos.url}/poster.png', 'item_reference': 'shelf|7', **values}
        self.answer = merchant.call('POST', 'mobip/create_reusable_qr', **asked)
        assert self.answer['return_code'] == '0', self.answer
        self.path = self.answer['url_checkout'][len(self.demo.base_url):]

    def look(self, query='', headers=()):
        return self.demo.request('GET', self.path + query, headers)

    def form(self, query=''):
        text = self.look(query).body.decode()
        action = re.search(r'<form method="post" action="([^"]*)"', text)[1]
        return action, dict(re.findall(r'name="(\w+)" value="([^"]*)"', text))

    def post(self, action, values, headers=()):
        return self.demo.request('POST', action, {'Content-Type': FORM, **dict(headers)},
                                 urllib.parse.urlencode(values))

    def begin(self, query=''):
        """One more payer, at the payment's own page."""
        answer = self.post(*self.form(query))
        assert answer.status == 303, answer
        return Payer(self.demo, self.demo.base_url + answer.header('Location'))

    def photo(self):
        found = re.search(r'<img class="photo" alt="[^"]*" src="([^"]*)"', self.look().body.decode())
        return found and self.demo.request('GET', found[1])

    def wait_for_photo(self):
        deadline = time.monotonic() + 60
        while not self.photo() and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.photo()

    def made(self):
        """The code's transactions, oldest first."""
        rows = self.merchant.call('GET', 'mobip/get_stats', access_token=self.merchant.token)
        all_data = [self.merchant.call('GET', 'mobip/get_transaction', access_token=self.merchant.token,
                                       trid=row['trid'])['transaction_data']
                    for row in rows['stats_data']['transactions']]
        return [data for data in all_data if data.get('qr_id') == self.answer['qr_id']]


def text_of(answer):
    return html.unescape(answer.body.decode())


def test_the_page(merchant, photos):
    code = Code(merchant, photos, item_message='Signed <b>by hand</b>', item_brand='Atelier', item_category='Art',
                item_video='https://videos.example/?a=1&b="2"')
    page = code.look()
    assert page.status == 200 and page.header('Cache-Control') == 'no-store'
    for piece in ('<html lang="en">', 'Poster & frame', '20.00', '4.00', '24.00', 'Signed <b>by hand</b>', 'Atelier',
                  'Art', 'shelf|7', 'Watch the video'):
        assert piece in text_of(page), piece
    body = page.body.decode()
    assert '<b>' not in body and 'a=1&amp;b=&quot;2&quot;' in body and '<script' not in body
    assert "form-action 'self'" in page.header('Content-Security-Policy')
    french = text_of(code.look('?lang=fr'))
    assert '<html lang="fr">' in french and '24,00' in french and 'Voir la vidéo' in french
    assert '<html lang="fr">' in text_of(code.look(headers={'Accept-Language': 'fr'}))


def test_looking_makes_nothing(merchant, photos):
    code = Code(merchant, photos)
    for method in ('GET', 'HEAD'):
        for path in (code.path, code.path + '?action=pay', code.answer['url_qr'][len(code.demo.base_url):]):
            assert code.demo.request(method, path).status == 200
    assert code.made() == []


def test_each_payer_has_a_payment(shop, merchant, photos, receiver):
    code = Code(merchant, photos)
    first, second = code.begin(), code.begin('?lang=fr')
    assert first.path != second.path
    assert '24.00' in text_of(first.look()) and '<html lang="fr">' in text_of(second.look())
    paid = first.pay(email='ada@example.com')
    url = urllib.parse.urlsplit(paid.header('Location'))
    trid, = urllib.parse.parse_qs(url.query)['trid']
    assert paid.status == 303 and url.netloc == 'shop.example' and 'track_id=shelf%7C7' in url.query
    made = code.made()
    assert [(one['status'], one['type'], one['language']) for one in made] == [
        ('PAID', 'reusable', 'EN'), ('PENDING', 'reusable', 'FR')]
    assert made[0]['trid'] == trid and made[0]['track_id'] == 'shelf|7' and made[0]['total_amount_in_cents'] == '2400'
    valid = merchant.call('GET', 'mobip/is_valid', access_token=merchant.token, trid=trid)
    assert (valid['transaction_status'], valid['desc'], valid['track_id']) == ('PAID', 'Poster & frame', 'shelf|7')
    receiver.wait_for(1, f'/paid?resp_code=PROCESSED&trid={trid}&track_id=shelf%7C7')
    cancelled = second.cancel()
    assert 'resp_code=CANCELLED' in cancelled.header('Location')
    # The code is as good as before.
    assert code.begin().pay().status == 303
    operator = Merchant.operator(shop)
    queue = operator.call('GET', 'neosystems/get_mobip_transactions', access_token=operator.token)
    assert trid in [row['trid'] for row in queue['transactions_list']]
    shop.verify()


def test_a_form_makes_one(shop, merchant, photos):
    code = Code(merchant, photos)
    action, values = code.form()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: code.post(action, values), range(8)))
    assert {answer.status for answer in answers} == {303}
    assert len({answer.header('Location') for answer in answers}) == 1
    # After paying, the back button and the same form lead to what became of it.
    payer = Payer(shop, shop.base_url + answers[0].header('Location'))
    assert payer.pay().status == 303
    again = code.post(action, values)
    assert again.header('Location') == payer.path and 'Paid. Thank you.' in text_of(payer.look())
    assert [one['status'] for one in code.made()] == ['PAID']


def test_only_our_own_forms_count(merchant, photos):
    code, other = Code(merchant, photos), Code(merchant, photos)
    action, values = code.form()
    for wrong in ({}, other.form()[1], {**values, 'seal': '0' * 32}, {**values, 'ticket': '1.2'}):
        answer = code.post(action, wrong)
        assert answer.status == 403 and 'Nothing was charged' in text_of(answer)
    assert code.made() == [] and other.made() == []
    # What a form says of amounts and items is not looked at.
    payer = Payer(code.demo, code.demo.base_url + code.post(action, {**values, 'item_amount': '1'}).header('Location'))
    assert '24.00' in text_of(payer.look())


@pytest.mark.parametrize('limit', ['1', '0'])
def test_so_many_from_one_address(photos, tmp_path, limit):
    """A client that is one for us is one behind the proxy; its neighbours begin what they like."""
    with Serve(tmp_path / 'serve', ['trusted_proxies = 127.0.0.1', f'qr_payments = {limit}']) as server:
        server.add_partner('shop', sandbox='yes', dialects=['mobip'])
        code = Code(Merchant(server, 'shop'), photos)

        def post(address, query='', form=None):
            return code.post(*(form or code.form(query)), {'X-Forwarded-For': address})

        assert post('192.0.2.1').status == 303
        form = code.form('?lang=fr')
        answer = post('192.0.2.1', form=form)
        if limit == '0':
            assert answer.status == 303
            return
        assert (answer.status, len(code.made())) == (429, 1)
        assert 1 <= int(answer.header('Retry-After')) <= 60
        assert 'dans une minute' in text_of(answer) and answer.header('Cache-Control') == 'no-store'
        assert 'again in a minute' in text_of(post('192.0.2.1', '?lang=en'))
        assert post('192.0.2.2', form=form).status == 303 and post('2001:db8::1:1').status == 303
        assert post('2001:db8::2:1').status == 429 and post('2001:db8:0:1::1').status == 303
        # What is no form of ours is refused for what it is, and looking costs nothing.
        assert code.post(form[0], {}, {'X-Forwarded-For': '192.0.2.1'}).status == 403
        assert {code.look(headers={'X-Forwarded-For': '192.0.2.1'}).status for _ in range(5)} == {200}
        assert len(code.made()) == 4


def test_nothing_at_other_addresses(merchant, photos):
    code = Code(merchant, photos)
    token = code.path[5:]
    for path in ('/buy/' + token[:-1] + ('0' if token[-1] != '0' else '1'), '/buy/', '/buy/' + code.answer['qr_id'],
                 '/pay/' + token, f'/buy/{token}.png', f'/buy/{token}.photo', '/qr/' + token + '.png'):
        assert code.demo.request('GET', path).status == 404, path
        assert code.demo.request('POST', path, {}, 'a=b').status == 404, path


def test_the_code_leads_to_the_page(shop, merchant, photos, tmp_path):
    code = Code(merchant, photos)
    answer = shop.request('GET', code.answer['url_qr'][len(shop.base_url):])
    (tmp_path / 'code.png').write_bytes(answer.body)
    run = subprocess.run(['zbarimg', '--quiet', '--raw', str(tmp_path / 'code.png')], capture_output=True, text=True,
                         check=True)
    assert answer.header('Content-Type') == 'image/png' and run.stdout.strip() == code.answer['url_checkout']


def test_the_picture_is_copied(merchant, photos):
    code = Code(merchant, photos, item_photo=f'{photos.url}/one.png')
    photo = code.wait_for_photo()
    assert photo.status == 200 and photo.header('Content-Type') == 'image/png' and photo.body == PICTURE
    assert photo.header('X-Content-Type-Options') == 'nosniff' and 'max-age' in photo.header('Cache-Control')
    for _ in range(2):
        code.look()
    assert photos.asked.count('/one.png') == 1  # once, whoever looks


def test_pictures_that_cannot_be_had(shop, merchant, photos):
    codes = [Code(merchant, photos, item_photo=photos.url + path) for path in [*BAD_PICTURES, '/gone.png']]
    deadline = time.monotonic() + 60
    while not {*BAD_PICTURES, '/gone.png'} <= set(photos.asked) and time.monotonic() < deadline:
        time.sleep(0.02)
    late = Code(merchant, photos, item_photo=f'{photos.url}/later.png')
    while '/later.png' not in photos.asked and time.monotonic() < deadline:
        time.sleep(0.02)
    shop.advance('1m')
    assert late.wait_for_photo().body == PICTURE
    for code in codes:
        assert code.look().status == 200 and not code.photo()
    shop.verify()


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM, reason='there is no Chromium')
@pytest.mark.parametrize('width,height', [(500, 1250), (1280, 1200)])
def test_the_page_in_a_browser(merchant, photos, tmp_path, width, height):
    code = Code(merchant, photos, item_name='A long name of an article that takes more than one line on a phone',
                item_message='Printed on heavy paper, signed and numbered by hand.', item_brand='Atelier',
                item_category='Art', item_video='https://videos.example/1')
    assert code.wait_for_photo()
    screenshot(code.answer['url_checkout'] + '?lang=fr', tmp_path / f'reusable-{width}.png', width, height,
               tmp_path / 'profile')
