"""tests/api/test_mobip_currencies.py: currencies without cents, from the request to the invoice on paper."""
import base64
import json
import subprocess
import time
import urllib.parse

import pytest
from demo import Demo
from merchant import Merchant, Payer

HANG_SECONDS = 60


@pytest.fixture(scope='module')
def demo(tmp_path_factory):
    with Demo(tmp_path_factory.mktemp('currencies')) as demo:
        yield demo


def open_account(demo, name, currency, locale):
    """A sandbox merchant of its own, with 10 % and 30 kept of each payment."""
    made = json.loads(demo.command('partner', 'create', '--data', demo.data, '--json', '--currency', currency,
                                   '--locale', locale, '--sandbox', 'yes', name))
    key = json.loads(demo.command('credential', 'issue', '--data', demo.data, '--json', made['id'], 'mobip'))
    demo.command('payment', 'merchant', '--data', demo.data, '--fee-percent', '10', '--fee-fixed', '30', made['id'])
    return made['id'], {'account_id': key['public_id'], 'secret_key': key['secret']}


def text_of_pdf(folder, answer):
    """What is written in the invoice, line by line, and what the file says of itself."""
    path = folder / 'invoice.pdf'
    path.write_bytes(base64.b64decode(answer['invoice_data']['pdf'], validate=True))
    assert path.read_bytes()[:5] == b'%PDF-'
    run = [subprocess.run(command, check=True, capture_output=True, text=True).stdout
           for command in (['pdftotext', '-layout', str(path), '-'], ['pdfinfo', str(path)])]
    return run[0].replace('\u00a0', ' ').replace('\u202f', ' '), run[1]


CASES = [
    # name, currency, locale; on the page in EN and in FR; on the invoice: language, amount, words
    ('東京ショップ', 'JPY', 'ja', '¥1,300', '1 300 ¥', 'EN', '¥160', 'Fee of one payment'),
    ('Épicerie de Papeete', 'XPF', 'fr', 'XPF 1,300', '1 300 F', 'FR', '160 F', "Frais d'un paiement"),
    ('Αθήνα & Київ <shop>', 'EUR', 'en', '€13.00', '13,00 €', 'EN', '€13.00', 'Fee of one payment'),
]


@pytest.mark.parametrize('name,currency,locale,english,french,language,fee,words', CASES)
def test_from_the_request_to_the_invoice(demo, tmp_path, name, currency, locale, english, french, language, fee,
                                         words):
    partner_id, account = open_account(demo, name, currency, locale)
    merchant = Merchant(demo, account=account)
    asked = merchant.ask(item_amount_in_cents='1000', tax_amount_in_cents='300')
    payer = Payer(demo, asked['url_checkout'])
    for query, amount in (('', english), ('?lang=fr', french)):
        page = demo.request('GET', payer.path + query).body.decode()
        page = page.replace('\u00a0', ' ').replace('\u202f', ' ')
        assert amount in page, (amount, page)
    assert payer.pay().status == 303
    data = merchant.call('GET', 'mobip/get_transaction', access_token=merchant.token, trid=asked['trid'])
    data = data['transaction_data']
    assert (data['status'], data['currency'], data['total_amount_in_cents']) == ('PAID', currency, '1300')
    stats = merchant.call('GET', 'mobip/get_stats', access_token=merchant.token)['stats_data']
    fee_in_cents = '1300' if currency == 'EUR' else '160'
    assert (stats['amount_paid_in_cents'], stats['tax_paid_in_cents'], stats['fees_in_cents']) == (
        '1300', '300', fee_in_cents)
    operator = Merchant.operator(demo)
    queue = operator.call('GET', 'neosystems/get_mobip_transactions', access_token=operator.token)
    row, = [row for row in queue['transactions_list'] if row['trid'] == asked['trid']]
    assert (row['amount'], row['fees'], row['currency'], row['merchant_name']) == ('1300', fee_in_cents, currency, name)

    def wallet():
        wallets = json.loads(demo.command('wallet', 'list', '--data', demo.data, '--json', partner_id))
        return {one['currency']: one['balance'] for one in wallets}[currency]

    assert float(wallet()) == (0 if currency == 'EUR' else 1140)
    demo.command('payment', 'refund', '--data', demo.data, asked['trid'])
    deadline = time.monotonic() + HANG_SECONDS
    while merchant.state(asked)['isRefunded'] != 'true' and time.monotonic() < deadline:
        time.sleep(0.02)
    stats = merchant.call('GET', 'mobip/get_stats', access_token=merchant.token)['stats_data']
    assert stats['refunded_in_cents'] == '1300'
    # What was refunded was spent on the fee: the wallet shows the debt.
    assert float(wallet()) == (-13 if currency == 'EUR' else -160)

    demo.advance('32d')
    merchant = Merchant(demo, account=account)
    listed, = merchant.call('GET', 'mobip/get_invoice_list', access_token=merchant.token)['invoice_data']
    assert (listed['amount'], listed['currency']) == (fee_in_cents, currency)
    one = merchant.call('GET', 'mobip/get_invoice', access_token=merchant.token, invoice_id=listed['invoice_id'])
    text, about = text_of_pdf(tmp_path, one)
    title = {'EN': 'Invoice', 'FR': 'Facture'}[language]
    for piece in (title, listed['invoice_id'], listed['invoice_date'], name, fee, words,
                  urllib.parse.urlsplit(demo.base_url).netloc):
        assert piece in text, (piece, text)
    assert text.count(fee) == 2 and f'{title} {listed["invoice_id"]}' in about and 'Pages:           1' in about
    # The same every time, and in the language that is asked for.
    again = merchant.call('GET', 'mobip/get_invoice', access_token=merchant.token, invoice_id=listed['invoice_id'])
    assert again == one
    # It is a document of the account too, alone or after the attributes.
    operator = Merchant.operator(demo)
    for only, rows in (('true', 1), ('', 15)):
        data = operator.call('GET', 'mobip/get_account', access_token=operator.token, uid=account['account_id'],
                             document_list=f'{listed["invoice_id"]}|', document_only=only)['account_data']
        assert len(data) == rows and data[-1] == {
            'attribute_name': listed['invoice_id'], 'attribute_type': 'document', 'is_updatable': 'false',
            'attribute_value': one['invoice_data']['pdf'], 'file_name': f'{listed["invoice_id"]}.pdf',
            'mime_type': 'application/pdf'}
    refused = operator.call('GET', 'mobip/get_account', access_token=operator.token, uid=account['account_id'],
                            document_list=f'{listed["invoice_id"]}|passport')
    assert refused == {'return_code': '403', 'return_message': 'Document not found: passport'}
    other = {'EN': 'fr', 'FR': 'en'}[language]
    one = merchant.call('GET', 'mobip/get_invoice', access_token=merchant.token, invoice_id=listed['invoice_id'],
                        language=other)
    assert {'fr': 'Facture', 'en': 'Invoice'}[other] in text_of_pdf(tmp_path, one)[0]
    demo.verify()
