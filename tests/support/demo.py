"""tests/support/demo.py: a `bodega demo` of one's own, on a free port and in a folder of its own.

The binary is the one that the environment variable BODEGA names, or build/bodega.
"""
import atexit
import contextlib
import functools
import glob
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import urllib.parse

from ports import free_port

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..'))
# Enough for everything but a test of the whole catalogue, and there in a moment.
PRODUCTS = 300
# Only reached when something hangs: no test depends on how fast the machine is.
HANG_SECONDS = 120


# Whoever starts a server ends it. What a failure has left behind all the same ends with the run.
launched = set()


@atexit.register
def end_what_is_left():
    for process in launched:
        if process.poll() is None:
            process.kill()
            process.wait()


def close_all(*closers):
    """Calls each, whatever becomes of the others; then what the last failing one raised is raised."""
    with contextlib.ExitStack() as stack:
        for closer in reversed(closers):
            stack.callback(closer)


def binary():
    return os.environ.get('BODEGA', os.path.join(ROOT, 'build', 'bodega'))


class Response:
    """status, headers as a list of (name as spelled, value), body as bytes."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def header(self, name):
        """The value of a header, in any spelling, or None."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f'{self.status} {self.body[:2000].decode(errors="replace")}'


def exchange(base_url, method, path, headers=(), body=None):
    """One request on a connection of its own; `headers` is a dict or a list of pairs, sent as spelled."""
    url = urllib.parse.urlsplit(base_url)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=HANG_SECONDS)
    try:
        body = body.encode() if isinstance(body, str) else body
        pairs = list(headers.items() if isinstance(headers, dict) else headers)
        given = {name.lower() for name, _ in pairs}
        connection.putrequest(method, path, skip_host='host' in given, skip_accept_encoding=True)
        for name, value in pairs:
            connection.putheader(name, value)
        if body is not None and not given & {'content-length', 'transfer-encoding'}:
            connection.putheader('Content-Length', str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return Response(answer.status, answer.getheaders(), answer.read())
    finally:
        connection.close()


class ControlConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        super().__init__('localhost', timeout=HANG_SECONDS)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def new_store(server=None, like=None):
    """The uri of a new database on that server, or on the one that the tests run on (pytest --engine postgres); None
    without one. It is empty, or a copy of the database whose uri is `like`."""
    server = server or os.environ.get('BODEGA_TEST_POSTGRES')
    if not server:
        return None
    name = f'shop_{os.getpid()}_{time.monotonic_ns()}'
    sql = f'CREATE DATABASE {name}' + (f' TEMPLATE {like.rpartition("/")[2]}' if like else '')
    subprocess.run(['psql', '-qX', '-v', 'ON_ERROR_STOP=1', '-c', sql, server], check=True)
    return f'{server.rpartition("/")[0]}/{name}'


@functools.cache
def made_shop(program, products, server):
    """A stopped demo on that server, or on SQLite if it is None, that others begin as copies of: keys and passwords
    take most of the time of a first start."""
    folder = tempfile.mkdtemp(prefix='bodega-made-')
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shop = Demo(folder, '--products', products, program=program, made=False)
    assert bool(shop.store) == bool(server)
    shop.start()
    shop.stop()
    return shop


class Demo:
    """A server: base_url, credentials (the parsed file), and what one can do to it."""

    def __init__(self, folder, *arguments, program=None, made=True):
        """Not `made`: from nothing, as a new user would; otherwise with the keys and credentials of the others."""
        self.folder = str(folder)
        self.data = os.path.join(self.folder, 'data')
        self.credentials_file = os.path.join(self.folder, 'credentials.json')
        self.log_file = os.path.join(self.folder, 'bodega.log')
        self.program = program or binary()
        self.arguments = [str(argument) for argument in arguments]
        if '--products' not in self.arguments:
            self.arguments += ['--products', str(PRODUCTS)]
        own_store = '--store' not in self.arguments
        like = self.copy_of_made_shop() if made and own_store and not program else None
        self.store = new_store(like=like) if own_store else None
        self.own_store = self.store
        if self.store:
            self.arguments += ['--store', self.store]
        self.port = None
        self.process = None
        self.credentials = None
        self.base_url = None

    def copy_of_made_shop(self):
        """Copies the data folder, and returns the uri of the database to copy, if any."""
        shop = made_shop(self.program, self.arguments[self.arguments.index('--products') + 1],
                         os.environ.get('BODEGA_TEST_POSTGRES'))
        shutil.copytree(shop.data, self.data)
        return shop.store

    def start(self):
        """Returns once the server accepts connections. The port stays the same over restarts."""
        assert self.process is None, 'it is running'
        tries = 1 if self.port else 5
        for left in reversed(range(tries)):
            self.port = self.port or free_port()
            self.launch()
            try:
                self.wait_until_ready()
                return self
            except AssertionError:
                # Somebody else may have taken the port between our look and the server's bind.
                if not left or 'in use' not in self.log_tail():
                    raise
                self.port = None
        return self

    def launch(self):
        os.makedirs(self.folder, exist_ok=True)
        if os.path.exists(self.credentials_file):
            os.unlink(self.credentials_file)
        self.spawn('demo', '--data', self.data, '--listen', f'127.0.0.1:{self.port}', '--credentials',
                   self.credentials_file, *self.arguments)

    def spawn(self, *arguments):
        with open(self.log_file, 'ab') as log:
            self.process = subprocess.Popen([self.program, *arguments], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log)
        launched.add(self.process)

    def wait_until_ready(self):
        deadline = time.monotonic() + HANG_SECONDS
        while time.monotonic() < deadline:
            try:
                with open(self.credentials_file, encoding='utf-8') as file:
                    self.credentials = json.load(file)
                self.base_url = self.credentials['base_url']
                return
            except (FileNotFoundError, json.JSONDecodeError):
                pass
            if self.process.poll() is not None:
                status, self.process = self.process.returncode, None
                raise AssertionError(f'bodega demo ended with {status}:\n{self.log_tail()}')
            time.sleep(0.01)
        self.kill9()
        raise AssertionError(f'bodega demo wrote no credentials in {HANG_SECONDS} s:\n{self.log_tail()}')

    def log_tail(self):
        with open(self.log_file, encoding='utf-8', errors='replace') as file:
            return ''.join(file.readlines()[-60:])

    def stop(self):
        """SIGTERM; the server must end by itself, and well. Does nothing when it is not running."""
        if self.process is None:
            return
        process, self.process = self.process, None
        process.send_signal(signal.SIGCONT)  # a test may have frozen it
        process.terminate()
        try:
            status = process.wait(HANG_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f'bodega demo did not stop on SIGTERM:\n{self.log_tail()}') from None
        assert status == 0, f'bodega demo ended with {status}:\n{self.log_tail()}'

    def kill9(self):
        """As if the power went. On a PostgreSQL store of its own nobody else waits for the 15 seconds of its lease, so
        they are over at once."""
        process, self.process = self.process, None
        process.send_signal(signal.SIGKILL)
        process.wait()
        if self.own_store:
            # One that was killed before it had made its tables has no lease either.
            subprocess.run(['psql', '-qX', '-c', 'UPDATE nodes SET lease_until = 1', self.own_store],
                           capture_output=True, check=False)

    def restart(self):
        self.stop()
        return self.start()

    def command(self, *arguments):
        """Runs `bodega ARGUMENTS` and returns what it printed; it must succeed."""
        command = [self.program, *map(str, arguments)]
        run = subprocess.run(command, capture_output=True, text=True, timeout=HANG_SECONDS)
        assert run.returncode == 0, f'{command}: {run.returncode}\n{run.stdout}{run.stderr}'
        return run.stdout

    def control(self, method, path, body=None):
        """One request to the admin API, over the socket in the data folder. `body` is a tree or None."""
        connection = ControlConnection(os.path.join(self.data, 'control.sock'))
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            return Response(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()

    def sandbox(self, *arguments):
        return self.command('sandbox', '--data', self.data, *arguments)

    def advance(self, duration):
        """Moves the business clock, such as '25h'; timers that become due have been woken when it returns."""
        return self.sandbox('advance', duration)

    def verify(self):
        """Recomputes the books; fails if they do not agree."""
        return self.command('verify', '--data', self.data)

    def store_bytes(self):
        """All that the store says to whoever gets hold of its files, or of a dump: not the keys."""
        if not self.store:
            files = glob.glob(os.path.join(self.data, '*.db*'))
            return b''.join(pathlib.Path(path).read_bytes() for path in files)
        dump = subprocess.run(['pg_dump', self.store], check=True, capture_output=True).stdout
        # Bytes stand there in hexadecimal digits.
        blobs = re.findall(rb'\\x((?:[0-9a-f]{2})+)', dump)
        return dump + b'\n'.join(bytes.fromhex(digits.decode()) for digits in blobs)

    def count_rows(self, table):
        """How many rows a table of the store has; the server may be running."""
        sql = f'SELECT count(*) FROM {table}'
        if self.store:
            run = subprocess.run(['psql', '-qXAt', '-c', sql, self.store], check=True, capture_output=True, text=True)
            return int(run.stdout)
        with sqlite3.connect(f'file:{self.data}/store.db?mode=ro', uri=True) as store:
            return store.execute(sql).fetchone()[0]

    def request(self, method, path, headers=(), body=None):
        return exchange(self.base_url, method, path, headers, body)

    def change_partner(self, name, *options):
        """`bodega partner change` for one of the demo's partners."""
        partners = json.loads(self.command('partner', 'list', '--data', self.data, '--json'))
        found = next(partner['id'] for partner in partners if partner['name'] == name)
        self.command('partner', 'change', '--data', self.data, *options, found)

    def partner(self, dialect, name='main'):
        return self.credentials['partners'][name][dialect]

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, problem, trace):
        if kind and self.process:
            self.kill9()
        self.stop()
