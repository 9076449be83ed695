"""tests/e2e/test_payment_requests.py: a payment request reaches the payer, comes again by its plan, and stops."""
import datetime
import glob
import json

import mail_server
import pytest
from demo import Demo
from dvs import eventually
from merchant import Merchant, Payer
from serve import Serve


@pytest.fixture(scope='module')
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp('requests')
    settings = folder / 'messages.ini'
    settings.write_text('[messages]\nquiet_hours = 00:00-00:00\n', encoding='utf-8')
    demo = Demo(str(folder), '--messages', str(settings)).start()
    yield demo
    demo.verify()
    demo.stop()


class Request:
    """One that was sent, and what its payer has got."""

    def __init__(self, demo, address, **values):
        self.demo = demo
        self.address = address
        self.merchant = Merchant(demo)
        self.made = self.merchant.send(customer_email=address, **values)

    def call(self, method, name, **values):
        def answer():
            return self.merchant.call(method, f'mobip/{name}', access_token=self.merchant.token,
                                      trid=self.made['trid'], **values)

        answered = answer()
        if answered['return_code'] == '101':  # a token lives an hour, and the clock was moved by days
            self.merchant = Merchant(self.demo)
            answered = answer()
        return answered

    def data(self):
        return self.call('GET', 'get_transaction')['transaction_data']

    def resend(self, media):
        return self.call('POST', 'resend', media=media)['return_code']

    def await_messages(self, *expected):
        """Media, kind and state of each, oldest first."""
        def found():
            return [(m['media'], m['kind'], m['status']) for m in self.data()['messages']]
        eventually(lambda: found() == list(expected))

    def mails(self):
        found = []
        for path in glob.glob(f'{self.demo.data}/outbox/*.eml'):
            with open(path, 'rb') as file:
                mail = mail_server.parse(file.read())
            if mail['To'].addresses[0].addr_spec == self.address:
                found.append(mail)
        return {mail['Subject']: mail for mail in found}


def sms_to(demo, number):
    texts = []
    for path in glob.glob(f'{demo.data}/outbox/*.txt'):
        with open(path, encoding='utf-8') as file:
            to, _, text = file.read().partition('\n\n')
        if to == f'To: {number}':
            texts.append(text.rstrip('\n'))
    return texts


def later(moment, days):
    return str(datetime.datetime.fromisoformat(moment) + datetime.timedelta(days=days))


SENT, AGAIN = ('EMAIL', 'payment', 'sent'), ('EMAIL', 'payment_again', 'sent')
QUEUED, DROPPED = ('EMAIL', 'payment_again', 'queued'), ('EMAIL', 'payment_again', 'dropped')


def test_a_request_its_reminder_and_its_end(demo):
    item = 'Un thé <b> et une brioche pour toute la famille'
    request = Request(demo, 'lea@example.com', item_name=item, language='FR', customer_phone='+33612345678',
                      media='EMAIL', retry_period='1', retry_attempts='3')
    link = request.made['url_checkout']
    request.await_messages(SENT, QUEUED)
    [(subject, mail)] = request.mails().items()
    assert subject == f'main : 15,00\N{NO-BREAK SPACE}$ pour {item}'
    text, html = (mail_server.part_of(mail, kind) for kind in ('text/plain', 'text/html'))
    assert link in text and link in html and '<b>' not in html and 'répondre' in text
    assert mail_server.part_of(mail, 'image/png')
    created = request.data()['created_at']

    # By hand, by the other medium, once a minute; the plan stays as it is.
    assert request.resend('SMS') == '104'
    demo.advance('1m')
    assert request.resend('SMS') == '0' and request.resend('EMAIL') == '104'
    by_hand = ('SMS', 'payment_again', 'sent')
    request.await_messages(SENT, QUEUED, by_hand)
    [sms] = sms_to(demo, '+33612345678')
    assert sms == f'Rappel de main : 15,00 $ pour Un thé <b> et une bri.... Payez ici : {link}' and len(sms) <= 160
    data = request.data()
    assert (data['retries_done'], data['next_retry_at']) == ('0', later(created, 1))

    # By plan, also after a crash.
    demo.advance('23h58m')
    request.await_messages(SENT, QUEUED, by_hand)
    demo.kill9()
    demo.start()
    demo.advance('1m')
    request.await_messages(SENT, AGAIN, by_hand, QUEUED)
    assert f'Rappel : 15,00\N{NO-BREAK SPACE}$ pour {item}, main' in request.mails()
    data = request.data()
    assert (data['retries_done'], data['next_retry_at']) == ('1', later(created, 2))

    # What is paid is not asked for again; the receipt goes where the payer wants it.
    payer = Payer(demo, link)
    assert payer.pay(email='lea@example.com').status == 303
    receipt = ('EMAIL', 'receipt', 'sent')
    request.await_messages(SENT, AGAIN, by_hand, QUEUED, receipt)
    assert f'Reçu : 15,00\N{NO-BREAK SPACE}$ pour {item}' in request.mails()
    assert request.resend('EMAIL') == '301'
    demo.advance('25h')
    request.await_messages(SENT, AGAIN, by_hand, DROPPED, receipt)
    assert len(request.mails()) == 3 and request.data()['next_retry_at'] == ''


def test_the_plan_ends_with_the_time_of_the_request(demo):
    request = Request(demo, 'tom@example.com', media='EMAIL', retry_period='3', retry_attempts='2',
                      transaction_ttl='5')
    request.await_messages(SENT, QUEUED)
    demo.advance('73h')
    request.await_messages(SENT, AGAIN)
    data = request.data()
    assert (data['status'], data['retries_done'], data['next_retry_at']) == ('PENDING', '1', '')
    demo.advance('48h')
    assert request.resend('EMAIL') == '302'
    assert set(request.mails()) == {'main: $15.00 for Coffee & cake', 'Reminder: $15.00 for Coffee & cake, main'}


def test_after_a_standstill_one_is_sent_and_not_what_was_missed(demo):
    request = Request(demo, 'una@example.com', media='EMAIL', retry_period='1', retry_attempts='4')
    request.await_messages(SENT, QUEUED)
    created = request.data()['created_at']
    demo.advance('73h')
    request.await_messages(SENT, AGAIN, QUEUED)
    assert request.data()['next_retry_at'] == later(created, 4)
    demo.advance('24h')
    request.await_messages(SENT, AGAIN, AGAIN)


def test_a_server_without_mail_and_sms_says_so(tmp_path):
    """A live one has no folder in place of the world."""
    server = Serve(tmp_path, kind='live')
    server.start()

    def bodega(*words):
        return json.loads(server.command(*words, '--data', server.data, '--json'))

    try:
        issued = bodega('credential', 'issue', bodega('partner', 'create', 'shop', '--currency', 'EUR')['id'], 'mobip')
        server.credentials = {'partners': {'shop': {'mobip': {'account_id': issued['public_id'],
                                                              'secret_key': issued['secret']}}}}
        merchant = Merchant(server, 'shop')
        for media in ('EMAIL', 'SMS'):
            answer = merchant.call('POST', 'mobip/send_payment_request', access_token=merchant.token, media=media,
                                   item_name='A', item_amount_in_cents='1', tax_amount='0',
                                   redirect_url='http://a.example', customer_email='a@b.example',
                                   customer_phone='+33612345678')
            assert answer == {'return_code': '600', 'return_message': 'Message could not be sent'}
        assert server.count_rows('payments') == 0
        server.verify()
    finally:
        server.stop()
