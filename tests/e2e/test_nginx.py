"""tests/e2e/test_nginx.py: config/nginx.conf in front of the server, as partners meet it: TLS, one record for a
whole refusal, the client's own address, held answers, and a word of the API while the server is away."""
import http.client
import json
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import time

import pytest
from demo import HANG_SECONDS, free_port
from dvs import COMPLETED, Answer, Dvs, basic, class_of, eventually, good, refused
from serve import Serve
from wire import request

RECIPE = pathlib.Path(__file__).parents[2] / 'config' / 'nginx.conf'


def certificate(folder):
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                    '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1',
                    '-keyout', folder / 'key.pem', '-out', folder / 'certificate.pem'],
                   check=True, capture_output=True)


class Proxy:
    """nginx with the recipe: other ports, paths and names, nothing else changed."""

    def __init__(self, folder, upstream):
        self.folder = folder
        self.port = free_port()
        self.process = None
        certificate(folder)
        site = RECIPE.read_text()
        for found, given in [(r'server 127\.0\.0\.1:8080;', f'server 127.0.0.1:{upstream};'),
                             (r'listen 443 ssl;', f'listen 127.0.0.1:{self.port} ssl;'),
                             (r'server_name \S+;', 'server_name localhost;'),
                             (r'ssl_certificate \S+;', f'ssl_certificate {folder}/certificate.pem;'),
                             (r'ssl_certificate_key \S+;', f'ssl_certificate_key {folder}/key.pem;')]:
            site, count = re.subn(found, given, site)
            assert count == 1, f'the recipe has no {found}'
        (folder / 'nginx.conf').write_text(
            f'pid {folder}/pid;\nerror_log {folder}/error.log;\ndaemon off;\nmaster_process off;\nevents {{}}\n'
            f'http {{\naccess_log off;\nclient_body_temp_path {folder}/body;\nproxy_temp_path {folder}/proxy;\n'
            f'fastcgi_temp_path {folder}/fastcgi;\nuwsgi_temp_path {folder}/uwsgi;\nscgi_temp_path {folder}/scgi;\n'
            f'{site}\n}}\n')

    def start(self):
        nginx = shutil.which('nginx', path='/usr/sbin:/usr/bin:/sbin:/bin')
        self.process = subprocess.Popen([nginx, '-p', self.folder, '-c', self.folder / 'nginx.conf'],
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + HANG_SECONDS
        while True:
            try:
                socket.create_connection(('127.0.0.1', self.port)).close()
                return
            except ConnectionRefusedError:
                assert self.process.poll() is None, self.process.stderr.read()
                assert time.monotonic() < deadline, 'nginx does not listen'
                time.sleep(0.01)

    def stop(self):
        self.process.terminate()
        self.process.wait(HANG_SECONDS)
        self.process.stderr.close()

    def context(self):
        return ssl.create_default_context(cafile=self.folder / 'certificate.pem')


class TlsDvs(Dvs):
    """A partner who comes through the proxy, from an address of his own."""

    def __init__(self, demo, proxy, address='127.0.0.1', **more):
        super().__init__(demo, **more)
        self.proxy = proxy
        self.address = address

    def ask(self, method, path, body=None, headers=()):
        if self.connection is None:
            self.connection = http.client.HTTPSConnection('127.0.0.1', self.proxy.port, timeout=HANG_SECONDS,
                                                          context=self.proxy.context(),
                                                          source_address=(self.address, 0))
        return super().ask(method, path, body, headers)


@pytest.fixture
def proxy(demo, tmp_path):
    proxy = Proxy(tmp_path, demo.port)
    proxy.start()
    yield proxy
    proxy.stop()


def test_a_purchase(demo, proxy):
    client = TlsDvs(demo, proxy)
    transaction = good(client.create(client.order(client.gift_card(), auto_confirm=True), sync=True), 201)
    assert class_of(transaction) == COMPLETED
    assert good(client.get(transaction['id']), 200) == transaction
    answer = client.ask('GET', '/v1/products?per_page=1')
    # Spelled as the official clients look for them.
    assert {'X-Total', 'X-Total-Pages', 'X-Per-Page', 'X-Page', 'X-Next-Page', 'Date'} <= set(dict(answer.headers))


def test_numbers_arrive_as_they_were_sent(demo, proxy):
    client = TlsDvs(demo, proxy)
    order = client.order(client.top_up(), '100', 5123)
    good(client.create(order), 201)
    party = order['credit_party_identifier']['mobile_number']
    for spelled in (party, party.replace('+', '%2B')):
        [found] = good(client.ask('GET', f'/v1/transactions?credit_party_mobile_number={spelled}'), 200)
        assert found['external_id'] == order['external_id']
        assert good(client.ask('GET', f'/v1/lookup/mobile-number/{spelled}'), 200)
    refused(client.ask('GET', '/v1//balances'), 404, 1000404)


def test_a_refusal_is_one_record(demo, proxy):
    """A client that looks at what has already arrived finds headers and body together."""
    with proxy.context().wrap_socket(socket.create_connection(('127.0.0.1', proxy.port)),
                                     server_hostname='localhost') as connection:
        for _ in range(20):
            connection.sendall(request('GET', '/v1/transactions/1',
                                       [('Host', 'localhost'), ('Authorization', basic(demo.partner('dvs')))]))
            record = connection.recv(65536)
            head, _, body = record.partition(b'\r\n\r\n')
            assert head.startswith(b'HTTP/1.1 404')
            assert json.loads(body)['errors'][0]['code'] == 1008004
            assert f'Content-Length: {len(body)}'.encode() in head


def test_the_challenge_keeps_the_connection(demo, proxy):
    with proxy.context().wrap_socket(socket.create_connection(('127.0.0.1', proxy.port)),
                                     server_hostname='localhost') as connection:
        for _ in range(3):
            connection.sendall(request('POST', '/v1/async/transactions', [('Host', 'a'), ('Content-Length', 2)], b'{}'))
            record = connection.recv(65536)
            assert record.startswith(b'HTTP/1.1 401') and b'\r\nWWW-Authenticate: Basic realm=' in record
            assert b'\r\nConnection: keep-alive' in record


def test_held_answers_pass(demo, proxy):
    """A synchronous order waits behind nginx as it does in front of it."""
    client = TlsDvs(demo, proxy)
    body = client.order(client.top_up(), '300', auto_confirm=True)
    raw = json.dumps(body).encode()
    connection = http.client.HTTPSConnection('127.0.0.1', proxy.port, timeout=HANG_SECONDS, context=proxy.context())
    connection.request('POST', '/v1/sync/transactions', raw,
                       {'Authorization': client.authorization, 'Content-Type': 'application/json'})
    eventually(lambda: client.find(body['external_id']))
    demo.advance('180s')
    answer = connection.getresponse()
    found = good(Answer(answer.status, answer.getheaders(), answer.read()), 201)
    assert found['external_id'] == body['external_id']
    connection.close()


def test_while_the_server_is_away(demo, proxy):
    client = TlsDvs(demo, proxy)
    assert client.ask('GET', '/v1/balances').status == 200
    demo.stop()
    answer = client.ask('GET', '/v1/balances')
    refused(answer, 503, 1009503)
    assert answer.header('Retry-After')
    demo.start()
    assert client.ask('GET', '/v1/balances').status == 200


def test_bodies_of_any_size_get_the_apis_answer(demo, proxy):
    client = TlsDvs(demo, proxy)
    refused(client.ask('POST', '/v1/async/transactions', b'{' + b' ' * 300000), 413, 1000400)


def addresses(server):
    """Where wrong credentials came from, by the log."""
    return re.findall(r'api\.refused .*peer=(\S+) .*error=unauthorized', server.log_tail())


@pytest.mark.parametrize('trusted, expected', [('127.0.0.1', '127.0.0.2'), (None, '127.0.0.1')])
def test_the_clients_own_address(tmp_path, trusted, expected):
    """As nginx saw it, when nginx is trusted; what the client claims about itself counts for nothing."""
    (tmp_path / 'nginx').mkdir()
    with Serve(tmp_path / 'serve', [f'trusted_proxies = {trusted}'] if trusted else []) as server:
        proxy = Proxy(tmp_path / 'nginx', server.port)
        proxy.start()
        try:
            client = TlsDvs(server, proxy, '127.0.0.2', credentials={'key': 'nobody', 'secret': 'nothing'})
            refused(client.ask('GET', '/v1/balances', headers={'X-Forwarded-For': '203.0.113.9'}), 401, 1000401)
            client.close()
        finally:
            proxy.stop()
        assert addresses(server) == [expected]
