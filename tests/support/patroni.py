"""tests/support/patroni.py: three PostgreSQL servers of which Debian's Patroni makes one the primary, on loopback.

Patroni agrees with itself by its own Raft, so nothing else has to run; operations.md says what to take in production.
"""
import glob
import json
import os
import shutil
import signal
import subprocess
import urllib.request

from demo import free_port
from dvs import eventually

OWNER = ('setpriv', '--reuid', 'postgres', '--regid', 'postgres', '--clear-groups', '--', 'env', 'LC_ALL=C.UTF-8')
NAMES = ('a', 'b', 'c')
SETTINGS = """
scope: bodega
name: {name}
restapi: {{listen: "127.0.0.1:{rest}", connect_address: "127.0.0.1:{rest}"}}
raft:
  data_dir: {folder}/raft-{name}
  self_addr: "127.0.0.1:{raft}"
  partner_addrs: [{partners}]
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 2
    retry_timeout: 5
    maximum_lag_on_failover: 1048576
    synchronous_mode: true
    synchronous_mode_strict: true
    postgresql:
      use_pg_rewind: true
      parameters:
        wal_log_hints: "on"
        shared_buffers: 32MB
        max_connections: 100
        dynamic_shared_memory_type: mmap
        unix_socket_directories: ""
  initdb: [encoding: UTF8, locale: C.UTF-8, no-sync, auth: trust]
  pg_hba: ["host all,replication all 127.0.0.1/32 trust"]
postgresql:
  listen: "127.0.0.1:{port}"
  connect_address: "127.0.0.1:{port}"
  bin_dir: {programs}
  data_dir: {folder}/data-{name}
  pgpass: {folder}/pgpass-{name}
  authentication:
    superuser: {{username: postgres}}
    replication: {{username: replicator}}
    rewind: {{username: postgres}}
"""


class Member:
    """One server and the Patroni that looks after it."""

    def __init__(self, name, folder):
        self.name = name
        self.folder = folder
        self.port, self.rest, self.raft = free_port(), free_port(), free_port()
        self.process = None

    def configure(self, others):
        partners = ', '.join(f'"127.0.0.1:{other.raft}"' for other in others)
        programs = os.path.dirname(sorted(glob.glob('/usr/lib/postgresql/*/bin/postgres'))[-1])
        with open(f'{self.folder}/{self.name}.yml', 'w', encoding='utf-8') as file:
            file.write(SETTINGS.format(name=self.name, folder=self.folder, port=self.port, rest=self.rest,
                                       raft=self.raft, partners=partners, programs=programs))

    def start(self):
        with open(f'{self.folder}/{self.name}.log', 'ab') as log:
            self.process = subprocess.Popen([*OWNER, '/usr/bin/patroni', f'{self.folder}/{self.name}.yml'], cwd='/',
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def keep_running(self, others):
        """Somebody else may have taken its port between our look and its bind; that of Raft is known to the others."""
        if self.process.poll() is not None:
            self.rest = free_port()
            self.configure(others)
            self.start()

    def kill9(self):
        """The host goes: Patroni and the server that it started, at one moment."""
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def view(self):
        """The cluster as this member sees it: its members by name."""
        try:
            with urllib.request.urlopen(f'http://127.0.0.1:{self.rest}/cluster', timeout=2) as answer:
                return {member['name']: member for member in json.load(answer)['members']}
        except OSError:
            return {}


class Patroni:
    def __init__(self):
        self.folder = f'/tmp/bodega-patroni-{os.getpid()}'
        os.makedirs(self.folder, mode=0o711)
        self.members = {name: Member(name, self.folder) for name in NAMES}
        for member in self.members.values():
            member.configure(self.others(member))
        shutil.chown(self.folder, 'postgres', 'postgres')
        for member in self.members.values():
            member.start()

    def others(self, member):
        return [other for other in self.members.values() if other is not member]

    def wait_until_whole(self):
        def is_whole():
            for member in self.members.values():
                member.keep_running(self.others(member))
            return self.roles(3) == ['leader', 'replica', 'sync_standby']

        eventually(is_whole)

    def view(self):
        return next((view for member in self.members.values() if member.process and (view := member.view())), {})

    def roles(self, count):
        """The roles of the members that run, once so many do."""
        running = [member for member in self.view().values() if member['state'] in ('running', 'streaming')]
        return sorted(member['role'] for member in running) if len(running) == count else []

    def leader(self):
        return next((self.members[name] for name, member in self.view().items() if member['role'] == 'leader'), None)

    def uri(self, database):
        return 'postgres://postgres@' + ','.join(f'127.0.0.1:{member.port}' for member in self.members.values()) + \
            f'/{database}'

    def sql(self, text, database='postgres'):
        run = subprocess.run(['psql', '-qXAt', '-v', 'ON_ERROR_STOP=1', '-c', text,
                              self.uri(database) + '?target_session_attrs=read-write'], check=True,
                             capture_output=True, text=True)
        return run.stdout.strip()

    def create_database(self, name):
        """On every member: of several hosts libpq asks no other one when the first knows no such database."""
        self.sql(f'CREATE DATABASE {name}')
        for member in self.members.values():
            look = ['psql', '-qXAt', '-c', 'SELECT 1', f'postgres://postgres@127.0.0.1:{member.port}/{name}']
            eventually(lambda look=look: subprocess.run(look, capture_output=True, check=False).returncode == 0)

    def close(self):
        for member in self.members.values():
            member.kill9()
        shutil.rmtree(self.folder)
