"""tests/support/nodes.py: several `bodega serve` on one PostgreSQL database; a server for it that may be halted."""
import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from demo import ROOT, close_all, free_port
from serve import Serve

SCRIPT = os.path.join(ROOT, 'tests', 'support', 'postgres')
LOOPBACK = 'allow_private_targets = yes'


class Postgres:
    """A server of one's own."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix='bodega-postgres-', dir='/tmp')
        # However the run ends: stopped twice it is stopped.
        atexit.register(self.run, 'stop')
        self.uri = self.run('start')
        self.databases = 0

    def run(self, command):
        run = subprocess.run([SCRIPT, command, self.folder], check=True, capture_output=True, text=True)
        return run.stdout.strip()

    def sql(self, text, uri=None):
        run = subprocess.run(['psql', '-qXAt', '-v', 'ON_ERROR_STOP=1', '-c', text, uri or self.uri], check=True,
                             capture_output=True, text=True)
        return run.stdout.strip()

    def database(self):
        """The uri of a new database."""
        self.databases += 1
        name = f'shop_{os.getpid()}_{self.databases}_{time.monotonic_ns()}'
        self.sql(f'CREATE DATABASE {name}')
        return f'{self.uri.rpartition("/")[0]}/{name}'


class Pgbouncer:
    """Debian's pgbouncer in session mode, between nodes and a server."""

    def __init__(self, folder, postgres):
        self.port = free_port()
        host = postgres.uri.rpartition('@')[2].partition('/')[0]
        path = os.path.join(tempfile.mkdtemp(prefix='bodega-pgbouncer-', dir='/tmp'), 'pgbouncer.ini')
        self.log = open(os.path.join(folder, 'pgbouncer.log'), 'ab')
        with open(path, 'w', encoding='utf-8') as file:
            file.write('[databases]\n'
                       f'* = host={host.partition(":")[0]} port={host.partition(":")[2]} user=postgres\n'
                       '[pgbouncer]\n'
                       f'listen_addr = 127.0.0.1\nlisten_port = {self.port}\nunix_socket_dir =\n'
                       'auth_type = any\npool_mode = session\ndefault_pool_size = 40\n')
        os.chmod(os.path.dirname(path), 0o755)
        # It refuses to run as root.
        user = ['setpriv', '--reuid', 'postgres', '--regid', 'postgres', '--clear-groups'] if os.getuid() == 0 else []
        self.process = subprocess.Popen([*user, '/usr/sbin/pgbouncer', path], stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log)
        self.folder = os.path.dirname(path)

    def uri(self, database):
        return f'postgres://postgres@127.0.0.1:{self.port}/{database.rpartition("/")[2]}'

    def is_there(self):
        with socket.socket() as probe:
            return probe.connect_ex(('127.0.0.1', self.port)) == 0

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder)


class Nodes:
    """`count` nodes, not started, and what one can do to their store. `sharded`: partners belong to nodes, which hand
    requests on to one another."""

    def __init__(self, folder, postgres, count=2, store=None, suppliers=None, sharded=False):
        self.postgres = postgres
        self.store = store or postgres.database()
        self.shard_ports = [free_port() for _ in range(count)]
        settings = [[LOOPBACK, *([f'shard_listen = 127.0.0.1:{port}'] if sharded else [])] for port in self.shard_ports]
        self.all = [Serve(folder / 'node0', settings[0], suppliers, store=self.store)]
        for i in range(1, count):
            self.all.append(Serve(folder / f'node{i}', settings[i], suppliers, beside=self.all[0]))

    def start(self):
        for node in self.all:
            node.start()
        return self

    def sql(self, text):
        return self.postgres.sql(text, self.store)

    def slot(self, node):
        """The slot of a node that was started as the n-th."""
        return self.all.index(node)

    def let_lease_run_out(self, node):
        """As if the 15 seconds were over that a node is waited for; it must not be able to renew its lease."""
        self.sql(f'UPDATE nodes SET lease_until = 1 WHERE slot = {self.slot(node)}')

    @staticmethod
    def freeze(node):
        node.process.send_signal(signal.SIGSTOP)

    @staticmethod
    def thaw(node):
        node.process.send_signal(signal.SIGCONT)

    def verify(self):
        """Recomputes the books; fails if they do not agree. The nodes may be running."""
        return self.all[0].verify()

    def close(self):
        close_all(*(node.stop for node in self.all))
