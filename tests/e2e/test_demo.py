"""tests/e2e/test_demo.py: the demo contract: the file, the keys in it, restarts, crashes."""
import json
import os
import re
import stat
import subprocess
import uuid

import pytest
from demo import HANG_SECONDS, exchange
from shop import ask, basic, bodega, buy

KEYS = {'dvs': {'key', 'secret'}, 'mobimatter': {'api_key', 'merchant_id'}, 'payvessel': {'api_key', 'api_secret'},
        's2s': {'token', 'secret'}, 'mobip': {'account_id', 'secret_key', 'uid', 'external_id'}}


def small(start_demo, *arguments):
    return start_demo('--products', 200, '--time-scale', 1000, *arguments)


def test_the_file_is_what_the_contract_says(start_demo):
    demo = small(start_demo)
    given = demo.credentials
    assert set(given) == {'base_url', 'partners', 'restricted', 'kyc', 'admin'}
    assert given['base_url'] == f'http://127.0.0.1:{demo.port}'
    assert set(given['partners']) == {'main', 'second', 'empty'}
    for partner in given['partners'].values():
        assert {name: set(keys) for name, keys in partner.items()} == KEYS
        assert all(value for keys in partner.values() for value in keys.values())
        uuid.UUID(partner['mobimatter']['merchant_id'])
    assert set(given['restricted']['mobip']) == {'account_id', 'secret_key'}
    assert set(given['admin']) == {'email', 'password', 'token'}
    assert stat.S_IMODE(os.stat(demo.credentials_file).st_mode) == 0o600
    for name in ('store.uri' if demo.store else 'store.db', 'master.key', 'control.sock', 'demo-credentials.json'):
        assert stat.S_IMODE(os.stat(os.path.join(demo.data, name)).st_mode) == 0o600, name


def test_partners_have_the_money_they_are_said_to_have(start_demo):
    demo = small(start_demo)
    partners = {partner['name']: partner['id'] for partner in ask(demo, 'partner', 'list')}
    money = {name: {w['currency']: w['available'] for w in ask(demo, 'wallet', 'list', number)}
             for name, number in partners.items()}
    assert money['main']['USD'] >= 10_000_000 and money['main']['EUR'] >= 1_000_000
    assert money['second']['EUR'] > 0
    assert money['empty'] == {'USD': 0, 'EUR': 0}


def test_restarts_keep_credentials_money_and_orders(start_demo):
    demo = small(start_demo)
    before = demo.credentials
    order = buy(demo, 'first')
    demo.restart()
    assert demo.credentials == before
    path = f'/v1/transactions/{order["id"]}'
    again = demo.request('GET', path, {'Authorization': basic(demo.partner('dvs'))}).json()
    assert again['status']['message'] == 'COMPLETED'
    demo.verify()


def test_kill_9_loses_nothing_that_was_answered(start_demo):
    demo = small(start_demo)
    before = demo.credentials
    orders = [buy(demo, f'order-{i}', sync=i % 2 == 0) for i in range(20)]
    demo.kill9()
    demo.start()
    assert demo.credentials == before
    for order in orders:
        answer = demo.request('GET', f'/v1/transactions/{order["id"]}',
                              {'Authorization': basic(demo.partner('dvs'))})
        assert answer.status == 200
    demo.verify()


@pytest.mark.sqlite
def test_a_start_that_was_cut_short_is_finished_by_the_next(start_demo):
    demo = small(start_demo)
    demo.stop()
    # As if the process had ended between the credentials' file and the last rows: some of them are not there.
    import sqlite3
    with sqlite3.connect(os.path.join(demo.data, 'store.db')) as db:
        db.execute('DELETE FROM credentials WHERE partner_id = 3')
        db.execute('DELETE FROM operators')
    before = demo.credentials
    demo.start()
    assert demo.credentials == before
    answer = demo.request('GET', '/v1/balances', {'Authorization': basic(demo.partner('dvs', 'empty'))})
    assert answer.status == 200


def test_the_printed_purchase_can_be_pasted(start_demo):
    demo = small(start_demo)
    with open(demo.log_file, encoding='utf-8') as file:
        text = file.read()
    pair = demo.partner('dvs')
    assert f'-u {pair["key"]}:{pair["secret"]}' in text
    # A user has the program where it was built, not on the PATH.
    for line in (f'{demo.program} sandbox --data {demo.data} advance 25h', f'{demo.program} verify --data {demo.data}'):
        assert line in text
    body = json.loads(re.search(r"'(\{.*\})'", text.replace("'$(date +%s%N)'", 'pasted'))[1])
    answer = demo.request('POST', '/v1/sync/transactions',
                          {'Authorization': basic(pair), 'Content-Type': 'application/json'}, json.dumps(body))
    assert answer.status in (200, 201) and answer.json()['status']['message'] == 'COMPLETED'


def test_the_printed_esims_can_be_pasted(start_demo):
    """Into a shell, as they are, but for the wait."""
    demo = small(start_demo)
    with open(demo.log_file, encoding='utf-8') as file:
        text = file.read()

    def paste(title):
        lines = text.partition(f'{title}: ')[2].split('\n\n')[1].replace('sleep 4; ', '')
        shell = subprocess.run(['bash', '-c', lines], capture_output=True, text=True, check=True, timeout=HANG_SECONDS)
        return json.loads(shell.stdout)

    assert paste('MobiMatter')['result']['orderState'] == 'Completed'
    order = paste('PayVessel')['data']
    assert order['package_code'] == 'US_5GB_30D' and order['status'] in ('pending', 'processing', 'completed')


def test_two_servers_never_share_a_folder(start_demo):
    demo = small(start_demo)
    _, err = bodega('demo', '--data', demo.data, '--listen', '127.0.0.1:0', code=3)
    assert 'another bodega is running' in err


def test_another_store_is_refused_clearly(tmp_path):
    _, err = bodega('demo', '--data', tmp_path / 'x', '--store', 'mysql://localhost/x', code=3)
    assert '--store is' in err
    assert not (tmp_path / 'x' / 'store.db').exists()
    _, err = bodega('demo', '--data', tmp_path / 'y', '--store', 'postgres://127.0.0.1:1/x', code=3)
    assert 'store_unavailable' in err
    (tmp_path / 'z').mkdir()
    (tmp_path / 'z' / 'store.db').touch()
    _, err = bodega('demo', '--data', tmp_path / 'z', '--store', 'postgres://127.0.0.1:1/x', code=3)
    assert 'another store' in err
    assert not (tmp_path / 'z' / 'store.uri').exists()


def test_rate_limit_is_off_until_it_is_asked_for(start_demo):
    demo = small(start_demo, '--rate-limit', 2)
    headers = {'Authorization': basic(demo.partner('dvs'))}
    statuses = [exchange(demo.base_url, 'GET', '/v1/balances', headers).status for _ in range(20)]
    assert 429 in statuses
