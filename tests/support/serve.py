"""tests/support/serve.py: a `bodega serve` of one's own: a store made by `bodega init`, settings, suppliers, partners.

The store is a sandbox's, so that its clock can be moved; its partners are live, so that their orders reach suppliers.
"""
import json
import os
import shutil
import socket
import time

from demo import HANG_SECONDS, Demo

# What is public and what is secret of a dialect's credentials, as the demo's file calls them.
CREDENTIAL_NAMES = {'dvs': ('key', 'secret'), 'mobimatter': ('merchant_id', 'api_key'),
                    'payvessel': ('api_key', 'api_secret'), 's2s': ('token', 'secret'),
                    'mobip': ('account_id', 'secret_key')}


class Serve(Demo):
    """A server without anything in it. `settings` are lines of [server], `suppliers` {name: {setting: value}}.

    `store` is the uri of a PostgreSQL; without it the server is on the engine of the run.
    With `beside`, another such server on PostgreSQL, it is a second node on the same store."""

    def __init__(self, folder, settings=(), suppliers=None, kind='sandbox', store=None, beside=None):
        given = store or (beside and beside.store)
        super().__init__(folder, *(['--store', given] if given else []), made=False)
        self.settings = list(settings)
        self.suppliers = suppliers or {}
        self.config_file = os.path.join(self.folder, 'bodega.ini')
        self.credentials = {'partners': {}}
        os.makedirs(self.folder, exist_ok=True)
        if beside:
            self.join(beside)
            return
        self.store = self.store or store
        said = self.command('init', '--data', self.data, '--email', 'ops@example.com',
                            *(['--sandbox'] if kind == 'sandbox' else []),
                            *(['--store', self.store] if self.store else []))
        self.operator = dict(line.split(': ', 1) for line in said.splitlines())

    def join(self, other):
        """The same store, master key and partners; a data folder, and so a control socket, of its own."""
        os.makedirs(self.data, mode=0o700)
        shutil.copy(os.path.join(other.data, 'master.key'), self.data)
        self.store = other.store
        self.credentials = other.credentials

    def write_config(self):
        lines = ['[server]', f'data = {self.data}', f'listen = 127.0.0.1:{self.port}', *self.settings]
        for name, settings in self.suppliers.items():
            lines += [f'[supplier {name}]', *(f'{key} = {value}' for key, value in settings.items())]
        if self.store:
            lines += ['[server]', f'store = {self.store}']
        with open(self.config_file, 'w', encoding='utf-8') as file:
            file.write('\n'.join(lines) + '\n')

    def launch(self):
        self.write_config()
        self.spawn('serve', '--config', self.config_file)

    def wait_until_ready(self):
        deadline = time.monotonic() + HANG_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                status, self.process = self.process.returncode, None
                raise AssertionError(f'bodega serve ended with {status}:\n{self.log_tail()}')
            try:
                socket.create_connection(('127.0.0.1', self.port)).close()
            except ConnectionRefusedError:
                time.sleep(0.01)
                continue
            self.base_url = f'http://127.0.0.1:{self.port}'
            return
        self.kill9()
        raise AssertionError(f'bodega serve does not listen:\n{self.log_tail()}')

    def add_partner(self, name, money='1000', currency='USD', sandbox='no', dialects=('dvs',)):
        """A partner with a wallet and credentials."""
        def bodega(*words):
            return json.loads(self.command(*words, '--data', self.data, '--json'))

        partner = bodega('partner', 'create', name, '--currency', currency, '--sandbox', sandbox)['id']
        bodega('wallet', 'open', partner, currency)
        bodega('wallet', 'top-up', partner, currency, money)
        self.credentials['partners'][name] = {}
        for dialect in dialects:
            issued = bodega('credential', 'issue', partner, dialect)
            public, secret = CREDENTIAL_NAMES[dialect]
            self.credentials['partners'][name][dialect] = {public: issued['public_id'], secret: issued['secret']}

    def import_catalog(self, lines):
        path = os.path.join(self.folder, 'catalog.jsonl')
        with open(path, 'w', encoding='utf-8') as file:
            file.writelines(json.dumps(line) + '\n' for line in lines)
        return self.command('catalog', 'import', path, '--data', self.data)


def supplier_dvs(folder, name, base_url, credentials):
    """The settings of a supplier who speaks DVS; the secret goes into a file of its own."""
    path = os.path.join(folder, f'{name}.secret')
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w', encoding='utf-8') as file:
        file.write(credentials['secret'] + '\n')
    return {'driver': 'dvs', 'url': base_url, 'key': credentials['key'], 'secret_file': path}


