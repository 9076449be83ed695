"""tests/e2e/test_mail_security.py: how mail reaches its server: TLS from the first byte, STARTTLS, in the clear, with
and without a login; and whom it is not given to: a server whose certificate nobody vouches for, that does not know the
password, or that has no TLS where TLS was asked for."""
import os
import re
import ssl

import mail_server
import pytest
from demo import Demo
from dvs import eventually
from mail_server import MailServer
from mobimatter import GLOBAL_5, Mobimatter

ADDRESS = 'ada@example.com'


class World:
    """A demo that sends through the server by these settings, and one mail that it was asked for."""

    def __init__(self, folder, server, security, **more):
        self.server = server
        told = {'host': '127.0.0.1', 'port': server.port, 'security': security, 'from': 'shop@example.com', **more}
        path = os.path.join(folder, 'messages.ini')
        with open(path, 'w', encoding='utf-8') as file:
            file.write('\n'.join(['[mail]', *(f'{name} = {value}' for name, value in told.items())]) + '\n')
        self.demo = Demo(folder, '--messages', path).start()
        shop = Mobimatter(self.demo)
        shop.call('POST', '/email', {'orderId': shop.buy(GLOBAL_5)['orderId'], 'customer': {'email': ADDRESS}})

    def tried_in_vain(self, error):
        """It waits for the next try, and nothing of it has left."""
        said = eventually(lambda: re.search(r'medium=mail try=1 status=\d+ error=(\w+)', self.demo.log_tail()))
        assert said[1] == error
        assert self.server.mails == []


@pytest.fixture
def make_world(tmp_path):
    made = []

    def make(offered, asked=None, login=True, trusted=True, **more):
        server = MailServer(str(tmp_path), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), offered, login)
        made.append(server)
        if login:
            more = {'user': mail_server.USER, 'password': mail_server.PASSWORD, **more}
        if trusted:
            more = {'ca_file': server.certificate, **more}
        made.append(World(str(tmp_path), server, asked or offered, **more))
        return made[-1]

    yield make
    for thing in made[::-1]:
        (thing.demo if isinstance(thing, World) else thing).stop()


@pytest.mark.parametrize('security,login', [('tls', True), ('tls', False), ('starttls', False), ('none', True),
                                            ('none', False)])
def test_it_arrives(make_world, security, login):
    [mail] = make_world(security, login=login).server.wait_for(1)
    assert mail.recipients == [ADDRESS] and mail['Subject'].startswith('Your eSIM is ready')


@pytest.mark.parametrize('security', ['tls', 'starttls'])
def test_a_certificate_of_nobody_we_know(make_world, security):
    make_world(security, trusted=False).tried_in_vain('certificate')


def test_a_wrong_password(make_world):
    world = make_world('tls', password='guessed')
    world.tried_in_vain('login')
    assert 'guessed' not in world.demo.log_tail()


def test_no_tls_where_it_was_asked_for(make_world):
    """Neither the password nor the mail goes over the line in the clear."""
    make_world('none', asked='starttls').tried_in_vain('tls')
