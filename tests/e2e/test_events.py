"""tests/e2e/test_events.py: the feed of events: what a webhook did not tell, and what two nodes write at once."""
import concurrent.futures
import json
import threading
import time

import pytest
from demo import close_all
from dvs import eventually
from nodes import Nodes, Postgres
from s2s import AIRTIME, CARD, S2S, card_lines, cents

NOBODY = 'http://127.0.0.1:9/'  # the port of nothing


def test_a_lost_webhook_is_harmless(start_demo):
    """A partner whose receiver is never there learns of every end from the feed, in order, through a restart."""
    demo = start_demo('--webhook-url', NOBODY)
    shop = S2S(demo.base_url, demo.partner('s2s'))
    known, place = {}, None

    def learn():
        nonlocal place
        news, place = shop.events(place, limit=2)
        for event in news:
            known[event['order']['external_id']] = event['order']['status']
        return [int(event['seq']) for event in news]

    seqs = learn()
    wanted = {}
    for status, sku, fields in (('completed', CARD, {}), ('completed', AIRTIME, {'phone': '+6595123100'}),
                                ('failed', AIRTIME, {'phone': '+6595123102'})):
        wanted[shop.buy(sku, **fields)['external_id']] = status
    seqs += learn()
    demo.advance('5s')
    for order in shop.walk('/orders', 50):
        assert shop.until_final(order)['status'] == wanted[order['external_id']]
    demo.advance('30s')
    demo.advance('200s')  # every webhook was given up
    demo.restart()
    seqs += learn()
    assert known == wanted
    assert seqs == list(range(1, len(seqs) + 1)), 'nothing is left out, nothing comes twice'
    demo.verify()


@pytest.fixture(scope='module')
def two_nodes(tmp_path_factory):
    """Two nodes that sell cards from stock to S2S partners."""
    server = Postgres()
    nodes = Nodes(tmp_path_factory.mktemp('s2s-nodes'), server)
    try:
        furnish(nodes.start())
        yield nodes
    finally:
        close_all(nodes.verify, nodes.close, lambda: server.run('stop'))


def furnish(nodes):
    first = nodes.all[0]
    first.import_catalog(card_lines())

    def bodega(*words):
        return json.loads(first.command(*words, '--data', first.data, '--json'))

    for name in ('one', 'two', 'three', 'four'):
        partner = bodega('partner', 'create', name, '--currency', 'USD', '--sandbox', 'no')['id']
        bodega('wallet', 'open', partner, 'USD')
        bodega('wallet', 'top-up', partner, 'USD', '100000')
        issued = bodega('credential', 'issue', partner, 's2s')
        first.credentials['partners'][name] = {'s2s': {'token': issued['public_id'], 'secret': issued['secret']}}
    # The other node hears of it within two seconds.
    newest = S2S(nodes.all[1].base_url, first.credentials['partners']['four']['s2s'])
    eventually(lambda: newest.send('GET', '/balance')[0] == 200)


def import_cards(node, path, codes):
    path.write_text('code\n' + ''.join(f'{code}\n' for code in codes))
    node.command('stock', 'import', '--data', node.data, str(path), '--product', '1395')


@pytest.mark.own_postgres
def test_two_nodes_sell_the_last_thousand_once_and_no_event_is_skipped(two_nodes, tmp_path):
    """64 buyers at two nodes, for one partner and for several. A reader of the feed at the other node never sees an
    event before one with a lower number, however late a node commits."""
    codes = [f'NODES-{n:04d}' for n in range(1000)]
    import_cards(two_nodes.all[0], tmp_path / 'codes.csv', codes)
    names = ['one', 'one', 'two', 'three']
    # Of what one node imports the other hears within seconds: both shall sell from the first moment on.
    there = S2S(two_nodes.all[1].base_url, two_nodes.all[0].credentials['partners']['one']['s2s'])
    eventually(lambda: [row for row in there.walk('/catalog/pricelist', 200) if row['stock'] == '100'])
    over, sold, lock = threading.Event(), [], threading.Lock()
    pages = {name: [] for name in set(names)}

    def client(node, name):
        return S2S(two_nodes.all[node].base_url, two_nodes.all[0].credentials['partners'][name]['s2s'])

    def follow(name):
        readers, place, turn = [client(0, name), client(1, name)], None, 0
        while True:
            last = over.is_set()
            events, place = readers[turn % 2].events(place, limit=50)
            pages[name] += [int(event['seq']) for event in events]
            turn += 1
            if last:
                return
            time.sleep(0.002)

    def shop(buyer):
        mine, misses = client(buyer % 2, names[buyer // 2 % len(names)]), 0
        while misses < 2:
            status, tree = mine.send('POST', '/orders', mine.order(CARD, 1 + buyer % 3))
            if status == 201:
                with lock:
                    sold.extend(unit['pin'] for unit in tree['data']['items'][0]['delivery_data'])
            else:
                assert (status, tree['code']) == (409, 'out_of_stock'), tree
                misses += 1

    # One request at both doors at once is one order.
    same = client(0, 'three').order(CARD)
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: client(n % 2, 'three').send('POST', '/orders', same), range(16)))
    assert sorted(status for status, _ in answers) == [200] * 15 + [201]
    assert len({json.dumps(tree['data']) for _, tree in answers}) == 1
    sold.append(answers[0][1]['data']['items'][0]['delivery_data'][0]['pin'])

    with concurrent.futures.ThreadPoolExecutor(67) as pool:
        readers = [pool.submit(follow, name) for name in pages]
        for done in [pool.submit(shop, buyer) for buyer in range(64)]:
            done.result()
        over.set()
        for reader in readers:
            reader.result()
    for node in (0, 1):
        last = client(node, 'two')
        assert last.send('POST', '/orders', last.order(CARD, 1))[0] == 409
    assert sorted(sold) == codes, 'each code is sold, once'
    for name, seqs in pages.items():
        assert seqs == list(range(1, len(seqs) + 1)) and seqs, name
        # Whichever node sold what: a balance after each movement, which chain, and the same at both.
        rows = client(0, name).walk('/balance/history', 100)
        assert rows == client(1, name).walk('/balance/history', 100)
        for row, before in zip(rows, rows[1:]):
            assert cents(row['balance_after']) == cents(before['balance_after']) + cents(row['amount'])
            assert row['created_at'] >= before['created_at']
        assert cents(rows[0]['balance_after']) == cents(client(1, name).balance()['balance'])
