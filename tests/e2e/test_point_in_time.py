"""tests/e2e/test_point_in_time.py: backup and point-in-time restore on PostgreSQL, as docs/operations.md has them:
a base backup and archived log, a mistake, a restore to the moment before it, clean books."""
import os
import shutil
import subprocess

import pytest
from cluster import OWNER, program
from demo import HANG_SECONDS, ROOT, Demo
from dvs import Dvs, eventually, is_final
from shop import bodega, buy

POSTGRES = os.path.join(ROOT, 'tests', 'support', 'postgres')


def as_owner(*words):
    owner = OWNER if os.geteuid() == 0 else ()
    run = subprocess.run([*owner, *map(str, words)], capture_output=True, text=True, timeout=HANG_SECONDS, cwd='/')
    assert run.returncode == 0, f'{words}: {run.stdout}{run.stderr}'
    return run.stdout


def ask(uri, sql):
    return subprocess.run(['psql', '-qXAt', '-v', 'ON_ERROR_STOP=1', '-c', sql, uri], check=True, capture_output=True,
                          text=True).stdout.strip()


class Archived:
    """A server that archives its log into a folder beside its data."""

    def __init__(self):
        self.folder = subprocess.run([POSTGRES, 'folder'], check=True, capture_output=True, text=True).stdout.strip()
        self.archive, self.base = f'{self.folder}/archive', f'{self.folder}/base'
        self.uri = subprocess.run([POSTGRES, 'start', self.folder], check=True, capture_output=True,
                                  text=True).stdout.strip()
        self.port = int(open(f'{self.folder}/port', encoding='ascii').read())
        as_owner('mkdir', self.archive)
        with open(f'{self.folder}/data/postgresql.conf', 'a', encoding='utf-8') as file:
            file.write('archive_mode = on\n'
                       f"archive_command = 'test ! -f {self.archive}/%f && cp %p {self.archive}/%f.part && "
                       f"sync {self.archive}/%f.part && mv {self.archive}/%f.part {self.archive}/%f'\n")
        subprocess.run([POSTGRES, 'restart', self.folder], check=True)
        self.server = self.uri
        self.uri = f'{self.uri.rpartition("/")[0]}/bodega'
        ask(self.server, 'CREATE DATABASE bodega')

    def back_up(self):
        as_owner(program('pg_basebackup'), '-D', self.base, '-d', self.server, '-X', 'none', '-c', 'fast', '--no-sync')

    def archive_all(self):
        """What has been written by now is in the archive when this returns."""
        name = ask(self.server, 'SELECT pg_walfile_name(pg_switch_wal())')
        eventually(lambda: os.path.exists(f'{self.archive}/{name}'))

    def lose(self):
        """The server, its disk and all."""
        as_owner(program('pg_ctl'), '-D', f'{self.folder}/data', '-m', 'immediate', '-w', 'stop')
        shutil.rmtree(f'{self.folder}/data')

    def restore(self, moment):
        """A server from the base backup, as of that moment, under the same uri."""
        os.rename(self.base, f'{self.folder}/data')
        with open(f'{self.folder}/data/postgresql.conf', 'a', encoding='utf-8') as file:
            file.write(f"restore_command = 'cp {self.archive}/%f %p'\nrecovery_target_time = '{moment}'\n"
                       'recovery_target_action = promote\narchive_mode = off\n')
        as_owner('touch', f'{self.folder}/data/recovery.signal')
        as_owner(program('pg_ctl'), '-D', f'{self.folder}/data', '-l', f'{self.folder}/log', '-w', '-t', HANG_SECONDS,
                 'start')
        eventually(lambda: ask(self.server, 'SELECT pg_is_in_recovery()') == 'f')

    def close(self):
        subprocess.run([POSTGRES, 'stop', self.folder], check=True)


@pytest.fixture
def archived():
    server = Archived()
    yield server
    server.close()


@pytest.mark.own_postgres
def test_back_to_the_moment_before_the_mistake(archived, tmp_path):
    demo = Demo(tmp_path, '--time-scale', 1000, '--store', archived.uri)
    demo.start()
    client = Dvs(demo)
    buy(demo, 'before the backup')
    archived.back_up()
    kept = [buy(demo, f'after the backup {number}')['id'] for number in range(20)]
    eventually(lambda: all(map(is_final, client.list())))
    balance = client.balance('USD')
    moment = ask(archived.server, 'SELECT clock_timestamp()')
    # The mistake: somebody sells on, and then the disk is gone.
    for number in range(20):
        buy(demo, f'too late {number}')
    ask(archived.uri, 'DELETE FROM ledger')
    archived.archive_all()
    demo.stop()
    archived.lose()
    archived.restore(moment)
    assert ' 21 orders' in bodega('verify', '--data', demo.data)[0]
    demo.start()
    client = Dvs(demo)
    assert client.balance('USD') == balance
    assert {order['id'] for order in client.list()} >= set(kept) and not client.find('too late 0')
    # And it sells on, under ids of its own.
    buy(demo, 'after the restore')
    demo.verify()
    demo.stop()
