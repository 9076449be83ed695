"""tests/pages/test_pages.py: the pages that people see, over HTTP and in a real browser."""
import json
import os
import pathlib
import re
import struct
import subprocess
import zlib

import pytest
import transcript
from browser import CHROMIUM, screenshot
from demo import ROOT
from dvs import eventually
from mobimatter import KYC, Mobimatter, details, internal_id, path_of


def esim_path(demo):
    """Of a fresh eSIM: only this API tells the page's address."""
    headers = transcript.sign_in_payvessel(demo.credentials['partners']['main']['payvessel'], '', '', '')
    body = json.dumps({'reference': os.urandom(8).hex(), 'package_code': 'US_5GB_30D'})
    order = demo.request('POST', '/api/v1/esim/orders', headers, body).json()['data']['id']
    demo.advance('5s')

    def delivered():
        return demo.request('GET', f'/api/v1/esim/orders/{order}', headers, '').json()['data']['profiles']

    [profile] = eventually(delivered)
    return path_of(demo, profile['short_url']), profile


def test_the_page_of_an_esim(shared_demo):
    path, profile = esim_path(shared_demo)
    page = shared_demo.request('GET', path)
    text = page.body.decode()
    assert page.status == 200 and page.header('Content-Type') == 'text/html; charset=utf-8'
    assert page.header('Content-Security-Policy').startswith("default-src 'none'; img-src 'self'")
    assert page.header('Cache-Control') == 'no-store' and page.header('Referrer-Policy') == 'no-referrer'
    assert '<script' not in text and profile['iccid'] in text and profile['puk'] in text
    assert 'https://esimsetup.apple.com/esim_qrcode_provisioning?carddata=' + profile['ac'] in text
    assert 'Your eSIM' in text and 'not started yet' in text and 'Not installed yet' in text
    assert 'alt="QR code that installs the eSIM"' in text and 'Keep it on the phone' in text
    french = shared_demo.request('GET', path, {'Accept-Language': 'fr-CA,fr;q=0.9,en;q=0.8'}).body.decode()
    assert 'Votre eSIM' in french and '<html lang="fr">' in french and 'États-Unis 5 Go 30 jours' in french
    assert '5,0 Go</span><small>restants sur 5,0 Go, pas encore commencé' in french
    assert 'href="?lang=en">English</a>' in french
    assert 'Your eSIM' in shared_demo.request('GET', path + '?lang=en', {'Accept-Language': 'fr'}).body.decode()


def test_hostile_names_are_escaped(demo, tmp_path):
    """What an operator imports is somebody else's text: a supplier's list."""
    samples = pathlib.Path(ROOT, 'src/service/demo_samples.jsonl').read_text(encoding='utf-8').splitlines()
    [line] = [line for line in samples if '"package":"US_5GB_30D"' in line]
    product = json.loads(line)
    product['name'] = '"><script>alert(1)</script>&amp;\''
    product['texts']['fr']['name'] = '<img src=x onerror=alert(1)>'
    path = tmp_path / 'hostile.jsonl'
    path.write_text(json.dumps(product) + '\n', encoding='utf-8')
    demo.command('catalog', 'import', path, '--data', demo.data)
    page, _ = esim_path(demo)
    english = demo.request('GET', page).body.decode()
    assert '<script' not in english and '&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;&#39;' in english
    french = demo.request('GET', page + '?lang=fr').body.decode()
    assert 'src=x' in french and '<img src=x' not in french and '&lt;img src=x' in french


def test_the_picture_decodes_to_the_lpa(shared_demo, tmp_path):
    path, profile = esim_path(shared_demo)
    answer = shared_demo.request('GET', path + '.png')
    assert answer.status == 200 and answer.header('Content-Type') == 'image/png'
    (tmp_path / 'code.png').write_bytes(answer.body)
    decoded = subprocess.run(['zbarimg', '--quiet', '--raw', str(tmp_path / 'code.png')], capture_output=True,
                             text=True, check=True).stdout.strip()
    assert decoded == profile['ac']


def test_no_address_can_be_guessed(shared_demo):
    path, _ = esim_path(shared_demo)
    token = path[3:]
    other = ('0' if token[-1] != '0' else '1')
    for wrong in ('/e/' + token[:-1] + other, '/e/' + token[:-1], '/e/', '/e/' + 'g' * 48, '/kyc/' + token,
                  '/e/' + token.upper(), '/e/' + token + '0'):
        if wrong == path:
            continue
        answer = shared_demo.request('GET', wrong)
        assert answer.status == 404 and b'nothing at this address' in answer.body, wrong
    assert shared_demo.request('POST', path).status == 404


def test_an_identity_check(shared_demo):
    shop = Mobimatter(shared_demo)
    order = shop.buy(KYC)
    assert order['orderState'] == 'Processing' and set(details(order)) == {'KYC_URL'}
    url = path_of(shared_demo, details(order)['KYC_URL'])
    form = shared_demo.request('GET', url).body.decode()
    assert re.findall(r'<(?:input|select) .*?name="(\w+)"', form) == [
        'full_name', 'date_of_birth', 'nationality', 'document_type', 'document_number']
    headers = {'Content-Type': 'application/x-www-form-urlencoded'}
    answer = shared_demo.request('POST', url, headers, 'full_name=Ada+%22%3Cb%3E')
    assert answer.status == 422 and b'Please fill in every field' in answer.body
    assert b'value="Ada &quot;&lt;b&gt;"' in answer.body, 'what was entered must not be entered again'
    marked = re.findall(r'name="(\w+)"[^>]*aria-invalid="true"', answer.body.decode())
    assert marked == ['date_of_birth', 'nationality', 'document_type', 'document_number']
    assert b'role="alert"' in answer.body
    for wrong in ('date_of_birth=2990-01-02', 'date_of_birth=1990-02-30', 'document_type=library+card'):
        name = wrong.partition('=')[0]
        whole = {'full_name': 'Ada', 'date_of_birth': '1990-01-02', 'nationality': 'GB', 'document_type': 'passport',
                 'document_number': '1'}
        body = '&'.join([wrong, *(f'{key}={value}' for key, value in whole.items() if key != name)])
        answer = shared_demo.request('POST', url, headers, body)
        assert answer.status == 422, wrong
        assert re.findall(r'name="(\w+)"[^>]*aria-invalid="true"', answer.body.decode()) == [name], wrong
    body = ('full_name=Ada+%3Cb%3E&date_of_birth=1990-01-02&nationality=GB&document_type=passport'
            '&document_number=123456789')
    answer = shared_demo.request('POST', url, headers, body)
    assert answer.status == 303 and answer.header('Location') == url
    assert b'being checked' in shared_demo.request('GET', url).body
    assert shop.state(order['orderId']) == 'Processing'
    shared_demo.sandbox('kyc', str(internal_id(url)), 'approve')
    shared_demo.advance('5s')
    shop.wait_for(order['orderId'], 'Completed')
    done = shop.order(order['orderId'])
    assert done['orderState'] == 'Completed' and 'QR_CODE' in details(done) and 'KYC_URL' not in details(done)
    assert b'Your identity is verified' in shared_demo.request('GET', url).body
    assert shop.call('GET', f'/provider/info/{order["orderId"]}')['esim']['kycStatus'] == 'APPROVED'


def test_a_rejected_check_gives_the_money_back(shared_demo):
    shop = Mobimatter(shared_demo)
    before = shop.balance()
    order = shop.buy(KYC)
    assert shop.balance() < before
    url = path_of(shared_demo, details(order)['KYC_URL'])
    shared_demo.sandbox('kyc', str(internal_id(url)), 'reject')
    assert shop.state(order['orderId']) == 'Cancelled'
    assert shop.balance() == before
    assert b'this check is over' in shared_demo.request('GET', url).body.lower()


# --- in a browser


def pixels(path):
    """(width, height, set of colours) of a PNG of eight bits a channel."""
    data = path.read_bytes()
    width, height, depth, kind = struct.unpack('>IIBB', data[16:26])
    assert depth == 8 and kind in (2, 6)
    parts, at = b'', 8
    while at < len(data):
        size, name = struct.unpack('>I4s', data[at:at + 8])
        parts += data[at + 8:at + 8 + size] if name == b'IDAT' else b''
        at += size + 12
    raw = zlib.decompress(parts)
    return width, height, len(set(raw))


def check_picture(path, width, height):
    """It has the size that was asked for and something in it."""
    assert pixels(path)[:2] == (width, height) and pixels(path)[2] > 50


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM, reason='there is no Chromium')
@pytest.mark.parametrize('width,height,language', [(360, 2100, 'fr'), (390, 2100, 'en'), (1280, 1900, 'fr')])
def test_the_page_in_a_browser(shared_demo, tmp_path, width, height, language):
    path, profile = esim_path(shared_demo)
    shared_demo.advance('24h')
    picture = tmp_path / f'esim-{width}-{language}.png'
    screenshot(f'{shared_demo.base_url}{path}?lang={language}', picture, width, height, tmp_path / 'profile')
    check_picture(picture, width, height)
    # What a camera would see on the screen is what installs the eSIM: the style let the picture through.
    decoded = subprocess.run(['zbarimg', '--quiet', '--raw', str(picture)], capture_output=True, text=True, check=True)
    assert decoded.stdout.strip() == profile['ac']


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM, reason='there is no Chromium')
@pytest.mark.parametrize('width,language', [(390, 'fr'), (1280, 'en')])
def test_the_form_in_a_browser(shared_demo, tmp_path, width, language):
    order = Mobimatter(shared_demo).buy(KYC)
    picture = tmp_path / f'kyc-{width}-{language}.png'
    screenshot(f'{details(order)["KYC_URL"]}?lang={language}', picture, width, 1100, tmp_path / 'profile')
    check_picture(picture, width, 1100)


# --- for everybody


def luminance(colour):
    digits = colour.lstrip('#')
    digits = digits if len(digits) == 6 else ''.join(2 * digit for digit in digits)
    parts = [int(digits[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_colours_can_be_told_apart(shared_demo):
    """WCAG 2, AA: 4.5 for text, 3 for the edges of fields and what has the focus; by day and by night."""
    style = shared_demo.request('GET', '/e/style.css').body.decode()
    texts = [('#16202c', '#f2f4f7'), ('#5a6776', '#f2f4f7'), ('#5a6776', '#fff'), ('#fff', '#1257c7'),
             ('#173f7a', '#e8f0fe'), ('#5c4300', '#fff3d6'), ('#b3261e', '#fff'), ('#e8edf2', '#1a232d'),
             ('#9aa8b6', '#10161d'), ('#9aa8b6', '#1a232d'), ('#d6e5ff', '#1c3252')]
    edges = [('#76838f', '#fff'), ('#c26a00', '#fff'), ('#c26a00', '#1a232d'), ('#76838f', '#1a232d')]
    for pair, least in [(pair, 4.5) for pair in texts] + [(pair, 3) for pair in edges]:
        assert all(colour in style for colour in pair), pair
        assert contrast(*pair) >= least, (pair, contrast(*pair))
    assert 'select:focus-visible{outline' in style.replace('"', '') or 'select:focus-visible' in style


def test_pages_can_be_read_aloud(shared_demo):
    """One language, one heading, every field in its label, words for every picture."""
    path, _ = esim_path(shared_demo)
    check = path_of(shared_demo, details(Mobimatter(shared_demo).buy(KYC))['KYC_URL'])
    for address in (path, check):
        for language in ('en', 'fr'):
            text = shared_demo.request('GET', f'{address}?lang={language}').body.decode()
            assert text.count(f'<html lang="{language}">') == 1 and text.count('<h1>') == 1 and '<title>' in text
            assert len(re.findall(r'<(?:input|select)\b', text)) == \
                len(re.findall(r'<label>[^<]+<(?:input|select)\b', text))
            assert not re.search(r'<img(?![^>]* alt="[^"]+")', text)
            assert not re.search(r'<progress(?![^>]* aria-label="[^"]+")', text)
            assert '<meta name="viewport"' in text
