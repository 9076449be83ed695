"""tests/e2e/test_transfer.py: bodega export and bodega import: a store of many orders moves from SQLite to
PostgreSQL and back, and nothing of it changes on the way."""
import json
import os
import shutil
import sqlite3
import subprocess

import pytest
from demo import HANG_SECONDS, Demo, binary, new_store
from dvs import Dvs, eventually, is_final, refused
from shop import bodega, buy

A_FEW, MANY = 2_000, 100_000
SAMPLE = 40
SUMS = ('SELECT count(*), sum(amount), sum(fee), sum(id % 1000003) FROM orders',
        'SELECT count(*), sum(balance % 1000003), sum(held), sum(version) FROM accounts',
        'SELECT count(*), sum(amount % 1000003), sum(debit_after % 1000003), sum(seq) FROM ledger',
        'SELECT partner_id, movement_seq, event_seq FROM counters ORDER BY partner_id')


def sums(store):
    """The books of a store, as the engine itself adds them up."""
    if '://' in store:
        return [subprocess.run(['psql', '-qXAtF', ',', '-c', sql, store], check=True, capture_output=True,
                               text=True).stdout.split() for sql in SUMS]
    with sqlite3.connect(f'file:{store}?mode=ro', uri=True) as db:
        return [[','.join(map(str, row)) for row in db.execute(sql)] for sql in SUMS]


def move(source, *target):
    """export | import; what each of them says of the tables."""
    with subprocess.Popen([binary(), 'export', '--data', source, '--json'], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as reader:
        writer = subprocess.run([binary(), 'import', *target, '--key', f'{source}/master.key', '--json'],
                                stdin=reader.stdout, capture_output=True, timeout=HANG_SECONDS)
        reader.stdout.close()
        said = reader.stderr.read()
    assert reader.returncode == 0, said
    assert writer.returncode == 0, writer.stderr
    return json.loads(said), json.loads(writer.stdout)


def buy_a_few(demo):
    """Orders that have ended, refused ones among them."""
    client = Dvs(demo)
    for number in range(SAMPLE):
        buy(demo, f'sample-{number}', sync=False, number='+6595123' + ('102' if number % 10 == 9 else '100'))
    eventually(lambda: all(map(is_final, client.list())))


@pytest.fixture
def filled(orders, tmp_path, monkeypatch):
    """The folder of a stopped demo on SQLite with that many orders: those of a sample, written again and again."""
    monkeypatch.delenv('BODEGA_TEST_POSTGRES', raising=False)
    demo = Demo(tmp_path / 'shop', '--time-scale', 1000)
    data = tmp_path / 'filled'
    with demo:
        pass
    shutil.copytree(demo.data, data, ignore=shutil.ignore_patterns('control.sock'))
    with demo:
        buy_a_few(demo)
    preload = os.path.join(os.path.dirname(binary()), 'tests', 'bench', 'preload')
    subprocess.run([preload, '--file', f'{data}/store.db', '--sample', f'{demo.data}/store.db', '--orders', str(orders),
                    '--from-hours-ago', '12', '--to-hours-ago', '1'],
                   check=True, capture_output=True, timeout=HANG_SECONDS)
    monkeypatch.undo()
    return data


@pytest.mark.sqlite  # and PostgreSQL: once for both lanes
@pytest.mark.parametrize('orders', [A_FEW, pytest.param(MANY, marks=pytest.mark.long)])
def test_orders_go_there_and_back(orders, filled, tmp_path, postgres):
    uri = new_store(postgres)
    before = sums(f'{filled}/store.db')
    assert int(before[0][0].split(',')[0]) == orders
    there, back = tmp_path / 'there', tmp_path / 'back'
    told, done = move(filled, '--data', there, '--store', uri)
    assert done.pop('differences') == 0
    assert told == done
    assert ' 0 differences' in bodega('verify', '--data', filled)[0]
    assert ' 0 differences' in bodega('verify', '--data', there)[0]
    assert sums(uri) == before
    again, returned = move(there, '--data', back)
    assert returned.pop('differences') == 0
    assert again == returned == told
    assert sums(f'{back}/store.db') == before
    assert ' 0 differences' in bodega('verify', '--data', back)[0]


def small(folder):
    demo = Demo(folder, '--time-scale', 1000)
    with demo:
        buy(demo, 'before')
    return demo


def test_a_moved_store_is_served_as_before(tmp_path, postgres):
    """Its credentials, its orders, its sealed deliveries and its clock; and it sells on."""
    demo = small(tmp_path / 'shop')
    uri = new_store(postgres)
    moved = Demo(tmp_path / 'moved', '--time-scale', 1000, '--store', uri)
    text = tmp_path / 'shop.export'
    bodega('export', '--data', demo.data, text)
    assert os.stat(text).st_mode & 0o777 == 0o600
    bodega('import', '--data', moved.data, '--store', uri, '--key', f'{demo.data}/master.key', text)
    assert os.stat(f'{moved.data}/master.key').st_mode & 0o777 == 0o600
    os.link(f'{demo.data}/demo-credentials.json', f'{moved.data}/demo-credentials.json')
    with moved:
        assert moved.credentials['partners'] == demo.credentials['partners']
        client = Dvs(moved)
        [order] = client.find('before')
        assert is_final(order)
        refused(client.create({**client.order(client.top_up(), '100'), 'external_id': 'before'}), 400, 1007001)
        buy(moved, 'after')
        moved.verify()


def test_what_is_in_the_way_is_said(tmp_path):
    demo = small(tmp_path / 'shop')
    text, other = tmp_path / 'shop.export', tmp_path / 'other'
    with demo:
        for command in ('export', 'import'):
            _, err = bodega(command, '--data', demo.data, text, code=3)
            assert 'another bodega is running' in err
    bodega('export', '--data', demo.data, text)
    assert 'is there already' in bodega('export', '--data', demo.data, text, code=1)[1]
    assert 'there is a store with rows here' in bodega('import', '--data', demo.data, text, code=1)[1]
    assert 'there is no store here' in bodega('export', '--data', tmp_path, code=3)[1]
    assert '--data is missing' in bodega('import', text, code=2)[1]
    # Half a text: nothing of it stays, and the whole one can still come.
    half = tmp_path / 'half'
    half.write_bytes(text.read_bytes()[:-100])
    assert 'before it is whole' in bodega('import', '--data', other, half, code=1)[1]
    assert not (other / 'store.db').exists()
    out, err = bodega('import', '--data', other, text)
    assert out.startswith('imported: ') and 'put the master key into' in err
