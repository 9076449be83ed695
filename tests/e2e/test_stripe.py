"""tests/e2e/test_stripe.py: payments through Stripe Checkout, against a stand-in that checks the wire format."""
import json
import os
import time

import pytest
from demo import HANG_SECONDS
from merchant import Merchant, Payer
from serve import Serve
from stripe import HOOK_SECRET, KEY, Stripe


def secret_file(folder, name, text):
    path = os.path.join(folder, name)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w', encoding='utf-8') as file:
        file.write(text + '\n')
    return path


class PaidServe(Serve):
    """A server whose merchants are paid through Stripe."""

    def __init__(self, folder, stripe, **options):
        super().__init__(folder, settings=['allow_private_targets = yes', f'ca_file = {stripe.ca_file}'], **options)
        self.stripe = stripe

    def write_config(self):
        super().write_config()
        with open(self.config_file, 'a', encoding='utf-8') as file:
            file.write('[payment stripe]\n'
                       f'key_file = {secret_file(self.folder, "stripe.secret", KEY)}\n'
                       f'webhook_secret_file = {secret_file(self.folder, "hook.secret", HOOK_SECRET)}\n'
                       f'url = {self.stripe.url}\n')

    def add_merchant(self, name, currency, *options):
        def bodega(*words):
            return json.loads(self.command(*words, '--data', self.data, '--json'))

        partner = bodega('partner', 'create', name, '--currency', currency, '--sandbox', 'no')['id']
        issued = bodega('credential', 'issue', partner, 'mobip', *options)
        self.credentials['partners'][name] = {'mobip': {'account_id': issued['public_id'],
                                                        'secret_key': issued['secret']}}

    def add_operator(self):
        self.add_merchant('operator', 'EUR', '--restricted', 'yes')


@pytest.fixture(scope='module')
def stripe(tmp_path_factory):
    stripe = Stripe(tmp_path_factory.mktemp('stripe'))
    yield stripe
    stripe.close()
    assert stripe.faults == []


@pytest.fixture(scope='module')
def serve(tmp_path_factory, stripe):
    server = PaidServe(tmp_path_factory.mktemp('serve'), stripe)
    server.start()
    for name, currency in (('euro', 'EUR'), ('pacific', 'XPF')):
        server.add_merchant(name, currency)
    yield server
    server.verify()
    server.stop()


@pytest.fixture(scope='module')
def merchant(serve):
    return Merchant(serve, 'euro')


@pytest.fixture
def asked(merchant):
    return merchant.ask()


@pytest.fixture
def payer(serve, asked):
    return Payer(serve, asked['url_checkout'])


def wait_for_state(merchant, asked, state):
    deadline = time.monotonic() + HANG_SECONDS
    while (got := merchant.state(asked)['transaction_status']) != state and time.monotonic() < deadline:
        time.sleep(0.01)
    assert got == state


def go_away(payer):
    """To Stripe's page; returns the session's name."""
    answer = payer.send('pay')
    assert answer.status == 303 and '/c/pay/cs_test_' in answer.header('Location'), answer
    return answer.header('Location').rpartition('/')[2]


def test_paid_and_told_by_a_webhook(serve, stripe, merchant, asked, payer):
    page = payer.look().body.decode()
    assert 'cc-number' not in page and 'Pay ' in page  # a card is typed at Stripe alone
    name = go_away(payer)
    session = stripe.sessions[name]
    assert (session['amount_total'], session['currency']) == (1500, 'eur')
    assert session['success_url'] == asked['url_checkout']
    assert merchant.state(asked)['transaction_status'] == 'PENDING'
    assert session['url'] in payer.look().body.decode()  # back at our page: on to Stripe's
    again = payer.send('pay')
    assert again.header('Location') == session['url'] and len(stripe.sessions) == int(name.split('_')[2]) + 1
    stripe.pay(name)
    for wrong in ({'secret': 'whsec_other'}, {'at': time.time() - 400}):
        assert stripe.hook(serve.base_url, name, **wrong) == 400
    assert merchant.state(asked)['transaction_status'] == 'PENDING'
    assert stripe.hook(serve.base_url, name) == 200
    assert merchant.state(asked)['transaction_status'] == 'PAID'
    assert merchant.state(asked)['payment_method'] == 'CARD'
    assert stripe.hook(serve.base_url, name) == 200  # once more: nothing new
    assert b'Paid. Thank you.' in payer.look().body


def test_a_lying_webhook_changes_nothing(serve, stripe, merchant, asked, payer):
    name = go_away(payer)
    assert stripe.hook(serve.base_url, name) == 200  # signed, but the session is not paid
    assert merchant.state(asked)['transaction_status'] == 'PENDING'
    stripe.pay(name)
    stripe.sessions[name]['amount_total'] = 1
    assert stripe.hook(serve.base_url, name) == 200
    assert merchant.state(asked)['transaction_status'] == 'PENDING'
    stripe.sessions[name]['amount_total'] = 1500
    assert stripe.hook(serve.base_url, name) == 200
    assert merchant.state(asked)['transaction_status'] == 'PAID'


def test_found_out_by_asking(serve, stripe, merchant, asked, payer):
    stripe.pay(go_away(payer))
    serve.advance('2m')
    wait_for_state(merchant, asked, 'PAID')


def test_a_currency_without_cents(serve, stripe):
    merchant = Merchant(serve, 'pacific')
    asked = merchant.ask(item_amount_in_cents='1300', tax_amount_in_cents='0')
    session = stripe.sessions[go_away(Payer(serve, asked['url_checkout']))]
    assert (session['amount_total'], session['currency']) == (1300, 'xpf')


def test_cancelled_at_our_page(serve, stripe, merchant, asked, payer):
    name = go_away(payer)
    answer = payer.cancel()
    assert answer.status == 303 and 'resp_code=CANCELLED' in answer.header('Location')
    assert stripe.sessions[name]['status'] == 'expired'
    assert merchant.state(asked)['transaction_status'] == 'CANCELLED'


def test_cancelled_too_late(serve, stripe, merchant, asked, payer):
    stripe.pay(go_away(payer))
    assert payer.cancel().header('Location') == payer.path
    serve.advance('2m')
    wait_for_state(merchant, asked, 'PAID')


def test_the_session_ends(serve, stripe, merchant, asked, payer):
    name = go_away(payer)
    stripe.sessions[name]['status'] = 'expired'
    assert stripe.hook(serve.base_url, name, kind='checkout.session.expired') == 200
    page = payer.look().body.decode()
    assert 'was not completed' in page and 'Pay ' in page
    stripe.pay(go_away(payer))
    serve.advance('2m')
    wait_for_state(merchant, asked, 'PAID')


def test_an_answer_is_lost(serve, stripe, merchant, asked, payer):
    before = len(stripe.sessions)
    # Kept connections that turn out dead are tried again on another one, which the key makes safe: all of them die.
    stripe.misbehave = ['drop'] * 20
    answer = payer.send('pay')
    stripe.misbehave = []
    assert answer.status == 303 and answer.header('Location') == payer.path
    assert b'being processed' in payer.look().body
    serve.advance('2m')
    deadline = time.monotonic() + HANG_SECONDS
    while b'being processed' in payer.look().body and time.monotonic() < deadline:
        time.sleep(0.01)
    # Asked again under the same key: it is the same session.
    assert len(stripe.sessions) == before + 1
    stripe.pay(f'cs_test_{before}')
    assert stripe.hook(serve.base_url, f'cs_test_{before}') == 200
    assert merchant.state(asked)['transaction_status'] == 'PAID'


def test_the_key_is_refused(stripe, merchant, asked, payer):
    stripe.keys = {'sk_other'}
    assert payer.send('pay').header('Location') == payer.path
    stripe.keys = {KEY}
    assert 'the provider is not available' in payer.look().body.decode()
    assert merchant.state(asked)['transaction_status'] == 'PENDING'
    go_away(payer)


def test_given_back(serve, stripe, merchant, asked, payer):
    name = go_away(payer)
    stripe.pay(name)
    assert stripe.hook(serve.base_url, name) == 200
    before = stripe.refunds.count(f'pi_{name}')
    stripe.misbehave = ['drop', 'drop']  # the first try is carried out and its answer lost
    serve.command('payment', 'refund', asked['trid'], '--data', serve.data)
    serve.advance('1h')
    merchant = Merchant(serve, 'euro')
    deadline = time.monotonic() + HANG_SECONDS
    while merchant.state(asked)['isRefunded'] == 'false' and time.monotonic() < deadline:
        time.sleep(0.01)
    assert merchant.state(asked)['isRefunded'] == 'true'
    assert stripe.refunds.count(f'pi_{name}') == before + 1


def test_after_a_crash_books_and_provider_agree(serve, stripe):
    merchant = Merchant(serve, 'euro')
    asked = [merchant.ask() for _ in range(4)]
    names = [go_away(Payer(serve, one['url_checkout'])) for one in asked]
    for name in names[:2]:
        stripe.pay(name)
    stripe.hook(serve.base_url, names[0])
    serve.kill9()
    stripe.pay(names[2])
    serve.start()
    merchant = Merchant(serve, 'euro')
    serve.advance('5m')
    merchant = Merchant(serve, 'euro')
    for one in asked[:3]:
        wait_for_state(merchant, one, 'PAID')
    assert merchant.state(asked[3])['transaction_status'] == 'PENDING'
    serve.verify()


def test_a_merchant_with_a_key_of_its_own(serve, stripe):
    """Its payments are made with its key and nobody else's; the key is set by an operator and never shown."""
    serve.add_merchant('own', 'EUR')
    serve.add_operator()
    merchant, operator = Merchant(serve, 'own'), Merchant(serve, 'operator')
    own = 'sk_test_of_the_merchant_itself'
    uid = serve.partner('mobip', 'own')['account_id']

    def update(**values):
        return operator.call('POST', 'mobip/update_account', access_token=operator.token, uid=uid,
                             account_data=json.dumps(values))

    assert update(Private_Payment_Provider_key=own, Public_Payment_Provider_key='pk_own') == {'return_code': '0'}
    shown = operator.call('GET', 'mobip/get_account', access_token=operator.token, uid=uid)['account_data']
    assert own not in json.dumps(shown) and 'pk_own' in json.dumps(shown)
    # A key that Stripe does not know: nothing is charged, and the operator's is not used in its place.
    asked = merchant.ask()
    payer = Payer(serve, asked['url_checkout'])
    assert payer.send('pay').header('Location') == payer.path
    assert 'the provider is not available' in payer.look().body.decode()
    stripe.keys = {own}  # the operator's would be refused now
    stripe.pay(go_away(payer))
    serve.command('payment', 'retry', '--data', serve.data, asked['trid'])
    wait_for_state(merchant, asked, 'PAID')
    stripe.keys = {KEY}
    # A merchant is refused the operators' calls.
    assert merchant.call('GET', 'mobip/get_account', access_token=merchant.token, uid=uid)['return_code'] == '103'
