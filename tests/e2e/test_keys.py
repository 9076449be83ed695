"""tests/e2e/test_keys.py: the master key is rotated while the shop sells; nothing sealed stays with the old one."""
import json
import os
import shutil
import sqlite3
import subprocess
import threading
import time

import pytest
from dvs import Dvs, good
from transcript import s2s_signature

CARD = '019bc0dd-9101-7d12-a3c4-6e5f8a7b9c01'
ORDERS = '/api/v1/s2s/orders'
SEALED = {'partners': 'webhook_secret', 'credentials': 'sealed', 'stock_batches': 'sealed_key', 'units': 'delivery',
          'esims': 'profile', 'kyc': 'doc', 'callbacks': 'body', 'messages': 'doc', 'merchants': 'provider_private_key'}


def buy(demo, external_id):
    keys = demo.partner('s2s')
    body = json.dumps({'external_id': external_id, 'item': {'sku_id': CARD, 'fields': {'quantity': 1}}})
    now = str(int(time.time()))
    answer = demo.request('POST', ORDERS, {
        'Authorization': 'Bearer ' + keys['token'], 'Content-Type': 'application/json', 'X-Timestamp': now,
        'X-Signature': s2s_signature(keys['secret'], now, ORDERS, body)}, body)
    assert answer.status == 201, answer
    return answer.json()['data']


def pin(order):
    return order['items'][0]['delivery_data'][0]['pin']


def read(demo, order):
    answer = demo.request('GET', f'{ORDERS}/{order["id"]}',
                          {'Authorization': 'Bearer ' + demo.partner('s2s')['token']})
    assert answer.status == 200, answer
    return answer.json()['data']


def key_ids(demo):
    """The ids of the keys that something in the store is sealed with, and in which tables."""
    on_postgres = demo.store or '--store' in demo.arguments
    first = "encode(substr({1}, 1, 1), 'hex')" if on_postgres else 'hex(substr({1}, 1, 1))'
    sql = ' UNION '.join(f"SELECT '{{0}}', {first} FROM {{0}} WHERE length({{1}}) > 0".format(*one)
                         for one in SEALED.items())
    if on_postgres:
        uri = demo.store or demo.arguments[demo.arguments.index('--store') + 1]
        out = subprocess.run(['psql', '-qXAt', '-c', sql, uri], check=True, capture_output=True, text=True).stdout
        rows = [line.split('|') for line in out.split()]
    else:
        with sqlite3.connect(f'file:{demo.data}/store.db?mode=ro', uri=True) as store:
            rows = store.execute(sql).fetchall()
    found = {}
    for table, key_id in rows:
        found.setdefault(int(key_id, 16), set()).add(table)
    return found


def key(demo, verb):
    return demo.command('key', verb, '--data', demo.data)


def starts_with(demo, name):
    """Whether that key file starts a server: in a copy of the folder's key, on the same store."""
    path = os.path.join(demo.data, 'master.key')
    shutil.copy(path, path + '.aside')
    if name != 'master.key':
        shutil.copy(os.path.join(demo.data, name), path)
    try:
        demo.start().stop()
        return True
    except AssertionError:
        return False
    finally:
        os.replace(path + '.aside', path)


def furnish(demo):
    """Something of every kind that is sealed, but for identities."""
    demo.change_partner('main', '--webhook-secret', 'whsec_' + 'c2VjcmV0' * 4)
    client = Dvs(demo)
    good(client.create(client.order(client.gift_card(), auto_confirm=True,
                                    callback_url='http://127.0.0.1:9/nobody')), 201)
    demo.advance('60s')


def test_rotation(start_demo):
    """Killed in the middle, started with either key, taken up again; what was sold before is read after."""
    demo = start_demo()
    furnish(demo)
    sold = [buy(demo, f'before-{n}') for n in range(20)]
    old, = key_ids(demo)
    begun = demo.control('POST', '/admin/v1/key/rotate').json()
    assert begun['stage'] == 'begun'
    sold.append(buy(demo, 'begun'))
    assert demo.control('POST', '/admin/v1/key/finish').status == 409
    # Partners and credentials are through, stock and what was sold are not: then the power goes.
    deadline = time.monotonic() + 60
    while old in key_ids(demo) and 'credentials' in key_ids(demo)[old]:
        assert demo.control('POST', '/admin/v1/key/step').status == 200
        assert time.monotonic() < deadline
    assert len(key_ids(demo)) == 2
    demo.kill9()
    demo.start()
    sold.append(buy(demo, 'between'))
    assert demo.control('POST', '/admin/v1/key/rotate').json()['key'] == begun['key']
    key(demo, 'rotate')
    new, = key_ids(demo)
    assert new != old
    sold.append(buy(demo, 'after'))
    assert [pin(read(demo, order)) for order in sold] == [pin(order) for order in sold]
    demo.stop()
    assert starts_with(demo, 'master.key') and starts_with(demo, 'master.key.old')
    demo.start()
    assert list(key_ids(demo)) == [new]
    assert 'master.key.next' not in os.listdir(demo.data)
    key(demo, 'finish')
    demo.stop()
    assert starts_with(demo, 'master.key') and not starts_with(demo, 'master.key.old')
    # Once more: the pepper that bearer keys are hashed with outlives its master key a second time.
    demo.start()
    key(demo, 'rotate')
    key(demo, 'finish')
    demo.restart()
    assert [pin(read(demo, order)) for order in sold] == [pin(order) for order in sold]
    buy(demo, 'later')
    demo.verify()


@pytest.mark.long
@pytest.mark.own_postgres
def test_two_nodes(two_nodes):
    """Both sell, sign and show while one of them is told to rotate; neither refuses anything."""
    here, there = two_nodes.all
    furnish(here)
    over = threading.Event()
    sold, broken = [], []

    def sell(node, name):
        number = 0
        while not over.is_set():
            number += 1
            try:
                order = buy(node, f'{name}-{number}')
                assert pin(read(here, order)) == pin(read(there, order)) == pin(order)
                sold.append(order)
            except AssertionError as trouble:
                broken.append(trouble)
                return

    sellers = [threading.Thread(target=sell, args=pair) for pair in ((here, 'h'), (there, 't'))]
    for seller in sellers:
        seller.start()
    try:
        key(here, 'rotate')
    finally:
        over.set()
        for seller in sellers:
            seller.join()
    assert not broken, broken[0]
    assert len(sold) > 10
    new, = key_ids(here)
    key(here, 'finish')
    sold += [buy(here, 'here'), buy(there, 'there')]
    assert list(key_ids(here)) == [new]
    # The second node has its old key file still: it goes on, and starts again with the new one only.
    there.stop()
    with pytest.raises(AssertionError):
        there.start()
    there.process = None
    shutil.copy(os.path.join(here.data, 'master.key'), there.data)
    there.start()
    assert all(pin(read(there, order)) == pin(order) for order in sold)
