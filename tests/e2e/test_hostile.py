"""tests/e2e/test_hostile.py: clients that mean harm or were written badly. After each of them nothing is stored, no
money is held and the server answers the next one."""
import json
import re

import pytest
from demo import Demo
from dvs import Dvs, basic, refused, unique
from wire import Wire, request

BODY_BYTES = 256 * 1024


@pytest.fixture(scope='module')
def server(tmp_path_factory):
    with Demo(tmp_path_factory.mktemp('hostile')) as running:
        yield running
        running.verify()


@pytest.fixture(scope='module')
def product(server):
    return Dvs(server).top_up()


@pytest.fixture(autouse=True)
def unharmed(server, product):
    """What was there before is there after, and nothing else."""
    unit = product['prices']['wholesale']['unit']

    def look():
        clients = [Dvs(server, partner) for partner in ('main', 'second')]
        return [(client.count(), client.balance(unit)) for client in clients]

    before = look()
    yield
    assert look() == before


@pytest.fixture
def sound(product):
    """A create that would be accepted; each test spoils it."""
    return {'external_id': unique(), 'product_id': product['id'], 'auto_confirm': True,
            'credit_party_identifier': {'mobile_number': '+6591234100'}}


def sign(server, partner='main'):
    return ('Authorization', basic(server.partner('dvs', partner)))


def post(server, raw, *headers, target='/v1/async/transactions', length=None):
    """The answer to these bytes as a create on a connection of its own."""
    own = [('Host', 'shop'), sign(server), ('Content-Type', 'application/json'),
           ('Content-Length', len(raw) if length is None else length), *headers]
    with Wire(server.base_url) as wire:
        wire.send(request('POST', target, own, raw))
        return wire.answer()


# --- bodies

NOT_JSON = {
    'nothing': b'',
    'blank': b'  \n',
    'cut': b'{"external_id": "a"',
    'tail': b'{} {}',
    'comma': b'{"external_id": "a",}',
    'quotes': b"{'external_id': 'a'}",
    'nan': b'{"product_id": NaN}',
    'plus': b'{"product_id": +1}',
    'zeros': b'{"product_id": 01}',
    'comment': b'{} // no',
    'array': b'[]',
    'string': b'"external_id"',
    'null': b'null',
    'deep arrays': b'[' * 100000,
    'deep objects': b'{"a":' * 40000,
    'deep and closed': b'{"a":' + b'[' * 5000 + b']' * 5000 + b'}',
    'control byte': b'{"external_id": "a\x01"}',
    'bad UTF-8': b'{"external_id": "\xff\xfe"}',
    'overlong UTF-8': b'{"external_id": "\xc0\xaf"}',
    'UTF-8 surrogate': b'{"external_id": "\xed\xa0\x80"}',
    'lone surrogate': b'{"external_id": "\\ud800"}',
    'escaped NUL': b'{"external_id": "a\\u0000b"}',
    'UTF-16': '{"external_id": "a"}'.encode('utf-16'),
    'byte order mark': b'\xef\xbb\xbf[]',
    'bad escape': b'{"external_id": "\\x"}',
    'form': b'external_id=a&product_id=1',
    'many tokens': b'{"a": [' + b'0,' * 100000 + b'0]}',
}


@pytest.mark.asan
@pytest.mark.parametrize('raw', NOT_JSON.values(), ids=NOT_JSON)
def test_a_body_that_is_no_order(server, raw):
    refused(post(server, raw), 400, 1000400)


@pytest.mark.asan
def test_a_key_that_comes_twice(server, sound):
    raw = json.dumps(sound).encode()
    refused(post(server, raw[:-1] + b', "product_id": 1}'), 400, 1000400)
    refused(post(server, raw[:-1] + b', "product_\\u0069d": 1}'), 400, 1000400)


WRONG = {
    'no external id': {'external_id': None},
    'number as external id': {'external_id': 7},
    'blank external id': {'external_id': ' '},
    'long external id': {'external_id': 'x' * 41},
    'huge external id': {'external_id': 'x' * 200000},
    'text as product': {'product_id': '1'},
    'fraction as product': {'product_id': 1.5},
    'huge product': {'product_id': 10 ** 30},
    'negative product': {'product_id': -1},
    'no product': {'product_id': None},
    'text as bool': {'auto_confirm': 'true'},
    'number as bool': {'auto_confirm': 1},
    'text as party': {'credit_party_identifier': '+6591234100'},
    'empty party': {'credit_party_identifier': {}},
    'array as party': {'credit_party_identifier': [{}]},
    'number as number': {'credit_party_identifier': {'mobile_number': 6591234100}},
    'array as source': {'source': []},
    'wrong mode': {'calculation_mode': 'NEITHER_AMOUNT'},
    'object as callback': {'callback_url': {}},
    'callback without a host': {'callback_url': 'http://'},
    'callback to a file': {'callback_url': 'file:///etc/passwd'},
}


@pytest.mark.asan
@pytest.mark.parametrize('changes', WRONG.values(), ids=WRONG)
def test_a_field_of_the_wrong_kind(server, sound, changes):
    refused(post(server, json.dumps({**sound, **changes}).encode()), 400, 1000400)


@pytest.mark.asan
@pytest.mark.parametrize('text', ['6591234100', '+6591234100x', '+0591234100', '++6591234100', '+' + '9' * 60,
                                  "+65' OR 1=1 --"])
def test_a_number_that_is_none(server, sound, text):
    sound['credit_party_identifier']['mobile_number'] = text
    refused(post(server, json.dumps(sound).encode()), 400, 1005003)


@pytest.mark.asan
def test_an_unknown_product(server, sound):
    refused(post(server, json.dumps({**sound, 'product_id': 2147483647}).encode()), 404, 1003001)


# --- headers

FAULTS = {
    'two hosts': [b'Host: a', b'Host: b'],
    'no host': [],
    'two lengths': [b'Host: a', b'Content-Length: 2', b'Content-Length: 2'],
    'two different lengths': [b'Host: a', b'Content-Length: 2', b'Content-Length: 0'],
    'length and chunks': [b'Host: a', b'Content-Length: 2', b'Transfer-Encoding: chunked'],
    'gzip': [b'Host: a', b'Transfer-Encoding: gzip'],
    'gzip, chunked': [b'Host: a', b'Transfer-Encoding: gzip, chunked'],
    'two encodings': [b'Host: a', b'Transfer-Encoding: chunked', b'Transfer-Encoding: chunked'],
    'negative length': [b'Host: a', b'Content-Length: -1'],
    'length of words': [b'Host: a', b'Content-Length: two'],
    'length with a sign': [b'Host: a', b'Content-Length: +2'],
    'length beyond counting': [b'Host: a', b'Content-Length: 99999999999999999999999'],
    'NUL': [b'Host: a', b'X-Odd: a\0b', b'Content-Length: 2'],
    'NUL in a name': [b'Host: a', b'X-O\0dd: a', b'Content-Length: 2'],
    'folded line': [b'Host: a', b'X-Odd: a', b' b', b'Content-Length: 2'],
    'two authorizations': [b'Host: a', b'Authorization: Basic YTpi', b'Content-Length: 2'],
    'space before the colon': [b'Host: a', b'Content-Length : 2'],
}


@pytest.mark.asan
@pytest.mark.parametrize('lines', FAULTS.values(), ids=FAULTS)
def test_headers_that_smuggle(server, lines):
    """Refused, and the connection ends: what follows on it must not be taken for a request."""
    follower = request('GET', '/v1/balances', [('Host', 'a'), sign(server)])
    with Wire(server.base_url) as wire:
        wire.send(request('POST', '/v1/async/transactions', [*lines, sign(server)], b'{}'), follower)
        said = wire.rest()
        statuses = re.findall(rb'HTTP/1.1 (\d{3})', said)
        assert all(400 <= int(status) < 500 for status in statuses), said


@pytest.mark.asan
@pytest.mark.parametrize('method, target, status', [
    ('GET', '/v1/balances%00', 400),
    ('GET', '/v1/transactions/1%00', 400),
    ('GET', '/v1/%zz', 400),
    ('GET', '/v1/balances/%ff', 400),
    ('GET', '/v1/' + 'a' * 20000, 414),
    ('GET', '/v1/../../etc/passwd', 404),
    ('GET', '/v1/products?tags=' + 'a,' * 6000, 414),
])
def test_targets_that_are_none(server, method, target, status):
    with Wire(server.base_url) as wire:
        wire.send(request(method, target, [('Host', 'a'), sign(server)]))
        answer = wire.answer()
        assert answer.status in (status, 404 if status == 400 else status), answer


@pytest.mark.asan
@pytest.mark.parametrize('line', [b'GET', b'GET /v1/balances', b'GET /v1/balances HTTP/9.9', b'\0\0\0\0',
                                  b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', b'GET  /  HTTP/1.1',
                                  b'PRI * HTTP/2.0'])
def test_lines_that_are_no_request(server, line):
    """Whatever comes, it is no success and the connection ends."""
    with Wire(server.base_url) as wire:
        wire.send(line + b'\r\nHost: a\r\n\r\n')
        answer = wire.answer()
        assert answer is None or answer.status >= 400, answer


@pytest.mark.asan
def test_headers_without_end(server):
    with Wire(server.base_url) as wire:
        wire.send(request('GET', '/v1/balances', [('Host', 'a'), sign(server), ('X-Long', 'x' * 100000)]))
        assert wire.answer().status == 431
    with Wire(server.base_url) as wire:
        many = [(f'X-{i}', 'x') for i in range(5000)]
        wire.send(request('GET', '/v1/balances', [('Host', 'a'), sign(server), *many]))
        assert wire.answer().status == 431


@pytest.mark.asan
def test_a_body_over_the_limit(server, sound):
    sound['more'] = 'x' * BODY_BYTES
    raw = json.dumps(sound).encode()
    assert post(server, raw).status in (400, 413)
    # Announced and never sent: nobody waits for it.
    assert post(server, b'', length=10 ** 12).status in (400, 413)
    with Wire(server.base_url) as wire:
        head = [('Host', 'a'), sign(server), ('Transfer-Encoding', 'chunked')]
        wire.send(request('POST', '/v1/async/transactions', head))
        piece = b'10000\r\n' + b'x' * 65536 + b'\r\n'
        wire.send(*[piece] * (BODY_BYTES // 65536 + 1))
        assert wire.answer().status in (400, 413)


@pytest.mark.asan
@pytest.mark.parametrize('chunks', [b'zz\r\n', b'-1\r\n{}\r\n0\r\n\r\n', b'ffffffffffffffffff\r\n{}'])
def test_chunks_that_are_none(server, chunks):
    with Wire(server.base_url) as wire:
        head = [('Host', 'a'), sign(server), ('Transfer-Encoding', 'chunked')]
        wire.send(request('POST', '/v1/async/transactions', head, chunks))
        answer = wire.answer()
        assert answer is None or answer.status in (400, 413), answer


def test_half_a_request_and_gone(server, sound):
    raw = json.dumps(sound).encode()
    whole = request('POST', '/v1/async/transactions', [('Host', 'a'), sign(server), ('Content-Length', len(raw))], raw)
    for length in range(1, len(whole), 7):
        with Wire(server.base_url) as wire:
            wire.send(whole[:length])


@pytest.mark.long
def test_a_byte_a_second(server):
    """The whole request has 20 seconds, however steadily its bytes come."""
    with Wire(server.base_url, timeout=1) as wire:
        wire.send(b'GET /v1/balances HTTP/1.1\r\nX-Slow: ')
        for _ in range(60):
            try:
                wire.socket.sendall(b'x')
                if wire.socket.recv(1) == b'':
                    return
            except TimeoutError:
                continue
            except OSError:
                return
    pytest.fail('the server listens to it for ever')


# --- paths and methods


@pytest.mark.asan
@pytest.mark.parametrize('method', ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'BREW', 'post'])
def test_methods_that_are_none(server, method):
    with Wire(server.base_url) as wire:
        wire.send(request(method, '/v1/async/transactions', [('Host', 'a'), sign(server)]))
        answer = wire.answer()
        assert answer is None or 400 <= answer.status < 500, answer


@pytest.mark.asan
@pytest.mark.parametrize('target', ['/v1/nothing', '/v1/', '/v1', '/v1/balances/', '/v1//balances',
                                    '/v1/transactions/'])
def test_paths_that_are_none(server, target):
    refused(Dvs(server).ask('GET', target), 404, 1000404)


@pytest.mark.asan
def test_nobodys_paths(server):
    for target in ['/', '/favicon.ico', '/v10/balances', '/.git/config', '/admin/v1/partners', '/metrics']:
        assert Dvs(server).ask('GET', target).status == 404


@pytest.mark.asan
@pytest.mark.parametrize('text, status', [('0', 400), ('-1', 400), ('abc', 400), ('1.0', 400), ('0x10', 400),
                                          ('9' * 30, 400), ('9223372036854775808', 400), ('9223372036854775807', 404),
                                          ('1', 404), ('%20', 400), ('%2B1', 400)])
def test_ids_out_of_range(server, text, status):
    client = Dvs(server)
    code = 1000400 if status == 400 else 1008004
    refused(client.get(text), status, code)
    refused(client.confirm(text), status, code)
    refused(client.confirm(text, sync=True), status, code)
    refused(client.cancel(text), status, code)


# --- who asks


WRONG_CREDENTIALS = {
    'nobody': 'Basic ' + 'bm9ib2R5Om5vYm9keQ==',
    'no colon': 'Basic bm9ib2R5',
    'no base64': 'Basic ???',
    'nothing': 'Basic ',
    'scheme alone': 'Basic',
    'bearer': 'Bearer abc',
    'empty': '',
    'long': 'Basic ' + 'QUFB' * 1500,
    'NUL': 'Basic AAA6AAA=',
}


@pytest.mark.asan
@pytest.mark.parametrize('text', WRONG_CREDENTIALS.values(), ids=WRONG_CREDENTIALS)
def test_wrong_credentials(server, sound, text):
    raw = json.dumps(sound).encode()
    with Wire(server.base_url) as wire:
        wire.send(request('POST', '/v1/async/transactions',
                          [('Host', 'a'), ('Authorization', text), ('Content-Length', len(raw))], raw))
        refused_raw(wire.answer(), 401, 1000401)


def refused_raw(answer, status, code):
    assert answer.status == status, answer
    assert answer.json()['errors'][0]['code'] == code


@pytest.mark.asan
def test_nearly_right_credentials(server):
    own = server.partner('dvs')
    for wrong in [{**own, 'secret': own['secret'][:-1]}, {**own, 'secret': own['secret'] + 'x'}, {**own, 'secret': ''},
                  {**own, 'key': own['key'].swapcase()}, {**own, 'secret': server.partner('dvs', 'second')['secret']}]:
        refused(Dvs(server, credentials=wrong).ask('GET', '/v1/balances'), 401, 1000401)


@pytest.mark.asan
def test_the_challenge_keeps_the_connection(server, sound):
    """Official clients ask first without credentials, body and all, then again on the same connection."""
    raw = json.dumps(sound).encode()
    bare = request('POST', '/v1/async/transactions', [('Host', 'a'), ('Content-Length', len(raw))], raw)
    with Wire(server.base_url) as wire:
        for _ in range(5):
            wire.send(bare)
            answer = wire.answer()
            refused_raw(answer, 401, 1000401)
            assert answer.header('WWW-Authenticate').startswith('Basic realm=')
            assert answer.header('Date')
            assert (answer.header('Connection') or '').lower() != 'close'
        wire.send(request('GET', '/v1/balances', [('Host', 'a'), sign(server)]))
        assert wire.answer().status == 200
