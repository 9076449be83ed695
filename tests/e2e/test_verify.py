"""tests/e2e/test_verify.py: bodega verify finds every kind of damage that is planted, and names it."""
import json
import shutil
import sqlite3

import pytest
import transcript
from demo import Demo
from dvs import Dvs, good
from merchant import Merchant, Payer
from mobimatter import GLOBAL_5, KYC, TOP_UP, Mobimatter, details, internal_id
from shop import bodega, buy, wait_until

pytestmark = pytest.mark.sqlite  # the damage is done to the file

INTO_JOBS = 'INSERT INTO jobs (id, kind, order_id, partner_id, unit, currency, due_at, tries, fence)'
# What is done to the store, and words of the difference that must be printed.
DAMAGE = {
    'a balance': ("UPDATE accounts SET balance = balance + 1 WHERE id = (SELECT wallet_id FROM ledger WHERE kind = 5 "
                  "ORDER BY id LIMIT 1)", 'wallet of partner 1 in USD'),
    'a hold': ("UPDATE accounts SET held = held + 5, balance = balance WHERE held > 0", 'held'),
    'a contra account': ("UPDATE accounts SET balance = balance - 7 WHERE balance < 0", 'add up to'),
    'an amount': ("UPDATE ledger SET amount = amount + 1 WHERE kind = 2", 'after ledger row'),
    'a balance after': ("UPDATE ledger SET credit_after = credit_after + 1 WHERE kind = 2", 'after ledger row'),
    'a lost ledger row': ("DELETE FROM ledger WHERE kind = 2", 'the ledger says'),
    'a lost account': ("DELETE FROM accounts WHERE balance < 0", 'does not exist'),
    'a movement number': ("UPDATE ledger SET seq = seq + 1 WHERE kind = 2", 'movements of partner 1'),
    'a movement counter': ("UPDATE counters SET movement_seq = movement_seq + 1 WHERE partner_id = 1",
                           'its counter says'),
    'a lost event': ("DELETE FROM events WHERE id = (SELECT min(id) FROM events)", 'events of partner 1'),
    'an event counter': ("UPDATE counters SET event_seq = 0 WHERE partner_id = 1", 'its counter says 0 events'),
    'a lost counter': ("DELETE FROM counters WHERE partner_id = 1", 'no counter'),
    'a state': ("UPDATE orders SET state = 6 WHERE state = 4", 'declined and not every unit failed'),
    'a state that holds': ("UPDATE orders SET state = 8 WHERE state = 1", 'its open orders cost'),
    'a price': ("UPDATE orders SET amount = amount + 1 WHERE state = 4", 'what was delivered cost'),
    'a lost unit': ("DELETE FROM units", 'not every unit is delivered'),
    'a unit': ("UPDATE units SET state = 1", 'jobs for'),
    'a lost attempt': ("DELETE FROM attempts", 'its units count 1 attempts'),
    'a lost expiry': ("DELETE FROM jobs WHERE kind = 2", '0 expiry jobs'),
    'a job too many': (f"{INTO_JOBS} SELECT 77, 1, id, partner_id, 1, currency, 0, 0, 0 FROM orders WHERE state = 4",
                       '1 jobs for 0 open units'),
    'a job of nothing': (f"{INTO_JOBS} VALUES (78, 1, 12345, 1, 1, 840, 0, 0, 0)", 'no such order'),
    'a callback without a job': ("INSERT INTO callbacks SELECT id, 1, 79, 1, 0, 0, NULL, NULL, 0, 0, 0, 0 FROM orders "
                                 "WHERE state = 4", 'waits and no job delivers it'),
    'a job without a callback': (f"{INTO_JOBS} SELECT 80, 3, id, partner_id, 9, currency, 0, 0, 0 FROM orders "
                                 "WHERE state = 4",
                                 'which does not wait'),
    'a message without a job': ("INSERT INTO messages SELECT id, 1, 1, 81, partner_id, 5, 2, 0, 2, 0, 0, NULL, 'x', 0, "
                                "0, 0, 0, 0, 0, 0 FROM orders WHERE state = 4", 'is to be sent and no job sends it'),
    'a job without a message': (f"{INTO_JOBS} SELECT 82, 9, id, partner_id, 1, 1, 0, 0, 0 FROM orders WHERE state = 4",
                                'sends a message that is not to be sent'),
    'an audit row': ("UPDATE audit SET detail = 'nothing' WHERE id = (SELECT max(id) FROM audit)",
                     'not what was written'),
    'a lost audit row': ("DELETE FROM audit WHERE id = (SELECT max(id) - 0 FROM audit WHERE id < (SELECT max(id) "
                         "FROM audit))", 'does not follow'),
    'a foreign key': ("DELETE FROM partners WHERE id = 2", 'parent is missing'),
}


# The same of a store with eSIMs: a first order with a top-up, two at once, one that was refunded, two identity checks.
ESIM_DAMAGE = {
    'a lost unit of an eSIM': ("DELETE FROM units WHERE order_id = (SELECT max(root_id) FROM esim_links)",
                               'the unit was not delivered'),
    'an eSIM of somebody else': ("UPDATE esims SET partner_id = 2", 'no first order of that partner'),
    'a withdrawn eSIM': ("UPDATE esims SET state = 3 - state", "its eSIM is not in the order's state"),
    'a lost eSIM': ("DELETE FROM esims WHERE unit = 2", 'this one was delivered without'),
    'an ICCID twice': ("DROP INDEX esims_iccid; UPDATE esims SET iccid = (SELECT min(iccid) FROM esims)",
                       'its ICCID is that of another eSIM'),
    'a lost link': ("DELETE FROM esim_links", 'an eSIM that does not know it'),
    'a link twice': ("INSERT INTO esim_links SELECT root_id, 9, order_id, reference, category, product_id, "
                     "product_batch, state, completed_at, unit FROM esim_links", 'is not numbered 1, 2, 3'),
    'a state of a link': ("UPDATE esim_links SET state = 8", 'no order of that kind and state'),
    'a link to another product': ("UPDATE esim_links SET product_id = 1", 'no order of that kind and state'),
    'a lost check': ("DELETE FROM kyc WHERE state = 1", "its identity check is not in the order's state"),
    'a check': ("UPDATE kyc SET state = 3 WHERE state = 4", "its identity check is not in the order's state"),
    'a root': ("UPDATE orders SET root_id = 0", 'no order of that kind and state'),
}


# Of a store with stock and a till: a code was sold, one waits to be confirmed, one is free; a payer has paid, another
# has not; a reusable code waits for the picture of its item.
TILL_DAMAGE = {
    'a free count': ("UPDATE stock_batches SET free = free + 1", 'imported'),
    'a sold count': ("UPDATE stock_batches SET sold = sold - 1, free = free + 1", 'its units are'),
    'a sold unit': ("UPDATE stock_units SET state = 1 WHERE order_id IN (SELECT id FROM orders WHERE state = 4)",
                    'stock batch'),
    'a lost stock unit': ("DELETE FROM stock_units WHERE order_id IS NULL", 'stock batch'),
    'a head': ("UPDATE stock_batches SET head = head + 1", 'its head is at'),
    'a parent': ("UPDATE partners SET parent_id = 77 WHERE id = 2", 'a sub-account of 77, which is not there'),
    'a parent in a circle': ("UPDATE partners SET parent_id = 3 - id WHERE id < 3", 'which is one itself'),
    'a payment': ("UPDATE payments SET state = 3 WHERE state = 1", 'the ledger received 0 micros'),
    'a paid payment': ("UPDATE payments SET state = 4 WHERE state = 3", 'the ledger received'),
    'an amount of a payment': ("UPDATE payments SET item_amount = item_amount + 1 WHERE state = 3", 'it is of'),
    'a lost payment': ("DELETE FROM payment_attempts; DELETE FROM payments WHERE state = 3", 'and no such payment'),
    'a payment by nobody': ("UPDATE payment_attempts SET state = 5", 'no attempt has paid it'),
    'a lost expiry of a payment': ("DELETE FROM jobs WHERE kind = 6", 'its expiry has no job'),
    'a job of no attempt': (f"{INTO_JOBS} SELECT 83, 5, id, partner_id, 1, 840, 0, 0, 0 FROM payments WHERE state = 3",
                            'a job no such attempt'),
    'a lost job of a picture': ("DELETE FROM jobs WHERE kind = 11", 'waits for its picture and no job fetches it'),
    'a picture that was kept': ("UPDATE reusables SET photo_state = 2", 'a job fetches its picture, for which it does'),
    'a job of no reusable code': ("UPDATE jobs SET order_id = 1 WHERE kind = 11", 'reusable code 1: a job fetches'),
}


@pytest.fixture(scope='module')
def till(tmp_path_factory):
    folder = tmp_path_factory.mktemp('till')
    demo = Demo(folder, '--products', 200, '--time-scale', 1000)
    codes = folder / 'codes.csv'
    codes.write_text('code-one\ncode-two\ncode-three\n')
    with demo:
        demo.command('stock', 'import', codes, '--product', '1395', '--sandbox', '--data', demo.data)
        client = Dvs(demo)
        good(client.create(client.order({'id': 1395}, auto_confirm=True), sync=True), 201)
        good(client.create(client.order({'id': 1395})), 201)
        merchant = Merchant(demo)
        asked = [merchant.ask(), merchant.ask()]
        assert Payer(demo, asked[0]['url_checkout']).pay().status == 303
        wait_until(lambda: merchant.state(asked[0])['transaction_status'] == 'PAID')
        made = merchant.call('POST', 'mobip/create_reusable_qr', access_token=merchant.token, item_name='Tea',
                             item_amount='10', tax_amount='3', item_photo='http://127.0.0.1:9/nobody.png')
        assert made['return_code'] == '0'
        out, _ = bodega('verify', '--data', demo.data)
        assert ' 2 payments' in out and ' 0 differences' in out
    return demo.data


@pytest.fixture(scope='module')
def esims(tmp_path_factory):
    demo = Demo(tmp_path_factory.mktemp('esims'), '--products', 200, '--time-scale', 1000)
    with demo:
        shop = Mobimatter(demo)
        root = shop.buy(GLOBAL_5)['orderId']
        shop.buy(TOP_UP, root)
        refunded = shop.buy(GLOBAL_5)['orderId']
        shop.call('PUT', '/order/refund', {'orderId': refunded})
        shop.wait_for(refunded, 'Refunded')
        shop.buy(KYC)
        demo.sandbox('kyc', internal_id(details(shop.buy(KYC))['KYC_URL']), 'reject')
        headers = transcript.sign_in_payvessel(demo.partner('payvessel'), '', '', '')
        body = json.dumps({'reference': 'two', 'package_code': 'JC016', 'quantity': 2})
        two = demo.request('POST', '/api/v1/esim/orders', headers, body).json()['data']['id']
        wait_until(lambda: demo.request('GET', f'/api/v1/esim/orders/{two}', headers, '').json()['data']['profiles'])
        dvs = buy_esim(demo)
        demo.command('order', 'reverse', dvs['id'], '--data', demo.data)
        out, _ = bodega('verify', '--data', demo.data)
        assert ' 5 eSIMs' in out and ' 0 differences' in out
    return demo.data


def buy_esim(demo):
    """Through the DVS API, which knows eSIMs too."""
    client = Dvs(demo)
    return good(client.create(client.order({'id': 1340}, auto_confirm=True), sync=True), 201)


@pytest.fixture(scope='module')
def sound(tmp_path_factory):
    """A stopped store with one order completed and one that waits to be confirmed."""
    demo = Demo(tmp_path_factory.mktemp('sound'), '--products', 200, '--time-scale', 1000)
    with demo:
        buy(demo, 'completed')
        buy(demo, 'waiting', confirm=False, sync=False)
        out, _ = bodega('verify', '--data', demo.data)
        assert ' 2 orders' in out and ' 0 differences' in out
    out, _ = bodega('verify', '--data', demo.data)
    assert ' 0 differences' in out
    return demo.data


@pytest.mark.parametrize('kind', DAMAGE)
def test_damage_is_found_and_named(sound, tmp_path, kind):
    damage(sound, tmp_path / 'data', *DAMAGE[kind])


@pytest.mark.parametrize('kind', ESIM_DAMAGE)
def test_damage_of_esims_is_found_and_named(esims, tmp_path, kind):
    damage(esims, tmp_path / 'data', *ESIM_DAMAGE[kind])


@pytest.mark.parametrize('kind', TILL_DAMAGE)
def test_damage_of_stock_and_payments_is_found_and_named(till, tmp_path, kind):
    damage(till, tmp_path / 'data', *TILL_DAMAGE[kind])


def damage(sound, data, statements, words):
    shutil.copytree(sound, data, ignore=shutil.ignore_patterns('control.sock'))
    db = sqlite3.connect(data / 'store.db', isolation_level=None)
    for statement in statements.split('; '):
        assert db.execute(statement).rowcount != 0
    db.close()
    out, _ = bodega('verify', '--data', data, code=1)
    assert words in out, out
    books = json.loads(bodega('verify', '--data', data, '--json', code=1)[0])
    assert books['differences'] == out.splitlines()[:-1] and books['difference_count'] == len(books['differences'])
