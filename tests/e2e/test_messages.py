"""tests/e2e/test_messages.py: mail through a real SMTP server with STARTTLS and a login, SMS through a gateway: what
arrives, what is refused, what a crash in mid-send leaves, and what the operator sees."""
import asyncio
import glob
import json
import os
import re
import ssl
import subprocess
import threading
import urllib.parse

import kannel
import mail_server
import pytest
import transcript
from demo import Demo, binary
from dvs import eventually
from mail_server import MailServer
from merchant import Merchant
from webhook import Receiver

ESIM = '9f0d2dcb-31d7-46d0-846d-bb68aa710e7e'
WITH_CHECK = '0b8a1f9e-6f7c-4a7e-9a53-2c1d7be0a4d1'
TOP_UP = '5d7a3c52-9f3d-4c0c-8d5c-1f5b5d6d8a03'
API = '/mobimatter/api/v2'


def settings(server, gateway, user='gate', password='way'):
    """The sections of a configuration; the secrets stand in files."""
    return f"""[mail]
host = 127.0.0.1
port = {server.port}
security = starttls
user = {mail_server.USER}
password_file = {{folder}}/mail.password
ca_file = {server.certificate}
from = shop@example.com
from_name = Läden & Co
[sms]
url = {gateway}
user = {user}
password = {password}
sender = Bodega
[messages]
quiet_hours = 00:00-00:00
"""


def start(folder, text):
    folder = str(folder)
    with open(os.path.join(folder, 'mail.password'), 'w', encoding='utf-8') as file:
        file.write(mail_server.PASSWORD + '\n')
    path = os.path.join(folder, 'messages.ini')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text.format(folder=folder))
    return Demo(folder, '--messages', path).start()


class Shop:
    """A merchant of the MobiMatter API."""

    def __init__(self, demo):
        self.demo = demo
        self.headers = transcript.sign_in_mobimatter(demo.credentials['partners']['main']['mobimatter'], '', '', '')

    def call(self, method, path, body=None, status=200):
        answer = self.demo.request(method, API + path, self.headers, None if body is None else json.dumps(body))
        assert answer.status == status, answer
        return answer.json().get('result')

    def buy(self, product=ESIM, **more):
        order = self.call('POST', '/order', {'productId': product, **more})['orderId']
        item = self.call('PUT', '/order/complete', {'orderId': order})['orderLineItem']
        return order, {detail['name']: detail['value'] for detail in item['lineItemDetails']}

    def mail(self, order, to='ada@example.com', **customer):
        return self.call('POST', '/email', {'orderId': order, 'customer': {'email': to, **customer}})

    def id_of(self, order):
        found = json.loads(self.demo.command('order', 'find', '--data', self.demo.data, '--json', '--partner', 1,
                                             '--dialect', 'mobimatter', '--reference', order))
        return found['id']

    def messages(self, order):
        shown = json.loads(self.demo.command('order', 'show', '--data', self.demo.data, '--json', self.id_of(order)))
        return [(m['medium'], m['kind'], m['state']) for m in shown['messages']]

    def await_messages(self, order, expected):
        eventually(lambda: self.messages(order) == expected)


def tasks(demo):
    shown = json.loads(demo.command('task', 'list', '--data', demo.data, '--json'))
    return [task['detail'] for task in shown if task['kind'] == 'message']


def decoded(png, folder):
    path = os.path.join(str(folder), 'qr.png')
    with open(path, 'wb') as file:
        file.write(png)
    return subprocess.run(['zbarimg', '--quiet', '--raw', path], capture_output=True, text=True,
                          check=True).stdout.strip()


class World:
    """A demo with a mail server and a gateway that says what it is told to."""

    def __init__(self, folder):
        self.folder = folder
        self.server = MailServer(str(folder), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
        self.gateway = Receiver()
        self.demo = start(folder, settings(self.server, f'{self.gateway.url}/cgi-bin/sendsms'))
        self.shop = Shop(self.demo)

    def close(self):
        if self.demo.process:
            self.demo.verify()
            self.demo.stop()
        self.server.stop()
        self.gateway.close()

    def mails_to(self, address, count):
        """The mails for one customer, once there are so many."""
        def found():
            with self.server.changed:
                return [mail for mail in self.server.mails if mail.recipients == [address]]
        eventually(lambda: len(found()) >= count)
        mails = found()
        assert len(mails) == count
        return mails


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    world = World(tmp_path_factory.mktemp('messages'))
    yield world
    world.close()


def test_an_esim_arrives_as_a_mail(world, tmp_path):
    order, details = world.shop.buy()
    world.shop.mail(order, 'lea@example.com', name='Léa "Q" <b>')
    [mail] = world.mails_to('lea@example.com', 1)
    assert mail.sender == 'shop@example.com'
    assert mail['From'] == 'Läden & Co <shop@example.com>'
    assert mail['To'].addresses[0].display_name == 'Léa "Q" <b>'
    assert mail['Subject'] == 'Your eSIM is ready: Global 5 GB'
    assert re.fullmatch(r'<[0-9a-f-]{36}@example\.com>', mail['Message-ID'])
    assert mail['Date'].datetime is not None
    assert mail['Auto-Submitted'] == 'auto-generated'
    text, html = mail.part('text/plain'), mail.part('text/html')
    for value in ('ICCID', 'SMDP_ADDRESS', 'ACTIVATION_CODE'):
        assert details[value] in text and details[value] in html
    assert order in text and world.demo.base_url + '/e/' in text and world.demo.base_url + '/e/' in html
    assert decoded(mail.part('image/png'), tmp_path) == details['LOCAL_PROFILE_ASSISTANT']
    assert 'src="cid:qr"' in html
    link = re.search(r'http://\S+/e/\w+', text)[0]
    assert world.demo.request('GET', link[len(world.demo.base_url):]).status == 200
    world.shop.await_messages(order, [('mail', 'esim', 'sent')])

    top_up, _ = world.shop.buy(TOP_UP, addOnIdentifier=order)
    world.shop.mail(top_up, 'lea@example.com')
    mail = world.mails_to('lea@example.com', 2)[1]
    assert mail['Subject'] == 'Your top-up is active: Global top-up 3 GB'
    assert 'image/png' not in [part.get_content_type() for part in mail.message.walk()]


def test_what_a_customer_is_called_makes_no_header(world):
    order, _ = world.shop.buy()
    name = 'Eve\r\nBcc: all@example.com\r\n\r\n<script>'
    world.shop.mail(order, 'eve@example.com', name=name)
    [mail] = world.mails_to('eve@example.com', 1)
    assert mail['Bcc'] is None and mail.recipients == ['eve@example.com']
    assert mail['To'].addresses[0].addr_spec == 'eve@example.com'
    assert b'\nBcc' not in mail.bytes
    assert '<script>' not in mail.part('text/html')
    for address in ('eve@example.com\r\nRCPT TO:<x@y>', 'eve@example.com>', 'eve', 'a b@example.com'):
        world.shop.call('POST', '/email', {'orderId': order, 'customer': {'email': address}}, status=400)


def test_an_identity_check_is_asked_for_and_reminded_of(world):
    shop, demo = world.shop, world.demo
    order, details = shop.buy(WITH_CHECK)
    assert shop.mail(order, 'kim@example.com') == 'Email queued until the order is completed'
    [mail] = world.mails_to('kim@example.com', 1)
    assert mail['Subject'].startswith('Please verify your identity')
    assert details['KYC_URL'] in mail.part('text/plain')
    demo.advance('11h')
    shop.mail(order, 'kim@example.com')  # asked for again, it is not told again
    demo.advance('65m')
    assert world.mails_to('kim@example.com', 2)[1]['Subject'].startswith('Reminder')
    demo.advance('10h')
    assert world.mails_to('kim@example.com', 3)[2]['Subject'].startswith('Reminder')
    demo.sandbox('kyc', shop.id_of(order), 'approve')
    mail = world.mails_to('kim@example.com', 4)[3]
    assert mail['Subject'].startswith('Your eSIM is ready')
    shop.await_messages(order, [('mail', 'kyc', 'sent'), ('mail', 'kyc_reminder', 'sent'),
                                ('mail', 'kyc_reminder', 'sent'), ('mail', 'esim', 'sent')])

    # Nobody is reminded of what is over, and nothing is sent of an order that was cancelled.
    order, _ = shop.buy(WITH_CHECK)
    shop.mail(order, 'tom@example.com')
    world.mails_to('tom@example.com', 1)
    demo.sandbox('kyc', shop.id_of(order), 'reject')
    demo.advance('25h')
    shop.await_messages(order, [('mail', 'kyc', 'sent'), ('mail', 'kyc_reminder', 'dropped'),
                                ('mail', 'kyc_reminder', 'dropped'), ('mail', 'esim', 'dropped')])
    world.mails_to('tom@example.com', 1)


def test_a_server_that_is_away_then_back(world):
    world.server.stop()
    order, _ = world.shop.buy()
    world.shop.mail(order, 'una@example.com')
    eventually(lambda: 'medium=mail try=1' in world.demo.log_tail())
    world.demo.advance('2m')
    eventually(lambda: 'medium=mail try=2 status=0 error=connect' in world.demo.log_tail())
    world.server.start()
    world.server.answer_with('451 not now')
    world.demo.advance('6m')
    first, = world.mails_to('una@example.com', 1)
    eventually(lambda: 'status=451' in world.demo.log_tail())
    world.demo.advance('20m')
    second = world.mails_to('una@example.com', 2)[1]
    assert first['Message-ID'] == second['Message-ID']
    world.shop.await_messages(order, [('mail', 'esim', 'sent')])


def test_what_is_refused_is_an_operators_task(world):
    order, _ = world.shop.buy()
    world.server.answer_with('550 no such person')
    world.shop.mail(order, 'nobody@example.com')
    world.shop.await_messages(order, [('mail', 'esim', 'given_up')])
    [task] = [task for task in tasks(world.demo) if str(world.shop.id_of(order)) in task]
    assert 'given up after 1 tries: status 550' in task and 'nobody@' not in task
    world.demo.command('order', 'retry', '--data', world.demo.data, world.shop.id_of(order))
    world.shop.await_messages(order, [('mail', 'esim', 'sent')])


def test_a_payment_request_that_was_refused_goes_again(world):
    merchant = Merchant(world.demo)
    world.server.answer_with('550 no such person')
    made = merchant.send(customer_email='payer@example.com', media='EMAIL')

    def states():
        data = merchant.call('GET', 'mobip/get_transaction', access_token=merchant.token, trid=made['trid'])
        return [one['status'] for one in data['transaction_data']['messages']]
    eventually(lambda: states() == ['given_up'])
    world.demo.command('payment', 'retry', '--data', world.demo.data, made['trid'])
    eventually(lambda: states() == ['sent'])


def test_a_crash_in_mid_send(world):
    """The mail goes again under the same Message-ID, the SMS does not, and both are seen."""
    order, details = world.shop.buy()
    held = threading.Event()

    async def stall():
        await asyncio.sleep(mail_server.HANG_SECONDS)
        return '250 late'

    world.server.answer_with(stall)
    world.gateway.answer_with(held)
    before = len(world.gateway.received)
    world.shop.mail(order, 'kay@example.com')
    world.shop.call('POST', f'/provider/sms/{order}', {'text': 'once, never twice'})
    world.mails_to('kay@example.com', 1)
    world.gateway.wait_for(before + 1)
    world.shop.await_messages(order, [('mail', 'esim', 'sending'), ('sms', 'text', 'sending')])
    world.demo.kill9()
    held.set()
    world.demo.start()
    world.shop.await_messages(order, [('mail', 'esim', 'sent'), ('sms', 'text', 'unknown')])
    first, second = world.mails_to('kay@example.com', 2)
    assert first['Message-ID'] == second['Message-ID']
    assert first.part('text/plain') == second.part('text/plain')
    [task] = [task for task in tasks(world.demo) if str(world.shop.id_of(order)) in task]
    assert 'may have been sent or not' in task and details['PHONE_NUMBER'] not in task
    world.demo.advance('25h')
    number = world.shop.id_of(order)
    def jobs():
        return json.loads(world.demo.command('order', 'show', '--data', world.demo.data, '--json', number))['jobs']
    eventually(lambda: jobs() == [])
    assert len(world.gateway.received) == before + 1
    query = dict(urllib.parse.parse_qsl(world.gateway.received[before].path.partition('?')[2]))
    assert query == {'username': 'gate', 'password': 'way', 'from': 'Bodega', 'to': details['PHONE_NUMBER'],
                     'charset': 'UTF-8', 'coding': '0', 'text': 'once, never twice'}


def test_a_gateway_that_says_no(world):
    order, _ = world.shop.buy()
    world.gateway.answer_with(503, (202, b'0: Accepted for delivery'))
    world.shop.call('POST', f'/provider/sms/{order}', {'text': '你好'})
    eventually(lambda: 'status=503' in world.demo.log_tail())
    world.demo.advance('2m')
    world.shop.await_messages(order, [('sms', 'text', 'sent')])
    assert 'coding=2' in world.gateway.received[-1].path
    world.gateway.answer_with(400, None)
    world.shop.call('POST', f'/provider/sms/{order}', {'text': 'b'})
    world.shop.await_messages(order, [('sms', 'text', 'sent'), ('sms', 'text', 'given_up')])
    world.demo.advance('2m')
    world.shop.call('POST', f'/provider/sms/{order}', {'text': 'c'})
    world.shop.await_messages(order, [('sms', 'text', 'sent'), ('sms', 'text', 'given_up'), ('sms', 'text', 'unknown')])


def test_in_french_and_without_secrets_in_the_log(world):
    world.demo.change_partner('main', '--locale', 'fr')
    order, details = world.shop.buy()
    world.shop.mail(order, 'zoe@example.com', name='Zoé')
    [mail] = world.mails_to('zoe@example.com', 1)
    world.demo.change_partner('main', '--locale', 'en')
    assert mail['Subject'].startswith('Votre eSIM est prête : ')
    assert "Code d'activation" in mail.part('text/plain')
    with open(world.demo.log_file, encoding='utf-8') as file:
        log = file.read()
    for secret in (mail_server.PASSWORD, 'password=', 'zoe@', 'Zoé', details['PHONE_NUMBER'],
                   details['ACTIVATION_CODE'], 'once, never twice'):
        assert secret not in log, secret


def test_without_a_server_the_folder_has_them(demo):
    shop = Shop(demo)
    order, details = shop.buy()
    shop.mail(order)
    shop.call('POST', f'/provider/sms/{order}', {'text': 'grüezi'})
    shop.await_messages(order, [('mail', 'esim', 'sent'), ('sms', 'text', 'sent')])
    [mail] = glob.glob(f'{demo.data}/outbox/*.eml')
    [sms] = glob.glob(f'{demo.data}/outbox/*.txt')
    with open(mail, 'rb') as file:
        message = mail_server.parse(file.read())
    assert message['To'].addresses[0].addr_spec == 'ada@example.com'
    assert details['ACTIVATION_CODE'] in mail_server.part_of(message, 'text/plain')
    with open(sms, encoding='utf-8') as file:
        assert file.read() == f'To: {details["PHONE_NUMBER"]}\n\ngrüezi\n'
    assert os.stat(mail).st_mode & 0o777 == 0o600


WRONG = {
    'port': ('[mail]\nhost = a\nfrom = a@b\nport = 70000', ':4: port: is 1 to 65535'),
    'host': ('[mail]\nhost = a b', ':2: host: is the name of a mail server'),
    'security': ('[mail]\nsecurity = ssl', ':2: security: must be starttls, tls or none'),
    'from': ('[mail]\nfrom = Shop <a@b>', ':2: from: is a mail address'),
    'password_file': ('[mail]\npassword_file = /nonexistent', ':2: password_file: is a file that can be read'),
    'no from': ('[mail]\nhost = a', ': from: is missing in [mail]'),
    'no password': ('[mail]\nhost = a\nfrom = a@b\nuser = u', ': user: is missing in [mail]'),
    'url': ('[sms]\nurl = ftp://a/', ':2: url: is http'),
    'no user': ('[sms]\nurl = http://a/', ': user: is missing in [sms]'),
    'quiet hours': ('[messages]\nquiet_hours = 20-8', ':2: quiet_hours: is HH:MM-HH:MM'),
    'time zone': ('[messages]\ntime_zone = CET', ':2: time_zone: is +HH:MM'),
    'unknown': ('[mail]\nhosts = a', ':2: hosts: there is no such setting in [mail]'),
    'section': ('[mails]\nhost = a', ':2: host: stands in no section of ours'),
}


@pytest.mark.parametrize('kind', WRONG)
def test_a_wrong_setting_is_refused_by_name(tmp_path, kind):
    text, words = WRONG[kind]
    file = tmp_path / 'messages.ini'
    file.write_text(text + '\n', encoding='utf-8')
    run = subprocess.run([binary(), 'demo', '--data', str(tmp_path / 'data'), '--messages', str(file)],
                         capture_output=True, text=True, timeout=60)
    assert run.returncode == 2 and f'messages.ini{words}' in run.stderr, run.stderr
    assert not (tmp_path / 'data').exists()


@pytest.mark.long
def test_kannel_takes_an_sms(tmp_path):
    gateway = kannel.Kannel(tmp_path).start()
    server = MailServer(str(tmp_path), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    demo = None
    try:
        demo = start(tmp_path, settings(server, gateway.url, kannel.USER, kannel.PASSWORD))
        shop = Shop(demo)
        order, details = shop.buy()
        shop.call('POST', f'/provider/sms/{order}', {'text': 'plain & simple'})
        shop.await_messages(order, [('sms', 'text', 'sent')])
        gateway.wait_for(f'<Bodega {details["PHONE_NUMBER"]} text plain & simple>')
        demo.advance('2m')
        shop.call('POST', f'/provider/sms/{order}', {'text': '你好'})
        gateway.wait_for('ucs-2 O%60Y%7D')  # UTF-16: 4F 60 59 7D
        demo.stop()
    finally:
        if demo and demo.process:
            demo.kill9()
        server.stop()
        gateway.stop()
