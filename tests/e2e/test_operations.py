"""tests/e2e/test_operations.py: init, serve, config, imports, backup under load, restore."""
import json
import os
import re
import signal
import subprocess
import threading

import pytest
from demo import HANG_SECONDS, ROOT, binary, exchange, free_port
from shop import ask, basic, bodega, buy, store, wait_until


class Server:
    """A `bodega serve` with a folder, a config and an admin address of its own."""

    def __init__(self, folder):
        self.data = str(folder / 'data')
        self.port, self.admin_port = free_port(), free_port()
        self.config = str(folder / 'bodega.ini')
        self.log = str(folder / 'log')
        self.base_url = f'http://127.0.0.1:{self.port}'
        self.admin_url = f'http://127.0.0.1:{self.admin_port}'
        with open(self.config, 'w', encoding='utf-8') as file:
            file.write(f'[server]\ndata = {self.data}\nlisten = 127.0.0.1:{self.port}\n'
                       f'admin_listen = 127.0.0.1:{self.admin_port}\n')
        self.process = None

    def start(self):
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen([binary(), 'serve', '--config', self.config], stdout=log, stderr=log)
        wait_until(self.is_up)

    def is_up(self):
        assert self.process.poll() is None, open(self.log, encoding='utf-8').read()
        try:
            return exchange(self.admin_url, 'GET', '/healthz').status == 200
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        assert self.process.wait(HANG_SECONDS) == 0

    def log_text(self):
        with open(self.log, encoding='utf-8') as file:
            return file.read()


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path)
    yield server
    if server.process and server.process.poll() is None:
        server.stop()


def init(server, *options):
    out, _ = bodega('init', '--data', server.data, '--email', 'ops@example.com', *options)
    return dict(line.split(': ', 1) for line in out.splitlines())


def test_from_nothing_to_a_served_store(server):
    given = init(server)
    assert 'there is a store here already' in bodega('init', '--data', server.data, '--email', 'x@x.x', code=1)[1]
    server.start()
    # From afar, with the token and without.
    out, _ = bodega('partner', 'create', 'Shop', '--currency', 'USD', '--server', server.admin_url, '--token',
                    given['token'])
    assert out == 'id: 1\n'
    _, err = bodega('partner', 'list', '--server', server.admin_url, '--token', 'wrong', code=1)
    assert 'unauthorized' in err
    assert exchange(server.admin_url, 'GET', '/metrics').status == 401
    assert exchange(server.admin_url, 'GET', '/metrics',
                    {'Authorization': f'Bearer {given["token"]}'}).status == 200
    # The clock of a live store is nobody's to move.
    _, err = bodega('sandbox', 'advance', '1h', '--data', server.data, code=1)
    assert 'forbidden' in err
    actor = store_of(server).execute("SELECT actor FROM audit WHERE action = 'partner.create'").fetchone()
    assert actor == ('operator:ops@example.com',)
    server.stop()
    bodega('verify', '--data', server.data)


def login(server, password, email='ops@example.com'):
    return subprocess.run([binary(), 'login', '--server', server.admin_url, '--email', email, '--json'],
                          input=password + '\n', capture_output=True, text=True, check=False, timeout=HANG_SECONDS)


def listing(server, token):
    return exchange(server.admin_url, 'GET', '/admin/v1/partners', {'Authorization': f'Bearer {token}'}).status


def test_an_operator_logs_in_with_the_password(server):
    """The token is the operator's until it ends, over a restart too; wrong passwords are refused, counted, audited."""
    given = init(server, '--sandbox')
    server.start()
    run = login(server, given['password'])
    assert run.returncode == 0, run
    token = json.loads(run.stdout)['token']
    assert token != given['token'] and listing(server, token) == 200
    for wrong, email in (('x', 'ops@example.com'), (given['password'], 'nobody@example.com')):
        run = login(server, wrong, email)
        assert run.returncode == 1 and 'no operator has this e-mail address and password' in run.stderr, run
    told = store_of(server).execute("SELECT actor, subject, detail FROM audit "
                                    "WHERE action = 'operator.login'").fetchall()
    assert told == [('login', 'ops@example.com', 'from 127.0.0.1'),
                    ('login', 'ops@example.com', 'refused: unauthorized; from 127.0.0.1'),
                    ('login', 'nobody@example.com', 'refused: unauthorized; from 127.0.0.1')]
    server.stop()
    server.start()
    assert listing(server, token) == 200
    bodega('sandbox', 'advance', '12h', '--data', server.data)
    assert listing(server, token) == 401
    assert listing(server, given['token']) == 200
    server.stop()
    bodega('verify', '--data', server.data)


def test_passwords_cannot_be_tried_for_long(server):
    given = init(server)
    server.start()
    runs = [login(server, 'wrong') for _ in range(5)]
    assert all('unauthorized' in run.stderr for run in runs), runs
    run = login(server, given['password'])
    assert run.returncode == 1 and 'rate_limited' in run.stderr, run
    assert listing(server, given['token']) == 200


def store_of(server):
    import sqlite3
    return sqlite3.connect(f'{server.data}/store.db')


def test_sighup_reads_the_log_level_again(server):
    init(server)
    server.start()
    with open(server.config, 'a', encoding='utf-8') as file:
        file.write('log_level = nonsense\n')
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: 'log_level: must be error, warn, info or debug' in server.log_text())
    assert server.is_up()


def test_serve_does_not_make_a_key_of_its_own(server):
    init(server)
    os.unlink(f'{server.data}/master.key')
    bodega('serve', '--config', server.config, code=3)
    assert not os.path.exists(f'{server.data}/master.key')


@pytest.mark.parametrize('text, words', [
    ('[server]\ndata = x\nlisten = [::1]:1\n[server]\nlisten = [::1]:2\n', ':5: listen: is given twice'),
    ('[server]\ndata = x\nlisten = [::1]:1\nlisen = 3\n', ':4: lisen: there is no such setting'),
    ('[server]\ndata = x\nlisten = [::1]:1\nempty_list = 500\n', ':4: empty_list: must be 404 or 200'),
    ('[server]\ndata = x\nlisten = [::1]:1\ncomplete_wait = 0\n', ':4: complete_wait: must be whole seconds'),
    ('[server]\ndata = x\nlisten = [::1]:1\nqr_payments = many\n', ':4: qr_payments: must be 0 to 100000'),
    ('[server]\ndata = x\nlisten = [::1]:1\nca_file = /nonexistent\n', ':4: ca_file: is a file that can be read'),
    ('[server]\nlisten = [::1]:1\n', 'data: is missing'),
    ('[sever]\ndata = x\n', ':2: data: stands in no section'),
    ('[server]\ndata = x\nlisten = [::1]:1\n[supplier one]\ndriver = dvs\ncolour = red\n', ':6: colour: there is no'),
    ('[server]\ndata = x\nlisten = [::1]:1\n[supplier one]\nsecret_file = /nonexistent\n',
     ':5: secret_file: cannot be read'),
    ('[server]\ndata = x\nlisten = [::1]:1\n[supplier sandbox]\ndriver = dvs\n', ':5: supplier: the name'),
    ('[server]\ndata = x\nlisten = [::1]:1\n[kyc one]\nsecret = short\n', ':5: secret: has at least 16 bytes'),
    ('[server]\ndata = x\nlisten = [::1]:1\n[kyc one]\ncolour = red\n', ':5: colour: there is no such setting of'),
    ('[server]\ndata = x\nlisten = [::1]:1\n[kyc one]\nsecret_file = /nonexistent\n',
     ':5: secret_file: cannot be read'),
    ('[server]\ndata = x\nlisten = [::1]:1, a:1\n', ':3: listen: is a list of ADDRESS:PORT'),
    ('[server]\ndata = x\nlisten = 127.0.0.1:65536\n', ':3: listen: is a list of ADDRESS:PORT'),
    ('[server]\nadmin_listen = 127.0.0.1\n', ':2: admin_listen: is a list of ADDRESS:PORT'),
    ('[server]\nshard_listen = node:1\n', ":2: shard_listen: is this node's own ADDRESS:PORT"),
    ('[supplier one]\ndriver = nobody\n', ':2: driver: there is no such driver'),
    ('[supplier one]\nurl = ftp://x\n', ':2: url: is http://'),
    ('[server]\ndata = x\nlisten = [::1]:1\n[supplier one]\ndriver = dvs\nurl = http://x\nkey = k\n',
     ': secret: is missing in [supplier one]'),
    ('data = x\n', ':1: data: stands in no section'),
    ('[server]\nnonsense\n', ':2: '),
])
def test_a_wrong_setting_is_named_with_its_line(tmp_path, text, words):
    path = tmp_path / 'bodega.ini'
    path.write_text(text)
    _, err = bodega('serve', '--config', path, code=2)
    assert f'{path}{words}' in err or (str(path) in err and words in err), err


def test_the_example_names_every_setting_and_is_accepted(tmp_path):
    with open(os.path.join(ROOT, 'config', 'bodega.ini'), encoding='utf-8') as file:
        text = file.read()
    # All of it, the commented settings too; the files that are named are made to exist.
    secret = tmp_path / 'secret'
    secret.write_text('sixteen bytes and more')
    everything = re.sub(r'^;(\[\w+[ \]]|\w+ = )', r'\1', text, flags=re.M)
    everything = re.sub(r'/etc/bodega/[\w-]+\.\w+', str(secret), everything)
    everything = everything.replace('/var/lib/bodega', str(tmp_path / 'nothing'))
    path = tmp_path / 'bodega.ini'
    path.write_text(everything)
    _, err = bodega('serve', '--config', path, code=3)
    assert 'there is no store here' in err
    with open(os.path.join(ROOT, 'src', 'cli', 'config.c'), encoding='utf-8') as file:
        names = re.findall(r'\{ "\w+", "(\w+)",\s+(?:config_)?take_', file.read())
    assert 'trusted_proxies' in names
    for name in names:
        assert re.search(rf'^;?{name}(_file)? = ', text, re.M), name


@pytest.mark.parametrize('url, good', [
    ('https://api.example.com', True), ('http://127.0.0.1:8080', True), ('http://[::1]:80', True),
    ('ftp://api.example.com', False), ('https://', False), ('https://api.example.com/', False),
    ('https://api.example.com/shop', False), ('https://a.example?x', False), ('https://user@a.example', False),
    ('https://a.example:0', False), ('https://a.example:', False), ('api.example.com', False), ('http://[::1', False),
])
def test_the_public_url_is_the_beginning_of_links(server, url, good):
    init(server)
    with open(server.config, 'a', encoding='utf-8') as file:
        file.write(f'public_url = {url}\n')
    if not good:
        assert ':5: public_url: is http://HOST:PORT' in bodega('serve', '--config', server.config, code=2)[1]
        return
    server.start()
    shown, _ = bodega('status', '--data', server.data, '--json')
    assert json.loads(shown)['public_url'] == url


def test_without_a_public_url_it_is_the_first_address(server):
    init(server)
    server.start()
    shown, _ = bodega('status', '--data', server.data, '--json')
    assert json.loads(shown)['public_url'] == server.base_url


def test_an_import_is_all_or_nothing(start_demo, tmp_path):
    demo = start_demo('--products', 200)
    lines, _ = bodega('catalog', 'export', '--data', demo.data)
    product = next(line for line in lines.splitlines() if json.loads(line).get('id') == 1310 and '"product"' in line)
    changed = tmp_path / 'lines.jsonl'
    name = json.loads(product)['name']
    changed.write_text(product.replace(f'"{name}"', '"Five dollars"', 1) + '\n')
    out, _ = bodega('catalog', 'import', '--data', demo.data, changed, '--note', 'renamed')
    assert 'for sale now' in out
    headers = {'Authorization': basic(demo.partner('dvs'))}
    assert demo.request('GET', '/v1/products/1310', headers).json()['name'] == 'Five dollars'
    changed.write_text(product + '\n{"nonsense": 1}\n')
    _, err = bodega('catalog', 'import', '--data', demo.data, changed, code=1)
    assert 'line 2: ' in err and 'nothing was changed' in err
    assert demo.request('GET', '/v1/products/1310', headers).json()['name'] == 'Five dollars'
    batches = ask(demo, 'catalog', 'batches')
    assert [(b['state'], b['note']) for b in batches] == [('active', 'renamed'), ('active', 'demo')]
    demo.stop()
    # The same without a server, with everything that there is.
    changed.write_text(lines)
    bodega('catalog', 'import', '--data', demo.data, changed)
    again, _ = bodega('catalog', 'export', '--data', demo.data)
    assert again == lines
    bodega('verify', '--data', demo.data)


@pytest.mark.sqlite
def test_a_backup_under_load_is_one_moment_of_the_store(start_demo, tmp_path):
    demo = start_demo('--products', 200, '--time-scale', 1000)
    over = threading.Event()
    placed = []

    def load():
        while not over.is_set():
            placed.append(buy(demo, f'load-{len(placed)}', sync=False)['id'])

    thread = threading.Thread(target=load)
    thread.start()
    try:
        wait_until(lambda: len(placed) > 5)
        already = len(placed)
        backup = tmp_path / 'backup.db'
        bodega('backup', '--data', demo.data, backup)
        assert 'is there already' in bodega('backup', '--data', demo.data, backup, code=1)[1]
        wait_until(lambda: len(placed) > already + 5)
    finally:
        over.set()
        thread.join()
    restored = tmp_path / 'restored'
    out, _ = bodega('restore', '--data', restored, backup, '--key', f'{demo.data}/master.key')
    assert ' 0 differences' in out
    assert (restored / 'master.key').stat().st_mode & 0o777 == 0o600
    import sqlite3
    kept = {row[0] for row in sqlite3.connect(restored / 'store.db').execute('SELECT id FROM orders')}
    assert set(placed[:already]) <= kept
    assert 'is there already' in bodega('restore', '--data', restored, backup, code=1)[1]
    demo.verify()
    out, _ = bodega('order', 'show', placed[0], '--data', restored, '--json')
    assert json.loads(out)['reference'] == 'load-0'


@pytest.mark.sqlite
def test_a_damaged_backup_is_named_when_it_is_restored(start_demo, tmp_path):
    import sqlite3
    demo = start_demo('--products', 200, '--time-scale', 1000)
    buy(demo, 'one')
    backup = tmp_path / 'backup.db'
    bodega('backup', '--data', demo.data, backup)
    with sqlite3.connect(backup) as db:
        db.execute('UPDATE ledger SET amount = amount + 1 WHERE kind = 2')
    out, _ = bodega('restore', '--data', tmp_path / 'restored', backup, code=1)
    assert 'after ledger row' in out
