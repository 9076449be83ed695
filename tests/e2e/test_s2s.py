"""tests/e2e/test_s2s.py: what is always true of the S2S API, by the numbers of its list of invariants.

Elsewhere: 3 (stock is sold once) in test_stock.py and, with two nodes, in test_events.py; 10 (top-ups) in the
transcripts s2s/006 and s2s/007; 11 (webhooks) in test_webhooks.py.
"""
import concurrent.futures
import datetime
import http.client
import json
import threading
import time

import hypothesis
import pytest
from demo import Demo
from dvs import eventually
from hypothesis import strategies
from s2s import AIRTIME, ANY_AMOUNT, CARD, ESIM, EVERY_SECOND, S2S, cents, unique

SETTINGS = hypothesis.settings(max_examples=8, deadline=None, derandomize=True,
                               suppress_health_check=list(hypothesis.HealthCheck))
PHONE = '+6595123100'


@pytest.fixture(scope='module')
def demo(tmp_path_factory):
    with Demo(tmp_path_factory.mktemp('s2s'), '--webhook-url', 'http://127.0.0.1:9/') as demo:
        yield demo
        demo.verify()


@pytest.fixture(scope='module')
def shop(demo):
    return S2S(demo.base_url, demo.partner('s2s'))


def at_once(count, do):
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(do, range(count)))


def history(shop):
    """Oldest first."""
    return shop.walk('/balance/history', 100)[::-1]


def check_books(shop):
    """The rows chain up to the balance, and what is available follows from it."""
    rows, balance = history(shop), shop.balance()
    for before, row in zip(rows, rows[1:]):
        assert cents(row['balance_after']) == cents(before['balance_after']) + cents(row['amount'])
        assert before['created_at'] <= row['created_at']
    assert cents(rows[-1]['balance_after']) == cents(balance['balance'])
    overdraft = cents(balance['overdraft_limit']) if balance['allow_overdraft'] else 0
    assert cents(balance['available_balance']) == \
        cents(balance['balance']) - cents(balance['reserved_amount']) + overdraft
    assert balance['is_overdrafted'] == (cents(balance['balance']) < 0)
    return cents(balance['balance'])


@SETTINGS
@hypothesis.given(strategies.lists(strategies.tuples(
    strategies.sampled_from([(CARD, {}), (AIRTIME, {'phone': PHONE}), (ANY_AMOUNT, {'phone': PHONE})]),
    strategies.integers(1, 5), strategies.integers(100, 99999)), min_size=1, max_size=5))
def test_1_the_ledger_chains(demo, shop, purchases):
    before, spent = check_books(shop), 0
    for (sku, fields), quantity, amount in purchases:
        if sku == ANY_AMOUNT:
            fields = {**fields, 'amount': f'{amount // 100}.{amount % 100:02d}'}
        order = shop.buy(sku, quantity, **fields)
        assert cents(order['total_amount']) == cents(order['items'][0]['price']) * quantity
        spent += cents(order['total_amount'])
        check_books(shop)
    demo.advance('4s')
    eventually(lambda: shop.walk('/orders?status=processing', 50) == [])
    assert check_books(shop) == before - spent


def test_2_one_external_id_is_one_order(shop):
    """However many ask at once: one order, one charge, one code, one event."""
    _, place = shop.events()
    rows, body = len(history(shop)), shop.order(CARD)
    answers = at_once(16, lambda _: shop.send('POST', '/orders', body))
    assert sorted(status for status, _ in answers) == [200] * 15 + [201]
    assert len({json.dumps(tree['data']) for _, tree in answers}) == 1
    assert len(history(shop)) == rows + 1
    assert [e['order']['external_id'] for e in shop.events(place)[0]] == [body['external_id']]
    status, tree = shop.send('POST', '/orders', {**body, 'metadata': {'another': 'request'}})
    assert (status, tree['code']) == (409, 'external_id_conflict')


def test_2_money_for_ten_buys_ten(demo):
    poor = S2S(demo.base_url, demo.partner('s2s', 'empty'))
    partners = json.loads(demo.command('partner', 'list', '--data', demo.data, '--json'))
    number = next(p['id'] for p in partners if p['name'] == 'empty')
    demo.command('wallet', 'top-up', '--data', demo.data, str(number), 'USD', '95.5')
    answers = at_once(24, lambda _: poor.send('POST', '/orders', poor.order(CARD)))
    assert sorted(status for status, _ in answers) == [201] * 10 + [402] * 14
    pins = [tree['data']['items'][0]['delivery_data'][0]['pin'] for status, tree in answers if status == 201]
    assert len(set(pins)) == 10
    assert check_books(poor) == 50
    refusal = next(tree for status, tree in answers if status == 402)
    assert (refusal['code'], refusal['required']) == ('insufficient_balance', '9.5')


def test_2_an_overdraft_is_used_and_no_more(demo):
    poor = S2S(demo.base_url, demo.partner('s2s', 'empty'))
    partners = json.loads(demo.command('partner', 'list', '--data', demo.data, '--json'))
    number = str(next(p['id'] for p in partners if p['name'] == 'empty'))
    before = check_books(poor)
    demo.command('wallet', 'open', '--data', demo.data, number, 'USD', '--overdraft', '95')
    answers = at_once(24, lambda _: poor.send('POST', '/orders', poor.order(CARD)))
    bought = (before + 9500) // 950
    assert sorted(status for status, _ in answers) == [201] * bought + [402] * (24 - bought)
    owed = -check_books(poor)
    assert owed == 950 * bought - before and 0 < owed <= 9500
    balance = poor.balance()
    assert (balance['allow_overdraft'], balance['overdraft_limit'], balance['is_overdrafted']) == (True, '95', True)
    demo.command('wallet', 'top-up', '--data', demo.data, number, 'USD', f'{owed // 100}.{owed % 100:02d}')
    demo.command('wallet', 'open', '--data', demo.data, number, 'USD', '--overdraft', '0')
    assert check_books(poor) == 0 and poor.balance()['allow_overdraft'] is False


def test_10_a_top_up_costs_like_an_order(demo):
    """Without the money for it nothing is put on the eSIM, and the reference is still free."""
    poor = S2S(demo.base_url, demo.partner('s2s', 'empty'))
    partners = json.loads(demo.command('partner', 'list', '--data', demo.data, '--json'))
    number = next(p['id'] for p in partners if p['name'] == 'empty')
    demo.command('wallet', 'top-up', '--data', demo.data, str(number), 'USD', '15')
    order = poor.buy(ESIM)
    demo.advance('5s')
    iccid = poor.until_final(order)['items'][0]['delivery_data'][0]['iccid']
    left, path, body = poor.balance(), f'/services/esim/{iccid}/topup', {'external_id': unique()}
    status, tree = poor.send('POST', path, body)
    assert (status, tree['code'], tree['required']) == (402, 'insufficient_balance', '15')
    assert poor.balance() == left and poor.get('/orders?external_id=' + body['external_id'])['data'] == []
    assert len(poor.get(f'/services/esim/{iccid}/status')['data']['active_packages']) == 1
    demo.command('wallet', 'top-up', '--data', demo.data, str(number), 'USD', '15')
    assert poor.send('POST', path, body)[0] == 201


def everything(demo, shop):
    stock = {row['sku_id']: row['stock'] for row in shop.walk('/catalog/pricelist', 200)}
    webhooks = json.loads(demo.command('webhook', 'list', '--data', demo.data, '--limit', '1000', '--json'))
    return shop.balance(), len(history(shop)), shop.walk('/orders', 100), stock, len(webhooks), shop.events()


def test_4_what_is_refused_changes_nothing(demo, shop):
    eventually(lambda: shop.walk('/orders?status=processing', 50) == [])
    taken = shop.buy(CARD)
    before = everything(demo, shop)
    good = shop.order(CARD)
    for wanted, body, headers in [
            (401, good, {'Authorization': 'Bearer x'}), (401, good, {'X-Signature': '0' * 64}),
            (401, good, {'X-Timestamp': '1'}), (415, good, {'Content-Type': 'text/plain'}), (400, b'{', {}),
            (409, {**good, 'external_id': taken['external_id'], 'metadata': {}}, {}),
            (422, {**good, 'external_id': ''}, {}), (422, {**good, 'external_id': 'a\nb'}, {}),
            (422, {**good, 'external_id': 'x' * 256}, {}), (422, {**good, 'item': []}, {}),
            (422, shop.order(CARD, 0), {}), (422, shop.order(CARD, 21), {}), (422, shop.order(CARD, 1.5), {}),
            (422, shop.order(CARD, True), {}), (422, shop.order(CARD, -1), {}), (422, shop.order(CARD, 10 ** 20), {}),
            (422, shop.order(AIRTIME), {}), (422, shop.order(AIRTIME, phone='12'), {}),
            (422, shop.order(ANY_AMOUNT, phone=PHONE, amount='1e2'), {}),
            (422, shop.order(ANY_AMOUNT, phone=PHONE, amount='1000.01'), {}),
            (422, shop.order(ANY_AMOUNT, phone=PHONE, amount='9.999'), {}),
            (422, {**good, 'metadata': 5}, {}), (404, shop.order('00000000-0000-4000-8000-000000000000'), {})]:
        status, tree = shop.send('POST', '/orders', body, headers)
        assert (status, tree['success']) == (wanted, False), (body, tree)
        assert tree['message'] == tree['error'] and tree['code']
        assert ('errors' in tree) == (status in (409, 422))
    assert everything(demo, shop) == before


def test_5_only_the_right_signature_is_good(shop):
    now = int(time.time())

    def answer(headers, external_id=None):
        return shop.send('POST', '/orders', shop.order(CARD, external_id=external_id), headers)[0]

    def signed(timestamp, external_id, parts=None, secret=None):
        import hashlib
        import hmac
        message = ''.join(parts or [str(timestamp), CARD, external_id])
        return {'X-Timestamp': str(timestamp),
                'X-Signature': hmac.new((secret or shop.secret).encode(), message.encode(), hashlib.sha256).hexdigest()}

    for external_id in ('Заказ-№7/ä ' + unique(), unique('a/"b')):
        assert answer(signed(now, external_id), external_id) == 201
    one = unique()
    assert answer({**signed(now, one), 'X-Signature': signed(now, one)['X-Signature'].upper()}, one) == 201
    for offset, wanted in ((-299, 201), (295, 201), (-301, 401), (305, 401)):
        one = unique()
        assert answer(signed(now + offset, one), one) == wanted, offset
    one = unique()
    good = signed(now, one)['X-Signature']
    for headers in [signed(now, one, secret=shop.token), signed(now, one, [CARD, str(now), one]),
                    signed(now, one + 'x'), signed(now, one, secret=shop.secret + 'x'),
                    signed(now * 1000, one), signed(-now, one), signed(f'+{now}', one), signed(f'{now}.0', one),
                    signed('', one), signed('9' * 13, one), signed('0x1', one),
                    {'X-Timestamp': str(now), 'X-Signature': good[:-1]}, {'X-Timestamp': str(now), 'X-Signature': ''},
                    {'X-Timestamp': str(now), 'X-Signature': None}, {'X-Timestamp': None, 'X-Signature': good},
                    {'X-Timestamp': str(now), 'X-Signature': good[:-1] + 'g'}]:
        assert answer(headers, one) == 401, headers


def walk_back(shop, path, per_page):
    """From the last page to the first, by the cursors backwards."""
    page, last = shop.get(f'{path}?per_page={per_page}'), None
    while page['meta']['next_cursor']:
        page = shop.get(f"{path}?per_page={per_page}&cursor={page['meta']['next_cursor']}")
    rows = page['data']
    while (last := page['meta']['prev_cursor']):
        page = shop.get(f'{path}?per_page={per_page}&cursor={last}')
        rows = page['data'] + rows
    return rows


@SETTINGS
@hypothesis.given(strategies.integers(1, 9), strategies.sampled_from(
    ['/orders', '/balance/history', '/catalog/products', '/catalog/pricelist']))
def test_6_a_walk_is_the_list(shop, per_page, path):
    if not shop.walk('/orders', 100)[9:]:
        for _ in range(10):
            shop.buy(CARD)
    whole = shop.get(f'{path}?per_page=100')['data']
    per_page = max(per_page, len(whole) // 12)
    assert shop.walk(path, per_page)[:100] == whole
    assert walk_back(shop, path, per_page)[:100] == whole


def test_6_rows_that_come_in_neither_repeat_nor_hide(shop):
    known = [row['id'] for row in shop.walk('/orders', 100)]
    seen, cursor = [], ''
    while cursor is not None:
        page = shop.get('/orders?per_page=3' + (f'&cursor={cursor}' if cursor else ''))
        seen += [row['id'] for row in page['data']]
        cursor = page['meta']['next_cursor']
        shop.buy(CARD)  # at the head, within the same second
    assert [row for row in seen if row in known] == known and len(seen) == len(set(seen))


def test_6_what_is_no_cursor_of_the_list_is_refused(shop):
    lists = ['/orders', '/balance/history', '/catalog/products', '/catalog/pricelist']
    own = {path: shop.get(path + '?per_page=1')['meta']['next_cursor'] for path in lists}
    assert all(own.values())
    for path in lists:
        foreign = [cursor for other, cursor in own.items() if other != path]
        for cursor in foreign + ['x', 'e30', 'W10', 'bnVsbA', 'eyJpZCI6LTF9', 'eyJpZCI6IjEifQ', 'A' * 600, '%00',
                                 "'--"]:
            status, tree = shop.send('GET', f'{path}?cursor={cursor}')
            assert (status, list(tree.get('errors', {'query': 0}))[0] in ('cursor', 'query')) == (422, True) or \
                status == 400, (path, cursor, tree)


def test_7_filters_compose(shop):
    order = shop.buy(CARD)
    made = datetime.datetime.fromisoformat(order['created_at'])
    east = made.astimezone(datetime.timezone(datetime.timedelta(hours=9))).isoformat()
    name, second = order['external_id'], datetime.timedelta(seconds=1)
    plain = made.strftime('%Y-%m-%dT%H:%M:%SZ')
    later = (made + second).strftime('%Y-%m-%dT%H:%M:%SZ')

    def found(*filters):
        return [row['external_id'] for row in shop.get('/orders?' + '&'.join(filters))['data']]

    of = f'external_id={name}'
    assert found(of) == found(of, 'status=completed') == [name]
    assert found(of, 'status=failed') == []
    assert found(of, f'date_from={plain}', f'date_to={later}', 'status=completed') == [name]
    assert found(of, f'date_from={east}') == found(of, f'date_from={east.replace("+", "%2B")}') == [name]
    assert found(of, f'date_from={made:%Y-%m-%d}', f'date_to={made:%Y-%m-%d}') == [name]
    assert found(of, f'date_from={later}') == found(of, f'date_to={(made - second):%Y-%m-%dT%H:%M:%SZ}') == []
    assert shop.send('GET', f'/orders?date_from={later}&date_to={plain}')[0] == 422


def test_8_partners_do_not_see_each_other(demo, shop):
    second = S2S(demo.base_url, demo.partner('s2s', 'second'))
    body = shop.order(CARD)
    mine = shop.send('POST', '/orders', body)
    theirs = second.send('POST', '/orders', body)
    assert (mine[0], theirs[0]) == (201, 201) and mine[1]['data']['id'] != theirs[1]['data']['id']
    status, tree = second.send('GET', '/orders/' + mine[1]['data']['id'])
    assert (status, tree['code']) == (404, 'order_not_found')
    assert [o['id'] for o in second.get('/orders?external_id=' + body['external_id'])['data']] == \
        [theirs[1]['data']['id']]
    ids = {row['order_id'] for row in second.walk('/balance/history', 100)}
    assert mine[1]['data']['id'] not in ids
    assert mine[1]['data']['id'] not in {e['order']['id'] for e in second.events()[0]}


def test_9_the_price_that_is_shown_is_charged(demo, shop, tmp_path):
    def prices():
        row = next(row for row in shop.walk('/catalog/pricelist', 200) if row['sku_id'] == CARD)
        family = shop.get('/catalog/products/019bc0dd-9001-7a40-8c55-0d6b7a1e4f22')['data']
        sku = next(sku for sku in family['skus'] if sku['id'] == CARD)
        assert row['price'] == sku['price']
        return row['price']

    shown, order = prices(), shop.buy(CARD)
    assert shown == order['items'][0]['price']
    lines = [json.loads(line) for line in demo.command('catalog', 'export', '--data', demo.data).splitlines()]
    line = next(line for line in lines if line['kind'] == 'product' and line['id'] == 1395)
    path = tmp_path / 'price.jsonl'
    for amount in (9.75, 9.5):
        line['prices']['standard']['wholesale']['amount'] = amount
        path.write_text(json.dumps(line) + '\n')
        demo.command('catalog', 'import', str(path), '--data', demo.data)
        assert prices() == shop.buy(CARD)['items'][0]['price'] == str(amount)
    assert shop.find(order)['items'][0]['price'] == shown, 'an order keeps its price'


def test_partial_delivery_charges_what_was_delivered(shop):
    """Five wanted, every second one refused by the supplier: partially_completed, the rest is given back."""
    before = check_books(shop)
    order = shop.buy(EVERY_SECOND, 5)
    found = shop.until_final(order)
    item = found['items'][0]
    assert (found['status'], item['status']) == ('partially_completed', 'partially_completed')
    assert (found['total_amount'], item['quantity'], len(item['delivery_data'])) == ('47.5', '5', 3)
    assert len({unit['pin'] for unit in item['delivery_data']}) == 3
    assert check_books(shop) == before - 2850
    last = history(shop)[-1]
    assert (last['type'], last['amount'], last['order_id']) == ('charge', '-28.5', order['id'])
    status, again = shop.send('POST', '/orders', shop.order(EVERY_SECOND, 5, order['external_id']))
    assert (status, again['data']['status']) == (200, 'partially_completed')
    assert [e['order']['status'] for e in shop.events()[0] if e['order']['id'] == order['id']][-1] == \
        'partially_completed'
    assert shop.get('/orders?status=partially_completed')['data'][0]['id'] == order['id']


def test_the_first_read_is_a_time_on_the_delivery(demo, shop):
    """Set once: by the create's own answer, or by the first answer that shows what came later; an operator's look and
    the webhook are none."""
    def units(order):
        return json.loads(demo.command('order', 'show', '--data', demo.data, '--json', str(order)))['units']

    def read_at(order):
        return {unit['first_read_at'] for unit in units(order) if unit['delivery']}

    order = shop.buy(CARD, 2)
    at_once = int(shop.find(order)['items'][0]['id'])
    made = units(at_once)
    assert [unit['first_read_at'] for unit in made] == [unit['updated_at'] for unit in made]
    order = shop.buy(EVERY_SECOND, 3)
    partners = demo.control('GET', '/admin/v1/partners').json()
    main = next(partner['id'] for partner in partners if partner['name'] == 'main')
    path = f'/admin/v1/orders?partner={main}&dialect=s2s&reference={order["external_id"]}'
    later = int(demo.control('GET', path).json()['id'])  # without looking at it as the partner
    demo.advance('5s')
    eventually(lambda: {unit['state'] for unit in units(later)} == {'delivered', 'failed'})
    before = demo.count_rows('audit')
    assert json.loads(demo.command('stock', 'reveal', '--data', demo.data, '--json', str(later), '1'))['code']
    assert demo.count_rows('audit') == before + 1
    assert read_at(later) == {None}
    assert shop.get('/orders?external_id=' + order['external_id'])['data'][0]['status'] == 'partially_completed'
    eventually(lambda: None not in read_at(later))
    first = read_at(at_once), read_at(later)
    demo.advance('1h')
    shop.find(order)
    demo.restart()
    assert shop.find(order)['items'][0]['delivery_data']
    assert (read_at(at_once), read_at(later)) == first
    assert [unit['first_read_at'] for unit in units(later) if not unit['delivery']] == [None]


def test_12_a_crash_leaves_one_order_or_none(start_demo):
    demo = start_demo()
    shop = S2S(demo.base_url, demo.partner('s2s'))
    bodies = [shop.order(CARD if n % 2 else AIRTIME, phone=PHONE) for n in range(400)]
    sent, lock = iter(bodies), threading.Lock()

    def hammer(_):
        while True:
            with lock:
                body = next(sent, None)
            if body is None:
                return
            try:
                assert shop.send('POST', '/orders', body)[0] == 201
            except (OSError, ValueError, http.client.HTTPException):
                return

    threading.Timer(0.25, demo.kill9).start()
    at_once(8, hammer)
    eventually(lambda: demo.process is None)
    demo.start()
    pins = []
    for body in bodies:
        first = shop.send('POST', '/orders', body)
        again = shop.send('POST', '/orders', body)
        assert first[0] in (200, 201) and again[0] == 200 and first[1]['data']['id'] == again[1]['data']['id']
        if body['item']['sku_id'] == CARD:
            pins += [unit['pin'] for unit in again[1]['data']['items'][0]['delivery_data']]
    assert len(pins) == len(set(pins)) == 200
    demo.advance('5s')
    eventually(lambda: shop.walk('/orders?status=processing', 100) == [])
    assert len(shop.walk('/orders', 100)) == len(bodies)
    check_books(shop)
    demo.verify()


def test_13_bodies_that_are_no_bodies(shop):
    good = json.dumps(shop.order(CARD))
    for body in [b'', b'[]', b'null', b'{', good.encode() + b'x', b'\xef\xbb\xbf' + good.encode(), b'\xff',
                 good.replace('"quantity": 1', '"quantity": 1, "quantity": 1').encode(),
                 good.replace('"quantity": 1', '"quantity": 1e400').encode(),
                 good.replace('"quantity": 1', '"quantity": NaN').encode(),
                 good.replace('"quantity": 1', '"quantity": 1, "x": "\\ud800"').encode(),
                 good.replace('"quantity": 1', '"quantity": 1, "x": "\\u0000"').encode(),
                 b'{"a":' * 2000 + b'1' + b'}' * 2000, b'[' * 60000]:
        status, tree = shop.send('POST', '/orders', body)
        assert status in (400, 401, 422) and tree['success'] is False, (body[:80], status, tree)
    status, tree = shop.send('POST', '/orders', b' ' * 66000 + good.encode())
    assert (status, tree['code']) == (413, 'payload_too_large')
