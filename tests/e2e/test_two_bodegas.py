"""tests/e2e/test_two_bodegas.py: A sells through B. Whatever happens between them, a unit is bought once, paid for
once and delivered, and never refunded on silence."""
import decimal
import json

import pytest
from demo import Demo, close_all
from dvs import COMPLETED, CONFIRMED, DECLINED, SUBMITTED, Dvs, class_of, cost, eventually, good
from middleman import Middleman
from mobimatter import GLOBAL_13, Mobimatter, details
from serve import Serve, supplier_dvs
from shop import ask

TOP_UP, GIFT_CARD, GLOBAL_13_ID = 1310, 1330, 1370
LOOPBACK = ['allow_private_targets = yes', 'complete_wait = 1']


class Chain:
    """A (serve, with the suppliers given), B (demo), a middleman before B, and a partner of each."""

    def __init__(self, folder, time_scale):
        self.b = Demo(folder / 'b', '--time-scale', time_scale).start()
        self.middleman = Middleman(self.b.base_url)
        self.upstream = Dvs(self.b)
        rich, poor = self.b.partner('dvs'), self.b.partner('dvs', 'empty')
        self.a = Serve(folder / 'a', LOOPBACK)
        self.a.suppliers = {
            'b': supplier_dvs(self.a.folder, 'b', self.middleman.url, rich),
            'direct': supplier_dvs(self.a.folder, 'direct', self.b.base_url, rich),
            'poor': supplier_dvs(self.a.folder, 'poor', self.b.base_url, poor),
            'dead': supplier_dvs(self.a.folder, 'dead', 'http://127.0.0.1:1', rich),
        }
        self.a.add_partner('shop')
        self.lines = [json.loads(line) for line in
                      self.b.command('catalog', 'export', '--data', self.b.data).splitlines()]
        self.client = None

    def start(self, *suppliers):
        """A sells B's top-up, gift card and an eSIM, through these suppliers in this order."""
        wanted = {('product', TOP_UP), ('product', GIFT_CARD), ('product', GLOBAL_13_ID)}
        products = [line for line in self.lines if (line['kind'], line['id']) in wanted]
        operators = {line['operator'] for line in products}
        for line in products:
            line['routes'] = [{'supplier': name, 'sku': str(line['id']), 'priority': priority}
                              for priority, name in enumerate(suppliers, 1)]
        self.a.import_catalog([*(line for line in self.lines
                                 if line['kind'] == 'operator' and line['id'] in operators), *products])
        self.a.start()
        self.client = Dvs(self.a, 'shop')
        return self

    def buy(self, product_id, suffix=None, **more):
        product = good(self.client.ask('GET', f'/v1/products/{product_id}'), 200)
        body = self.client.order(product, suffix, auto_confirm=True, **more)
        return good(self.client.create(body), 201)

    def bought(self, order):
        """What B has under A's references for the order, over all attempts."""
        return [found for found in self.upstream.list() if found['external_id'].startswith(f'{order["id"]}-')]

    def until_final(self, order):
        """A's clock is moved on until the order has ended: waits between questions are A's business time."""
        def look():
            found = good(self.client.get(order['id']), 200)
            if class_of(found) not in (CONFIRMED, SUBMITTED):
                return found
            self.a.advance('60s')
            return None

        return eventually(look)

    def balance(self):
        return self.client.balance('USD')

    def close(self):
        running = [server for server in (self.a, self.b) if server.process]
        close_all(self.middleman.close, *(server.verify for server in running), *(server.stop for server in running))


@pytest.fixture
def make_chain(tmp_path):
    made = []

    def make(*suppliers, time_scale=1000):
        made.append(Chain(tmp_path, time_scale))
        return made[0].start(*suppliers)

    yield make
    close_all(*(chain.close for chain in made))


@pytest.mark.asan
def test_a_sale(make_chain):
    """A's partner gets B's PIN; each pays his own supplier."""
    chain = make_chain('b')
    before, upstream = chain.balance(), chain.upstream.balance('USD')
    card = chain.until_final(chain.buy(GIFT_CARD))
    [at_b] = chain.bought(card)
    assert class_of(card) == COMPLETED
    assert card['pin'] == at_b['pin']
    top_up = chain.until_final(chain.buy(TOP_UP, '100'))
    [at_b] = chain.bought(top_up)
    assert at_b['credit_party_identifier'] == top_up['credit_party_identifier']
    assert at_b['operator_reference'] == top_up['operator_reference']
    assert chain.balance() == (before[0] - cost(card) - cost(top_up), 0)
    assert chain.upstream.balance('USD') == (upstream[0] - cost(card) - cost(top_up), 0)
    assert (f'bodega_supplier_float{{currency="USD"}} -{cost(card) + cost(top_up)}\n'
            in chain.a.control('GET', '/metrics').body.decode())


@pytest.mark.asan
def test_a_refusal_is_passed_on(make_chain):
    chain = make_chain('b')
    before = chain.balance()
    for suffix in ('102', '103', '104', '105', '106', '107'):
        order = chain.until_final(chain.buy(TOP_UP, suffix))
        [at_b] = chain.bought(order)
        assert class_of(order) == DECLINED, suffix
        assert order['status'] == at_b['status'], suffix
        assert chain.balance() == before, suffix


@pytest.mark.asan
def test_a_slow_supplier(make_chain):
    """Five minutes at B: the order stays submitted, its money held, and nothing is bought twice."""
    chain = make_chain('b', time_scale=1)
    before = chain.balance()
    order = chain.buy(TOP_UP, '300')
    eventually(lambda: chain.bought(order))
    for _ in range(5):
        chain.a.advance('30s')
    now = good(chain.client.get(order['id']), 200)
    assert class_of(now) == SUBMITTED
    assert chain.balance() == (before[0] - cost(now), cost(now))
    chain.b.advance('300s')
    assert class_of(chain.until_final(order)) == COMPLETED
    assert len(chain.bought(order)) == 1


@pytest.mark.asan
def test_a_lost_answer(make_chain):
    """B has sold and A does not know: A asks, by its own reference, and does not try the next route."""
    chain = make_chain('b', 'direct')
    chain.middleman.mode = 'swallow'
    before = chain.balance()
    order = chain.buy(TOP_UP, '100')
    eventually(lambda: chain.bought(order))
    chain.middleman.wait_for(1)
    chain.a.advance('10m')
    now = good(chain.client.get(order['id']), 200)
    assert class_of(now) in (CONFIRMED, SUBMITTED)
    assert chain.balance() == (before[0] - cost(now), cost(now))
    chain.middleman.mode = 'pass'
    assert class_of(chain.until_final(order)) == COMPLETED
    assert len(chain.bought(order)) == 1
    assert chain.middleman.posts() == 1


@pytest.mark.asan
def test_a_request_that_never_arrived(make_chain):
    """A cannot know that: it asks first, hears that there is nothing, and then sends it again under the same name."""
    chain = make_chain('b', 'direct')
    chain.middleman.mode = 'hold'
    order = chain.buy(TOP_UP, '100')
    chain.middleman.wait_for(1)
    chain.middleman.mode = 'pass'
    chain.middleman.release()
    assert class_of(chain.until_final(order)) == COMPLETED
    [at_b] = chain.bought(order)
    assert at_b['external_id'] == f'{order["id"]}-1-1'
    assert [request.split(b' ')[0] for request in chain.middleman.requests[:3]] == [b'POST', b'GET', b'POST']


@pytest.mark.asan
def test_a_supplier_that_dies_in_mid_call(make_chain):
    """kill -9 of B with orders on their way: after its restart each is there once and comes to its end."""
    chain = make_chain('b')
    orders = [chain.buy(TOP_UP, '300') for _ in range(20)]
    eventually(lambda: len(chain.upstream.list()) >= 5)
    chain.b.kill9()
    orders += [chain.buy(TOP_UP, '300') for _ in range(5)]
    chain.b.start()
    chain.upstream.close()
    for order in orders:
        assert class_of(chain.until_final(order)) == COMPLETED
        assert len(chain.bought(order)) == 1


@pytest.mark.asan
def test_a_seller_that_dies_in_mid_call(make_chain):
    """kill -9 of A while B's answer is on its way."""
    chain = make_chain('b', 'direct')
    chain.middleman.mode = 'swallow'
    orders = [chain.buy(TOP_UP, '100') for _ in range(5)]
    chain.middleman.wait_for(5)
    chain.a.kill9()
    chain.middleman.mode = 'pass'
    chain.a.start()
    chain.client.close()
    for order in orders:
        assert class_of(chain.until_final(order)) == COMPLETED
        assert len(chain.bought(order)) == 1


@pytest.mark.asan
def test_the_next_route_after_a_definite_refusal(make_chain):
    """The first has no money at B and says so; the second delivers."""
    chain = make_chain('poor', 'b')
    before = chain.balance()
    order = chain.until_final(chain.buy(TOP_UP, '100'))
    assert class_of(order) == COMPLETED
    [at_b] = chain.bought(order)
    assert at_b['external_id'] == f'{order["id"]}-1-2'
    assert chain.balance() == (before[0] - cost(order), 0)


@pytest.mark.asan
def test_nobody_is_there(make_chain):
    """A supplier that cannot be reached at all has certainly sold nothing: after two minutes the next one is tried."""
    chain = make_chain('dead', 'b')
    order = chain.buy(TOP_UP, '100')
    chain.a.advance('60s')
    assert chain.bought(order) == []
    assert class_of(chain.until_final(order)) == COMPLETED
    assert len(chain.bought(order)) == 1


@pytest.mark.asan
def test_all_refuse(make_chain):
    chain = make_chain('poor')
    before = chain.balance()
    order = chain.until_final(chain.buy(TOP_UP, '100'))
    assert class_of(order) == DECLINED
    assert chain.balance() == before


def test_an_esim_is_bought_and_given_back(make_chain):
    """Delivered with its profile. What the supplier does not tell is not told, and whether it takes the eSIM back is a
    person's to find out."""
    chain = make_chain('direct')
    chain.a.add_partner('esims', dialects=['mobimatter'])
    shop = Mobimatter(chain.a, 'esims')
    before = shop.balance()
    number = shop.create(GLOBAL_13)
    assert shop.complete(number).status == 200

    def delivered():
        chain.a.advance('60s')
        return shop.state(number) == 'Completed'

    eventually(delivered)
    found = details(shop.order(number))
    assert found['LOCAL_PROFILE_ASSISTANT'].startswith('LPA:1$rsp.sandbox.example$') and found['ICCID'][:2] == '89'
    assert 'QR_CODE' in found and 'IMSI' not in found
    chain.a.advance('24h')
    esim = shop.call('GET', f'/provider/info/{number}')
    assert esim['esim']['status'] is None and esim['esim']['installationStatus'] is None
    assert [package['usedMb'] for package in esim['packages']] == [None]
    usage = shop.send('GET', f'/provider/usage/{number}').json()['providerInfo']
    assert usage['message'].startswith('The provider tells neither') and usage['data']['balance'] is None

    def ask_for_a_refund():
        assert shop.call('GET', f'/order/{number}/refund/eligibility')['isEligible'] is True
        assert shop.send('PUT', '/order/refund', {'orderId': number}).status == 202
        assert shop.state(number) == 'Completed'
        eventually(lambda: [task for task in ask(chain.a, 'task', 'list') if task['kind'] == 'reversal'])

    def operator(verb):
        [partner] = [row['id'] for row in ask(chain.a, 'partner', 'list') if row['name'] == 'esims']
        order = ask(chain.a, 'order', 'find', '--partner', partner, '--reference', number, '--dialect', 'mobimatter')
        return ask(chain.a, 'order', verb, order['id'])['state']

    ask_for_a_refund()
    assert operator('keep') == 'completed'
    assert before - shop.balance() == decimal.Decimal('35.5')
    ask_for_a_refund()
    assert operator('reverse') == 'reversed'
    assert shop.state(number) == 'Refunded' and before - shop.balance() == decimal.Decimal('2.5')
