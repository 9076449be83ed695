"""tests/support/kannel.py: Debian's Kannel (bearerbox, smsbox) with its fake SMSC, on free ports."""
import os
import socket
import subprocess
import time

from demo import HANG_SECONDS, free_port

FAKE_SMSC = '/usr/lib/kannel/test/fakesmsc'
USER, PASSWORD = 'shop', 'gateway secret'

CONFIG = """
group = core
admin-port = {admin}
admin-password = admin
admin-interface = 127.0.0.1
smsbox-port = {smsbox}
box-allow-ip = 127.0.0.1
log-level = 2

group = smsc
smsc = fake
smsc-id = fake
host = 127.0.0.1
port = {smsc}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
global-sender = 13013
log-level = 2

group = sendsms-user
username = {user}
password = {password}
concatenation = true
max-messages = 4
"""


class Kannel:
    def __init__(self, folder):
        self.folder = str(folder)
        self.ports = {name: free_port() for name in ('admin', 'smsbox', 'smsc', 'sendsms')}
        self.url = f'http://127.0.0.1:{self.ports["sendsms"]}/cgi-bin/sendsms'
        self.log = os.path.join(self.folder, 'smsc.log')
        self.processes = []
        self.config = os.path.join(self.folder, 'kannel.conf')
        with open(self.config, 'w', encoding='utf-8') as file:
            file.write(CONFIG.format(user=USER, password=PASSWORD, **self.ports))

    def start(self):
        self.launch('bearerbox', '/usr/sbin/bearerbox', self.config)
        self.await_port('smsbox')
        self.await_port('smsc')
        self.launch('smsc', FAKE_SMSC, '-r', str(self.ports['smsc']), '-i', '9999', '1 2 text nop')
        self.launch('smsbox', '/usr/sbin/smsbox', self.config)
        self.await_port('sendsms')
        return self

    def launch(self, name, *command):
        with open(os.path.join(self.folder, f'{name}.log'), 'wb') as log:
            self.processes.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                   cwd=self.folder))

    def await_port(self, name):
        deadline = time.monotonic() + HANG_SECONDS
        while True:
            try:
                socket.create_connection(('127.0.0.1', self.ports[name])).close()
                return
            except ConnectionRefusedError:
                assert time.monotonic() < deadline, f'kannel does not listen: {name}'
                time.sleep(0.05)

    def wait_for(self, text):
        """The line of the fake network's log with that text in it."""
        deadline = time.monotonic() + HANG_SECONDS
        while True:
            with open(self.log, encoding='utf-8', errors='replace') as file:
                found = [line for line in file if text in line]
            if found:
                return found[0]
            assert time.monotonic() < deadline, f'no SMS with {text!r}'
            time.sleep(0.05)

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes = []
