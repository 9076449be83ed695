"""tests/e2e/test_stock.py: what is sold from stock is sold once, comes back, and is nowhere to be read."""
import concurrent.futures
import json
import os
import pty
import re
import subprocess
import threading
import time

import hypothesis
import pytest
from dvs import eventually
from hypothesis import strategies
from transcript import s2s_signature

CARD = '019bc0dd-9101-7d12-a3c4-6e5f8a7b9c01'  # product 1395, up to 20 at once
PRODUCT = 1395


def buy(demo, external_id, quantity=1, partner='main'):
    keys = demo.credentials['partners'][partner]['s2s']
    body = json.dumps({'external_id': external_id, 'item': {'sku_id': CARD, 'fields': {'quantity': quantity}}})
    timestamp = str(int(time.time()))
    answer = demo.request('POST', '/api/v1/s2s/orders', {
        'Authorization': 'Bearer ' + keys['token'], 'Content-Type': 'application/json', 'X-Timestamp': timestamp,
        'X-Signature': s2s_signature(keys['secret'], timestamp, '/api/v1/s2s/orders', body)}, body.encode())
    return answer.status, json.loads(answer.body)


def dvs(demo, method, path, body=None):
    import base64
    keys = demo.credentials['partners']['main']['dvs']
    pair = base64.b64encode(f'{keys["key"]}:{keys["secret"]}'.encode()).decode()
    answer = demo.request(method, path, {'Authorization': 'Basic ' + pair, 'Content-Type': 'application/json'},
                          json.dumps(body).encode() if body is not None else None)
    return answer.status, json.loads(answer.body)


def stock(demo, *arguments):
    return demo.command('stock', *arguments[:1], '--data', demo.data, *arguments[1:])


def fill(demo, tmp_path, codes):
    """The product's stock is these codes and nothing else."""
    path = tmp_path / 'codes.csv'
    path.write_text('code,serial,expires\n' + ''.join(f'{code},S-{code},2030-01-31\n' for code in codes))
    for line in stock(demo, 'list', '--product', str(PRODUCT)).split('\n')[1:]:
        if ' active ' in line:
            stock(demo, 'void', line.split()[0])
    if not codes:
        return ''
    return stock(demo, 'import', str(path), '--product', str(PRODUCT), '--sandbox')


def pins(order):
    return [unit['pin'] for unit in order['items'][0]['delivery_data']]


def test_the_last_thousand_are_sold_once(start_demo, tmp_path):
    demo = start_demo()
    codes = [f'CODE-{n:06d}' for n in range(1000)]
    fill(demo, tmp_path, codes)
    sold, refused, lock, numbers = [], [], threading.Lock(), iter(range(10 ** 6))

    def shop(_buyer):
        while True:
            with lock:
                number = next(numbers)
            status, answer = buy(demo, f'order-{number}', 1 + number % 3)
            with lock:
                if status == 201:
                    sold.extend(pins(answer['data']))
                else:
                    assert (status, answer['code']) == (409, 'out_of_stock'), answer
                    refused.append(number)
                    if 1 + number % 3 == 1:
                        return

    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        list(pool.map(shop, range(64)))
    assert len(sold) == len(set(sold)), 'a code was sold twice'
    assert set(sold) == set(codes)
    assert refused
    demo.verify()


def test_one_reference_at_once_is_one_order(start_demo):
    demo = start_demo()
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda _: buy(demo, 'the-one', 2), range(64)))
    assert sorted({status for status, _ in answers}) == [200, 201]
    assert [status for status, _ in answers].count(201) == 1
    assert len({json.dumps(answer['data']) for _, answer in answers}) == 1
    demo.verify()


@hypothesis.settings(max_examples=8, stateful_step_count=1)
@hypothesis.given(steps=strategies.lists(strategies.tuples(
    strategies.sampled_from(['hold', 'confirm', 'cancel', 'buy']), strategies.integers(0, 5)), max_size=40))
def test_counts_hold_whatever_happens(stocked, steps):
    """Orders that wait hold a code each; a cancelled one gives it back; a code is never in two orders."""
    demo = stocked['demo']
    for what, which in steps:
        waiting = stocked['waiting']
        stocked['number'] += 1
        if what == 'hold':
            status, order = dvs(demo, 'POST', '/v1/async/transactions', {
                'external_id': f'h{stocked["number"]}', 'product_id': PRODUCT, 'auto_confirm': False})
            if status == 201:
                waiting.append(order['id'])
        elif what == 'buy':
            status, answer = buy(demo, f'b{stocked["number"]}', which + 1)
            if status == 201:
                stocked['sold'] += pins(answer['data'])
            else:
                assert answer['code'] == 'out_of_stock'
        elif waiting:
            order = waiting.pop(which % len(waiting))
            if what == 'cancel':
                dvs(demo, 'POST', f'/v1/transactions/{order}/cancel')
            else:
                status, answer = dvs(demo, 'POST', f'/v1/async/transactions/{order}/confirm')
                assert status == 202
                stocked['sold'].append(answer['pin']['code'])
    assert len(set(stocked['sold'])) == len(stocked['sold'])
    demo.verify()


@pytest.fixture(scope='module')
def stocked(tmp_path_factory):
    from demo import Demo
    server = Demo(tmp_path_factory.mktemp('stocked')).start()
    fill(server, tmp_path_factory.mktemp('codes'), [f'H-{n:05d}' for n in range(120)])
    yield {'demo': server, 'waiting': [], 'sold': [], 'number': 0}
    server.stop()


def test_all_or_nothing(start_demo, tmp_path):
    demo = start_demo()
    fill(demo, tmp_path, ['A-1', 'A-2'])
    path = tmp_path / 'again.csv'
    path.write_text('B-1\nA-2\nB-2\n')
    with pytest.raises((AssertionError, subprocess.CalledProcessError)):
        stock(demo, 'import', str(path), '--product', str(PRODUCT), '--sandbox')
    path.write_text('B-1\nB-2\n')
    assert '2 units' in stock(demo, 'import', str(path), '--product', str(PRODUCT), '--sandbox')
    demo.verify()


def test_operators_are_told_once_a_crossing(stocked, tmp_path):
    """By the sale that leaves less than the mark, by a batch that is taken out; again only after there was enough."""
    demo = stocked['demo']

    def told(before=0):
        events = json.loads(stock(demo, 'events', '--product', str(PRODUCT), '--json'))
        assert {event['type'] for event in events} <= {'stock.low'}
        return [(event['remaining'], event['low']) for event in events[::-1]][before:]

    def bring(name, count, low):
        path = tmp_path / 'low.csv'
        path.write_text(''.join(f'{name}-{n}\n' for n in range(count)))
        answer = stock(demo, 'import', str(path), '--product', str(PRODUCT), '--sandbox', '--low', str(low))
        return answer.split()[1][:-1]

    fill(demo, tmp_path, [])  # which takes what the demo has out of sale
    known = len(told())
    tasks = json.loads(demo.command('task', 'list', '--data', demo.data, '--json'))
    bring('L', 10, 6)
    for quantity in (4, 1, 2, 1):  # 6, then 5, 3, 2 are left
        stocked['number'] += 1
        assert buy(demo, f'low-{stocked["number"]}', quantity)[0] == 201
    assert told(known) == [(5, 6)]
    spare = bring('M', 20, 0)
    assert told(known) == [(5, 6)]
    stock(demo, 'void', spare)
    assert told(known) == [(5, 6), (2, 6)]
    assert json.loads(stock(demo, 'events', '--product', '1', '--json')) == []
    now = json.loads(demo.command('task', 'list', '--data', demo.data, '--json'))
    assert [task['kind'] for task in now[len(tasks):]] == ['stock_low', 'stock_low']
    demo.verify()


def importing(demo, path):
    return [demo.program, 'stock', 'import', str(path), '--product', str(PRODUCT), '--sandbox', '--data', demo.data]


def batches(demo):
    return json.loads(stock(demo, 'list', '--product', str(PRODUCT), '--json'))


def test_what_is_wrong_is_told_with_its_line(stocked, tmp_path):
    """And nothing of the file is imported, nor does anything of it stay."""
    demo, path = stocked['demo'], tmp_path / 'wrong.csv'
    path.write_text('KNOWN,S-1\n')
    stock(demo, 'import', str(path), '--product', str(PRODUCT), '--sandbox')
    before = [(row['batch'], row['free']) for row in batches(demo) if row['total']]
    known, date = 'this code is in stock already', 'expires must be a date'
    for text, wanted in [('D-1\nD-2\nD-1\n', f'line 3: {known}'),
                         ('code,serial\nD-1\n\nKNOWN,S-2\n', f'line 4: {known}'),
                         (''.join(f'D-{n % 1250}\n' for n in range(1251)), f'line 1251: {known}'),
                         ('code,serial,expires\nD-1,S,2030-02-30\n', f'line 2: {date}'),
                         ('D-1,S,tomorrow\n', f'line 1: {date}'), ('D-1\n,S-1\n', 'line 2: a code has 1 to 500 bytes'),
                         ('D-1\n' + 'D' * 501, 'line 2: a code has 1 to 500 bytes'),
                         ('D-1\n"D-2,S\n', 'line 2: must be code,serial,expires'),
                         ('D-1\nD-2,S,2030-01-31,more\n', 'line 2: must be code,serial,expires'),
                         ('D-1\n\udcff\n', 'line 2: must be code,serial,expires'),
                         ('code\n', 'there is nothing in the file')]:
        path.write_bytes(text.encode('utf-8', 'surrogateescape'))
        run = subprocess.run(importing(demo, path), capture_output=True, text=True, timeout=60)
        assert run.returncode == 1 and wanted in run.stderr and 'nothing was imported' in run.stderr, (text[:60], run)
        assert [(row['batch'], row['free']) for row in batches(demo) if row['total']] == before
    demo.verify()


def test_who_watches_sees_a_bar(stocked, tmp_path):
    path = tmp_path / 'bar.csv'
    path.write_text(''.join(f'BAR-{n}\n' for n in range(1200)))
    ours, theirs = pty.openpty()
    subprocess.run(importing(stocked['demo'], path), stdout=subprocess.DEVNULL, stderr=theirs, check=True, timeout=60)
    os.close(theirs)
    shown = re.findall(r'importing \[(#*) *\] +(\d+) %', os.read(ours, 1 << 16).decode())
    os.close(ours)
    assert [int(percent) for _, percent in shown] == sorted(int(percent) for _, percent in shown) and len(shown) > 2
    assert shown[-1] == ('#' * 40, '100')


def test_power_goes_in_mid_import(start_demo, tmp_path):
    """Nothing of it is sold, before and after; what is there can be deleted, and then the file be imported."""
    demo, path = start_demo(), tmp_path / 'many.csv'
    fill(demo, tmp_path, ['ONE'])
    assert pins(buy(demo, 'one')[1]['data']) == ['ONE']
    path.write_text(''.join(f'MANY-{n}\n' for n in range(30000)))
    process = subprocess.Popen(importing(demo, path), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    eventually(lambda: [row for row in batches(demo) if row['state'] == 'loading' and row['total'] >= 1000])
    assert buy(demo, 'before')[1]['code'] == 'out_of_stock'
    demo.kill9()
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 3 and 'bodega stock abandon' in said
    demo.start()
    cut = next(row for row in batches(demo) if row['state'] == 'loading')
    assert buy(demo, 'after')[1]['code'] == 'out_of_stock' and 1000 <= cut['total'] < 30000
    stock(demo, 'abandon', str(cut['batch']))
    assert f'{30000} units' in stock(demo, 'import', str(path), '--product', str(PRODUCT), '--sandbox')
    status, answer = buy(demo, 'again', 3)
    assert status == 201 and pins(answer['data']) == ['MANY-0', 'MANY-1', 'MANY-2']
    demo.verify()


def test_codes_are_nowhere_to_be_read(start_demo, tmp_path):
    demo = start_demo()
    codes = [f'PLANTED{n:04d}SECRET' for n in range(20)]
    fill(demo, tmp_path, codes)
    status, answer = buy(demo, 'planted', 3)
    assert status == 201
    order = demo.request('GET', '/api/v1/s2s/orders/' + answer['data']['id'],
                         {'Authorization': 'Bearer ' + demo.credentials['partners']['main']['s2s']['token']})
    assert codes[0].encode() in order.body
    keys = demo.credentials['partners']['main']['s2s']
    planted = [code.encode() for code in codes] + [keys['token'].encode(), keys['secret'].encode()]
    demo.stop()
    with open(demo.log_file, 'rb') as file:
        log = file.read()
    # The demo prints its purchases to paste, credentials in them.
    log = log.replace(keys['token'].encode(), b'').replace(keys['secret'].encode(), b'')
    store = demo.store_bytes()
    assert b'planted' in store
    assert not [secret for secret in planted if secret in store + log]


@pytest.mark.long
@pytest.mark.own_postgres
def test_two_nodes_sell_each_code_once(tmp_path, two_nodes):
    """The last codes at two doors at once, while one node imports a batch, and voids another that both sell from."""
    here, there = two_nodes.all
    codes = {name: [f'{name}-{n:05d}' for n in range(count)]
             for name, count in (('FIRST', 300), ('VOIDED', 3000), ('LATE', 300))}
    fill(here, tmp_path, codes['FIRST'])
    second = tmp_path / 'second.csv'
    second.write_text('\n'.join(codes['VOIDED']))
    batch = stock(there, 'import', str(second), '--product', str(PRODUCT), '--sandbox').split()[1].rstrip(':')
    late = tmp_path / 'late.csv'
    late.write_text('\n'.join(codes['LATE']))
    sold, lock, numbers = [], threading.Lock(), iter(range(10 ** 6))
    imported = threading.Event()

    def shop(buyer):
        node = two_nodes.all[buyer % 2]
        while True:
            with lock:
                number = next(numbers)
            last = imported.is_set()
            status, answer = buy(node, f'order-{number}', 1 + number % 3)
            if status == 201:
                with lock:
                    sold.extend(pins(answer['data']))
            else:
                assert (status, answer['code']) == (409, 'out_of_stock'), answer
                if last and number % 3 == 0:
                    return

    def keep_shop():
        while len(sold) < 320:
            time.sleep(0.01)
        stock(here, 'void', batch)
        stock(here, 'import', str(late), '--product', str(PRODUCT), '--sandbox')
        # Of what another node imports a node hears within seconds: until then it has nothing to sell.
        deadline = time.monotonic() + 60
        status, answer = buy(there, 'late-0')
        while status != 201 and time.monotonic() < deadline:
            status, answer = buy(there, f'late-{time.monotonic_ns()}')
            time.sleep(0.05)
        if status == 201:
            with lock:
                sold.extend(pins(answer['data']))
        imported.set()

    with concurrent.futures.ThreadPoolExecutor(17) as pool:
        keeper = pool.submit(keep_shop)
        for buyer in [pool.submit(shop, n) for n in range(16)]:
            buyer.result()
        keeper.result()
    assert len(sold) == len(set(sold)), 'a code was sold twice'
    assert set(codes['FIRST']) <= set(sold)
    listed = json.loads(stock(here, 'list', '--product', str(PRODUCT), '--json'))
    voided = next(row for row in listed if row['batch'] == int(batch))
    assert voided['state'] == 'voided' and voided['free'] == voided['reserved'] == 0
    assert voided['sold'] + voided['voided'] == 3000
    assert voided['sold'] == len(set(codes['VOIDED']) & set(sold)) > 0
