"""tests/support/cluster.py: PostgreSQL on several hosts: a primary and standbys, each commit on at least one of them.

What Patroni does in production is done here by hand, so that a test says when: promote the standby that is furthest,
turn the others to it, make a new standby of what was the primary. The servers run as the user postgres: they refuse
root.
"""
import glob
import os
import shutil
import signal
import subprocess
import time

from demo import HANG_SECONDS
from dvs import eventually

PORT = 5432
# The server refuses to run as root.
OWNER = ('setpriv', '--reuid', 'postgres', '--regid', 'postgres', '--clear-groups', '--', 'env', 'LC_ALL=C.UTF-8')
SETTINGS = """
listen_addresses = '*'
unix_socket_directories = ''
shared_buffers = 32MB
max_connections = 100
dynamic_shared_memory_type = mmap
wal_level = replica
hot_standby = on
wal_keep_size = 512MB
wal_receiver_timeout = 5s
wal_sender_timeout = 5s
wal_retrieve_retry_interval = 200ms
"""


def program(name):
    return sorted(glob.glob(f'/usr/lib/postgresql/*/bin/{name}'))[-1]


class Server:
    """One PostgreSQL on one host."""

    def __init__(self, host, folder):
        self.host = host
        self.folder = str(folder)
        self.data = os.path.join(self.folder, 'data')
        self.log = os.path.join(self.folder, 'log')
        self.process = None
        os.makedirs(self.folder)
        shutil.chown(self.folder, 'postgres', 'postgres')

    def tool(self, name, *words):
        return self.host.run(*OWNER, program(name), *words)

    def init(self):
        self.tool('initdb', '-D', self.data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale', 'C.UTF-8',
                  '--no-sync', '--no-instructions')
        self.append('postgresql.conf', SETTINGS)
        self.append('pg_hba.conf', 'host all,replication all 10.0.0.0/8 trust\n')

    def append(self, name, text):
        with open(os.path.join(self.data, name), 'a', encoding='utf-8') as file:
            file.write(text)

    def copy_of(self, primary):
        """A new standby of the server that writes, with nothing of what was here."""
        shutil.rmtree(self.data, ignore_errors=True)
        self.tool('pg_basebackup', '-D', self.data, '-d', primary.conninfo(self.host.name), '-R', '-X', 'stream', '-c',
                  'fast', '--no-sync')

    def conninfo(self, name):
        return f'host={self.host.back} port={PORT} user=postgres application_name={name}'

    def start(self):
        self.process = self.host.start(*OWNER, program('postgres'), '-D', self.data, log=self.log,
                                       start_new_session=True)

    def is_up(self):
        assert self.process.poll() is None, f'{self.host.name} ended: {open(self.log, encoding="utf-8").read()[-3000:]}'
        return subprocess.run(self.host.command(program('pg_isready'), '-q', '-h', self.host.back),
                              timeout=HANG_SECONDS, check=False).returncode == 0

    def kill9(self):
        """The postmaster and all that it has started, at one moment."""
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def ask(self, sql, database='postgres'):
        return self.host.run('psql', '-qXAt', '-v', 'ON_ERROR_STOP=1', '-h', self.host.back, '-U', 'postgres', '-d',
                             database, '-c', sql).strip()

    def follow(self, primary):
        self.ask(f"ALTER SYSTEM SET primary_conninfo = '{primary.conninfo(self.host.name)}'")
        self.ask('SELECT pg_reload_conf()')

    def position(self):
        """How far what it has received reaches, in bytes."""
        return int(self.ask("SELECT pg_wal_lsn_diff(greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), "
                            "'0/0')::bigint"))


class Cluster:
    """A primary and its standbys. `.primary` is the server that writes."""

    def __init__(self, hosts, folder):
        self.servers = [Server(host, os.path.join(folder, host.name)) for host in hosts]
        self.primary = self.servers[0]
        names = ', '.join(host.name for host in hosts)
        self.primary.init()
        self.primary.start()
        eventually(self.primary.is_up)
        self.primary.ask('CREATE DATABASE bodega')
        # From now on a commit waits until a standby is there to confirm it.
        self.primary.append('postgresql.conf', f"synchronous_standby_names = 'ANY 1 ({names})'\n")
        self.primary.ask('SELECT pg_reload_conf()')
        for server in self.standbys():
            server.copy_of(self.primary)
            server.start()
        self.wait_for_standbys()

    def uri(self):
        hosts = ','.join(f'{server.host.back}:{PORT}' for server in self.servers)
        return f'postgres://postgres@{hosts}/bodega'

    def standbys(self):
        return [server for server in self.servers if server is not self.primary]

    def streaming(self):
        return int(self.primary.ask("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' "
                                    "AND sync_state = 'quorum'"))

    def wait_for_standbys(self):
        eventually(lambda: all(server.is_up() for server in self.standbys()))
        eventually(lambda: self.streaming() == len(self.standbys()))

    def fail_over(self):
        """kill -9 of the primary. The standby that has received most becomes it, so that nothing that was confirmed is
        lost; the other one follows. Returns the old primary, which is down."""
        old = self.primary
        old.kill9()
        # What is on its way to the standbys' own disks has arrived once it does not move any more.
        settled = {server: server.position() for server in self.standbys()}
        while (now := {server: server.position() for server in self.standbys()}) != settled:
            settled = now
            time.sleep(0.01)
        self.primary = max(settled, key=settled.get)
        others = [server for server in settled if server is not self.primary]
        self.primary.ask('SELECT pg_promote()')
        for server in others:
            server.follow(self.primary)
        return old

    def take_back(self, server):
        """What was the primary comes back as a standby."""
        server.copy_of(self.primary)
        server.start()
        self.wait_for_standbys()

    def ask(self, sql):
        return self.primary.ask(sql, 'bodega')

    def close(self):
        for server in self.servers:
            server.kill9()
