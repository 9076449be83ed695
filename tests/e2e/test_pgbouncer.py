"""tests/e2e/test_pgbouncer.py: Debian's pgbouncer before the database: session mode works; transaction mode does not,
and says so before anything is sold."""
import os
import subprocess
import urllib.parse

import pytest
from cluster import OWNER
from demo import Demo, free_port, new_store
from dvs import eventually
from shop import bodega, buy

PGBOUNCER = '/usr/sbin/pgbouncer'


class Pooler:
    def __init__(self, server, mode):
        self.folder = subprocess.run(['mktemp', '-d', '/tmp/bodega-pgbouncer-XXXXXX'], check=True, capture_output=True,
                                     text=True).stdout.strip()
        self.port = free_port()
        target = urllib.parse.urlsplit(server)
        config = os.path.join(self.folder, 'pgbouncer.ini')
        with open(config, 'w', encoding='utf-8') as file:
            file.write(f'[databases]\n* = host={target.hostname} port={target.port} user=postgres\n[pgbouncer]\n'
                       f'listen_addr = 127.0.0.1\nlisten_port = {self.port}\nauth_type = any\nunix_socket_dir =\n'
                       f'pool_mode = {mode}\n')
        os.chmod(self.folder, 0o755)
        # It refuses root as the server does.
        self.process = subprocess.Popen([*(OWNER if os.geteuid() == 0 else ()), PGBOUNCER, '-q', config], cwd='/',
                                        stderr=subprocess.DEVNULL)

    def uri(self, database_uri):
        """The same database, through the pooler, once it answers."""
        name = database_uri.rpartition('/')[2]
        uri = f'postgres://postgres@127.0.0.1:{self.port}/{name}'
        eventually(lambda: subprocess.run(['psql', '-qXAt', '-c', 'SELECT 1', uri], capture_output=True,
                                          check=False).returncode == 0)
        return uri

    def close(self):
        self.process.terminate()
        self.process.wait()
        subprocess.run(['rm', '-r', self.folder], check=True)


@pytest.fixture
def pooler(postgres):
    started = []

    def start(mode):
        started.append(Pooler(postgres, mode))
        return started[0]

    yield start
    for one in started:
        one.close()


@pytest.mark.own_postgres
def test_session_mode_works(pooler, postgres, tmp_path):
    with Demo(tmp_path, '--time-scale', 1000, '--store', pooler('session').uri(new_store(postgres))) as demo:
        for number in range(20):
            buy(demo, f'through-{number}')
        demo.kill9()
        demo.start()
        buy(demo, 'after')
        demo.verify()


@pytest.mark.own_postgres
def test_transaction_mode_is_refused_at_the_start(pooler, postgres, tmp_path):
    """Statements are prepared once a connection, under names; here the next transaction may be on another one."""
    uri = pooler('transaction').uri(new_store(postgres))
    _, err = bodega('demo', '--data', tmp_path / 'x', '--listen', '127.0.0.1:0', '--products', 200, '--store', uri,
                    code=3)
    assert 'prepared statement' in err and 'the store does not work' in err
