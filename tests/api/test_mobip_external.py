"""tests/api/test_mobip_external.py: imports of invoices that are kept elsewhere: large, all or nothing, again the same;
and who is not in the way meanwhile."""
import json
import threading
import time
import urllib.parse

import pytest

PATH = '/api/2.0/mobip/'
ROWS = 10000


def caller(shared_demo, partner):
    account = shared_demo.credentials['partners'][partner]['mobip']
    query = urllib.parse.urlencode({'api_account_id': account['account_id'], 'api_secret_key': account['secret_key']})
    token = shared_demo.request('GET', f'{PATH}get_token?{query}').json()['access_token']

    def post(name, method='POST', **fields):
        body = json.dumps({'access_token': token, **fields}, ensure_ascii=False)
        return shared_demo.request(method, PATH + name, {'Content-Type': 'application/json'}, body)
    return post


@pytest.fixture(scope='module')
def call(shared_demo):
    return caller(shared_demo, 'main')


def invoice(number, **changes):
    return {'InvId': f'inv_{number:05}', 'InvDate': '2026-01-01', 'InvDueDate': '2026-02-01', 'InvLbl': 'An invoice',
            'Amount_in_cents': str(number), 'InvStatus': 'open', **changes}


def lists(invoices, each=10):
    return [{'CustomerId': f'c{at}', 'CustomerPhone': '0607922222', 'CustomerEmail': 'c@c.example',
             'CustomerBalance_in_cents': '3000', 'CustomerBalance_Date': '2026-01-03',
             'Invoices': invoices[at:at + each]} for at in range(0, len(invoices), each)]


def stored(call, source):
    answer = call('get_external_invoices', 'GET', ExternalSourceId=source).json()
    assert answer['return_code'] == '0'
    return answer['InvoicesList']


def test_ten_thousand_at_once_and_again(call):
    """The most that one call takes; twice, the second time over the first; one too many is refused whole."""
    start = time.monotonic()
    assert call('set_external_invoices', ExternalSourceId='large',
                InvoicesLists=lists([invoice(n) for n in range(ROWS)])).json() == {'return_code': '0'}
    print(f'{ROWS} invoices in {time.monotonic() - start:.3f} s')
    rows = stored(call, 'large')
    assert [row['InvId'] for row in rows] == [f'inv_{n:05}' for n in range(ROWS)]
    assert {row['Amount_in_cents'] for row in rows} == {str(n) for n in range(ROWS)}
    changed = [invoice(n, Amount_in_cents=-1) for n in range(1, ROWS + 1)]
    start = time.monotonic()
    assert call('set_external_invoices', ExternalSourceId='large', InvoicesLists=lists(changed)).json() == {
        'return_code': '0'}
    print(f'{ROWS} invoices over as many in {time.monotonic() - start:.3f} s')
    rows = stored(call, 'large')
    assert len(rows) == ROWS + 1 and rows[0]['Amount_in_cents'] == '0'
    assert {row['Amount_in_cents'] for row in rows[1:]} == {'-1'}
    names = [f'inv_{n:05}' for n in range(0, ROWS, 40)]
    rows = call('get_external_invoices', 'GET', ExternalSourceId='large', InvoicesList='|'.join(names[::-1])).json()
    assert [row['InvId'] for row in rows['InvoicesList']] == names
    answer = call('set_external_invoices', ExternalSourceId='larger',
                  InvoicesLists=lists([invoice(n) for n in range(ROWS + 1)])).json()
    assert answer == {'return_code': '501', 'return_message': 'InvoicesLists must be of at most 10000 invoices'}
    # The last row of many is wrong: none is there.
    wrong = [invoice(n) for n in range(ROWS - 1)] + [invoice(9999, InvDate='tomorrow')]
    answer = call('set_external_invoices', ExternalSourceId='larger', InvoicesLists=lists(wrong)).json()
    assert answer == {'return_code': '501',
                      'return_message': 'InvoicesLists[999].Invoices[9].InvDate must be a day, YYYY-MM-DD'}
    assert stored(call, 'larger') == []


def test_a_batch_that_comes_again_changes_nothing(call):
    first, second = (lists([invoice(1, Amount_in_cents=amount)]) for amount in (1, 2))
    # The last one is the same batch with another content: another import.
    for batch, content, is_then in (('a', first, ('a', '1')), ('b', second, ('b', '2')), ('a', first, ('b', '2')),
                                    ('a', second, ('a', '2'))):
        assert call('set_external_invoices', ExternalSourceId='again', BatchId=batch,
                    InvoicesLists=content).json() == {'return_code': '0'}
        row, = stored(call, 'again')
        assert (row['BatchId'], row['Amount_in_cents']) == is_then


def test_readers_see_an_import_whole_and_others_do_not_wait(shared_demo, call):
    """While one import after the other replaces 6,000 rows, readers see one of them, never a mixture, and a payment is
    made in between."""
    def content(generation):
        return lists([invoice(n, InvLbl=str(generation)) for n in range(6000)])
    call('set_external_invoices', ExternalSourceId='whole', InvoicesLists=content(0))
    over, seen, made = threading.Event(), [], []

    def read():
        while not over.is_set():
            seen.append({row['InvLbl'] for row in stored(call, 'whole')})

    def make():
        while not over.is_set():
            made.append(call('create_one_use_qr', item_name='A', item_amount=1, tax_amount=0,
                             redirect_url='http://a.example/', call_back_url='http://a.example/').json())
    threads = [threading.Thread(target=read), threading.Thread(target=make)]
    for thread in threads:
        thread.start()
    for generation in range(1, 6):
        assert call('set_external_invoices', ExternalSourceId='whole',
                    InvoicesLists=content(generation)).json()['return_code'] == '0'
        before = len(made)
    over.set()
    for thread in threads:
        thread.join()
    assert seen and all(len(labels) == 1 for labels in seen), seen
    assert before > 5 and all(one['return_code'] == '0' for one in made)
    assert shared_demo.request('GET', '/healthz').status in (200, 404)


def test_bodies_up_to_their_limits(shared_demo, call):
    """4 MiB for invoices, 1 MiB for the other calls, 256 KiB where no form is taken."""
    filler = {'Filler': 'x' * (3 * 1024 * 1024)}
    assert call('set_external_invoices', ExternalSourceId='wide',
                InvoicesLists=[{'CustomerId': 'a', **filler}]).json() == {'return_code': '0'}
    for size, name in ((5, 'set_external_invoices'), (3, 'create_one_use_qr'), (2, 'no_such_call')):
        answer = call(name, filler='x' * (size * 1024 * 1024))
        assert answer.status == 413, (name, answer.status)
        assert answer.json() == {'return_code': '204', 'return_message': 'Malformed request: it is too large'}
    assert call('create_one_use_qr', filler='x' * (900 * 1024)).json()['return_message'] == (
        'Missing parameter: item_name')
    key = shared_demo.credentials['partners']['main']['dvs']
    assert key and shared_demo.request('POST', '/v1/async/transactions', {'Content-Type': 'application/json'},
                                       ' ' * (300 * 1024)).status == 413


def test_sources_are_so_many(shared_demo):
    other = caller(shared_demo, 'empty')
    answers = [other('set_external_invoice_status', ExternalSourceId=f's{n}', pending='a', due='b', fully_paid='c',
                    partially_paid='d').json() for n in range(101)]
    assert answers[0] == {'return_code': '0'}
    assert answers[-1]['return_code'] == '201' and 'ExternalSourceId' in answers[-1]['return_message']
