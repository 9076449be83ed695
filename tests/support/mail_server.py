"""tests/support/mail_server.py: a mail server on loopback, with STARTTLS and a login unless it is told otherwise,
that can stall and refuse."""
import email
import email.policy
import os
import subprocess
import threading
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from demo import free_port

HANG_SECONDS = 60
USER, PASSWORD = 'shop', 'top secret'


def make_certificate(folder):
    """A certificate for 127.0.0.1 that signs itself: (certificate, key)."""
    certificate, key = os.path.join(folder, 'mail.crt'), os.path.join(folder, 'mail.key')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key,
                    '-out', certificate, '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'],
                   check=True, capture_output=True)
    return certificate, key


class Listener(Controller):
    """Knows its connections, so that they end with it."""

    def factory(self):
        self.connections = getattr(self, 'connections', [])
        self.connections.append(super().factory())
        return self.connections[-1]

    def close_connections(self):
        for connection in getattr(self, 'connections', []):
            if connection.transport:
                connection.transport.abort()


class MailServer:
    """`port` stays the same over stop() and start(). Every mail that was given whole is in `mails`, also one whose
    answer is held back or that is refused."""

    def __init__(self, folder, context, security='starttls', login=True):
        """`security` is that of the settings: none, starttls, or tls from the first byte."""
        self.security, self.login = security, login
        self.certificate, self.key = make_certificate(folder)
        context.load_cert_chain(self.certificate, self.key)
        self.context = context
        self.changed = threading.Condition()
        self.mails = []
        self.answers = []
        self.controller = None
        self.port = 0
        self.start()

    def start(self):
        tls = {'starttls': {'tls_context': self.context, 'require_starttls': True},
               'tls': {'ssl_context': self.context, 'auth_require_tls': False}, 'none': {'auth_require_tls': False}}
        login = {'auth_required': True, 'authenticator': self.authenticate} if self.login else {}
        self.controller = Listener(self, hostname='127.0.0.1', port=self.port or free_port(), timeout=HANG_SECONDS,
                                   **tls[self.security], **login)
        self.controller.start()
        self.port = self.controller.port

    def stop(self):
        if self.controller:
            closed = threading.Event()
            self.controller.loop.call_soon_threadsafe(lambda: (self.controller.close_connections(), closed.set()))
            closed.wait(HANG_SECONDS)
            self.controller.stop()
            self.controller = None

    def authenticate(self, _server, _session, _envelope, _mechanism, data):
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=False)

    async def handle_DATA(self, _server, session, envelope):
        assert session.ssl or self.security != 'starttls', 'a mail without TLS'
        with self.changed:
            self.mails.append(Mail(envelope))
            answer = self.answers.pop(0) if self.answers else '250 OK'
            self.changed.notify_all()
        if callable(answer):
            answer = await answer()
        return answer

    def answer_with(self, *answers):
        """What the next mails get: a line, or something to await that gives one."""
        with self.changed:
            self.answers.extend(answers)

    def wait_for(self, count):
        """The first `count` mails; fails if they do not arrive."""
        deadline = time.monotonic() + HANG_SECONDS
        with self.changed:
            while len(self.mails) < count:
                left = deadline - time.monotonic()
                assert left > 0, f'{len(self.mails)} of {count} mails arrived'
                self.changed.wait(left)
            return self.mails[:count]


class Mail:
    """The envelope, and the message as Python's parser reads it: no defect is let through."""

    def __init__(self, envelope):
        self.sender, self.recipients, self.bytes = envelope.mail_from, envelope.rcpt_tos, envelope.content
        self.message = parse(envelope.content)

    def __getitem__(self, name):
        return self.message[name]

    def part(self, kind):
        return part_of(self.message, kind)


def parse(content):
    message = email.message_from_bytes(content, policy=email.policy.default.clone(raise_on_defect=True))
    for part in message.walk():
        assert not part.defects, part.defects
    return message


def part_of(message, kind):
    [found] = [part for part in message.walk() if part.get_content_type() == kind]
    return found.get_content()
