"""tests/e2e/test_esim_model.py: random merchants of eSIMs against a model: after each step every order's state, every
eSIM's packages and the balance are the model's, and the books agree. Identity checks decided by everybody who may,
refunds, reversals, expiry and time travel are in it; in the end a run must have seen all of them.

Time is the server's own: the model asks for it, and where the server is within a minute of a deadline it waits two.
A seed is a run: whoever fails prints it with its steps."""
import collections
import datetime
import decimal
import json
import random
import time

import pytest
import transcript
from demo import Demo
from dvs import eventually
from mobimatter import GLOBAL_5, GLOBAL_13, KYC, REFUSED, REPLACEMENT, TOP_UP, Mobimatter, details, internal_id, \
    path_of, sign_decision

# code: price, minutes to complete, refund fee (None = never), kind
PRODUCTS = {GLOBAL_13: ('35.5', 20, '2.5', 'realtime'), GLOBAL_5: ('14.2', 30, '0', 'realtime'),
            KYC: ('12', 60, '1', 'delayed'), REFUSED: ('2', 20, None, 'refused')}
CHILDREN = {TOP_UP: ('8.5', 20, None, 'addon'), REPLACEMENT: ('1', 20, None, 'replacement')}
PACKAGES = {'US_5GB_30D': ('9.5', 'completed'), 'JC016': ('5.2', 'completed'), 'SANDBOX_FAIL': ('2', 'failed')}
FAMILY = (GLOBAL_13, GLOBAL_5)
NO_ESIM = ('Created', 'Cancelled', 'Expired', 'Refunded')
KYC_MINUTES = 24 * 60
# Installed ten to thirty minutes after delivery. In between both answers are right, and a seed would not be one run:
# there nothing is asked to be refunded.
SURELY_NOT_INSTALLED, SURELY_INSTALLED, NEAR = 9 * 60, 31 * 60, 60
PATIENCE_SECONDS = 60
MUST_HAPPEN = {'completed', 'expired', 'cancelled', 'refused', 'approved by operator', 'approved by provider',
               'rejected by operator', 'rejected by provider', 'lapsed', 'refunded', 'refund refused', 'reversed',
               'topped up', 'replaced', 'top-up refused', 'payvessel completed', 'payvessel failed'}


class Order:
    def __init__(self, number, product, facts, created, root=None):
        price, minutes, fee, self.kind = facts
        self.number, self.product, self.root = number, product, root
        self.price, self.fee = decimal.Decimal(price), fee and decimal.Decimal(fee)
        self.deadline = created + minutes * 60
        self.state, self.completed, self.kept, self.url = 'Created', None, decimal.Decimal(0), None

    def costs(self):
        """What of the balance it has taken."""
        return self.price if self.state in ('Created', 'Processing', 'Completed') else self.kept


class Nothing(Exception):
    """There is no order that the rule is about."""


class World:
    """The server and its merchant; what has happened is counted over all examples of a run."""

    def __init__(self, folder):
        self.server = Demo(folder, '--time-scale', 1000).start()
        self.shop = Mobimatter(self.server)
        self.payvessel = transcript.sign_in_payvessel(self.server.credentials['partners']['main']['payvessel'],
                                                      '', '', '')
        self.happened = collections.Counter()
        self.references = 0

    def now(self):
        text = self.server.control('GET', '/admin/v1/clock').json()['now']
        return datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp()

    def control(self, path, body=None):
        answer = self.server.control('POST', '/admin/v1' + path, body or {})
        assert answer.status == 200, answer

    def package(self, method, path, body=None):
        return self.server.request(method, '/api/v1/esim/orders' + path, self.payvessel,
                                   json.dumps(body) if body else '').json()['data']


class Merchant:
    """One run of random steps. A rule that finds nothing to act on raises Nothing, and another is drawn."""

    def __init__(self, world, seed):
        self.world, self.seed, self.random = world, seed, random.Random(seed)
        self.orders, self.packages, self.used, self.iccids, self.steps = [], {}, {}, {}, []
        self.start = world.shop.balance()

    def run(self, steps):
        rules = [*[self.buy] * 3, *[self.add_to_an_esim] * 3, *[self.decide] * 3, *[self.refund] * 2, *[self.wait] * 2,
                 self.complete, self.cancel, self.reverse, self.regret, self.top_up_what_cannot_be, self.buy_packages]
        try:
            while len(self.steps) < steps:
                try:
                    self.steps.append(self.random.choice(rules).__name__)
                    getattr(self, self.steps[-1])()
                except Nothing:
                    self.steps.pop()
                    continue
                self.check()
        except AssertionError as problem:
            raise AssertionError(f'seed {self.seed}, after {self.steps}: {problem}') from problem
        self.close()

    # --- what the rules share

    def pick(self, *states, products=()):
        orders = [o for o in self.orders if (not states or o.state in states) and
                  (not products or o.product in products)]
        if not orders:
            raise Nothing
        return self.random.choice(orders)

    def perhaps(self, chance=0.5):
        return self.random.random() < chance

    def create(self, product, facts, root=None):
        number = self.world.shop.create(product, root and root.number)
        self.orders.append(Order(number, product, facts, self.world.now(), root))
        return self.orders[-1]

    def note(self, order, state, what):
        order.state = state
        order.completed = self.world.now() if state == 'Completed' else order.completed
        self.world.happened[what] += 1

    # --- buying

    def buy(self):
        product = self.random.choice([*PRODUCTS, KYC, KYC])
        order = self.create(product, PRODUCTS[product])
        if self.perhaps(0.75):
            self.complete_order(order)

    def add_to_an_esim(self):
        root, product = self.pick('Completed', products=FAMILY), self.random.choice(list(CHILDREN))
        order = self.create(product, CHILDREN[product], root)
        if self.perhaps(0.75):
            self.complete_order(order)

    def top_up_what_cannot_be(self):
        root = self.pick(*NO_ESIM, products=FAMILY)
        answer = self.world.shop.send('POST', '/order', {'productId': TOP_UP, 'addOnIdentifier': root.number})
        assert answer.status == 400, answer
        self.world.happened['top-up refused'] += 1

    def buy_packages(self):
        code, quantity = self.random.choice(list(PACKAGES)), self.random.randint(1, 3)
        self.world.references += 1
        order = self.world.package('POST', '', {'reference': f'model-{self.world.references}', 'package_code': code,
                                                'quantity': quantity})
        self.packages[order['id']] = (code, quantity)
        self.world.happened['payvessel ' + PACKAGES[code][1]] += 1

    def complete(self):
        self.complete_order(self.pick())

    def complete_order(self, order):
        answer = self.world.shop.complete(order.number)
        if order.state in ('Cancelled', 'Expired', 'Refunded'):
            assert answer.status == 400, answer
        elif order.kind == 'refused' and order.state == 'Created':
            assert answer.status == 455, answer
            self.note(order, 'Cancelled', 'refused')
        else:
            assert answer.status == 200, answer
            result = answer.json()['result']
            if order.state == 'Created' and order.kind == 'delayed':
                order.state, order.deadline = 'Processing', self.world.now() + KYC_MINUTES * 60
                order.url = path_of(self.world.server, details(result)['KYC_URL'])
            elif order.state == 'Created':
                self.note(order, 'Completed', {'addon': 'topped up', 'replacement': 'replaced'}
                          .get(order.kind, 'completed'))
            assert result['orderState'] == order.state

    def cancel(self):
        order = self.pick('Created') if self.perhaps() else self.pick()
        answer = self.world.shop.send('PUT', '/order/cancel', {'orderId': order.number, 'reason': 'model'})
        assert answer.status == (200 if order.state == 'Created' else 400), answer
        if order.state == 'Created':
            self.note(order, 'Cancelled', 'cancelled')

    # --- identity checks

    def decide(self):
        order, approve = self.pick('Processing'), self.perhaps()
        by = self.random.choice(['operator', 'provider'])
        if by == 'operator':
            self.world.control(f'/orders/{internal_id(order.url)}/kyc/' + ('approve' if approve else 'reject'))
        else:
            body = json.dumps({'decision': 'approved' if approve else 'rejected'})
            path = order.url + '/decision'
            headers = sign_decision(self.world.server.credentials['kyc']['secret'], path, body)
            for _ in range(2):
                assert self.world.server.request('POST', path, headers, body).status == 200
        self.note(order, 'Completed' if approve else 'Cancelled',
                  ('approved' if approve else 'rejected') + f' by {by}')

    # --- giving back

    def refund(self):
        self.refund_order(self.pick('Completed') if self.perhaps() else self.pick())

    def regret(self):
        """A new eSIM is not installed yet, so this refund is never refused."""
        product = self.random.choice(FAMILY)
        order = self.create(product, PRODUCTS[product])
        self.complete_order(order)
        self.refund_order(order)

    def refund_order(self, order):
        age = self.world.now() - order.completed if order.state == 'Completed' else 0
        if SURELY_NOT_INSTALLED < age < SURELY_INSTALLED:
            raise Nothing
        terms = self.world.shop.call('GET', f'/order/{order.number}/refund/eligibility')
        possible = order.state == 'Completed' and order.fee is not None
        if not possible or age >= SURELY_INSTALLED:
            assert terms['isEligible'] is False and terms['fee'] is None and terms['reason']
        else:
            assert terms['isEligible'] is True and decimal.Decimal(terms['fee']) == order.fee
        answer = self.world.shop.send('PUT', '/order/refund', {'orderId': order.number})
        assert answer.status == (202 if terms['isEligible'] else 400), answer
        if answer.status == 202:
            self.note(order, 'Refunded', 'refunded')
            order.kept = order.fee
        else:
            self.world.happened['refund refused'] += 1

    def reverse(self):
        """By an operator, who keeps no fee and is not asked whether it is installed."""
        order = self.pick('Completed', products=PRODUCTS)
        self.world.control(f'/orders/{self.internal(order)}/reverse')
        self.note(order, 'Refunded', 'reversed')

    def internal(self, order):
        partners = self.world.server.control('GET', '/admin/v1/partners').json()
        main = next(partner['id'] for partner in partners if partner['name'] == 'main')
        path = f'/admin/v1/orders?partner={main}&dialect=mobimatter&reference={order.number}'
        return self.world.server.control('GET', path).json()['id']

    # --- time

    def wait(self):
        self.world.control('/clock/advance', {'by': f'{self.random.choice([11, 11, 33, 700, 1500])}m'})
        waiting = [order for order in self.orders if order.state in ('Created', 'Processing')]
        while any(abs(self.world.now() - order.deadline) < NEAR for order in waiting):
            self.world.control('/clock/advance', {'by': '2m'})
        now = self.world.now()
        for order in waiting:
            if now >= order.deadline:
                created = order.state == 'Created'
                self.note(order, 'Expired' if created else 'Cancelled', 'expired' if created else 'lapsed')

    # --- what must be true

    def check(self):
        """What can still move by itself and what was last touched; the rest when the run is over. The balance is all
        orders' each time."""
        ended = [order for order in self.orders if order.state not in ('Created', 'Processing')]
        self.check_states([order for order in self.orders if order not in ended] + ended[-3:],
                          list(self.packages)[-2:])
        costs = sum(order.costs() for order in self.orders)
        costs += sum(decimal.Decimal(PACKAGES[code][0]) * quantity for code, quantity in self.packages.values()
                     if PACKAGES[code][1] == 'completed')
        # What a moved clock has ended gives its money back a moment later.
        eventually(lambda: self.start - self.world.shop.balance() == costs)
        self.check_esims()
        self.world.server.verify()

    def check_states(self, orders, packages):
        """What the server's own work does comes a moment later."""
        wanted = [order.state for order in orders] + [PACKAGES[self.packages[number][0]][1] for number in packages]
        patience = time.monotonic() + PATIENCE_SECONDS
        while True:
            bought = [self.world.package('GET', '/' + number) for number in packages]
            states = [self.world.shop.state(order.number) for order in orders]
            states += [order['status'] for order in bought]
            if states == wanted or time.monotonic() > patience:
                break
        assert states == wanted
        for order in bought:
            code, quantity = self.packages[order['id']]
            assert len(order['profiles']) == (quantity if PACKAGES[code][1] == 'completed' else 0)

    def check_esims(self):
        """The newest eSIM of the family: what hangs on it, its packages, and that used data are not given back."""
        root = next((o for o in reversed(self.orders) if o.state == 'Completed' and o.product in FAMILY), None)
        if not root:
            return
        children = [order for order in self.orders if order.root is root]
        shop = self.world.shop
        assert shop.call('GET', f'/order/{root.number}/linked') == [order.number for order in children]
        assert shop.call('GET', f'/order/{root.number}/linked?completedOnly=true') == \
            [order.number for order in children if order.state == 'Completed']
        info = shop.call('GET', f'/provider/info/{root.number}')
        topped_up = [order for order in children if order.state == 'Completed' and order.kind == 'addon']
        assert len(info['packages']) == 1 + len(topped_up)
        iccid = info['esim']['iccid']
        assert shop.call('GET', f'/order?iccid={iccid}')['orderId'] == root.number
        assert self.iccids.setdefault(iccid, root.number) == root.number
        for number, package in enumerate(info['packages']):
            # A new profile is not installed yet, and has used nothing.
            key = root.number, iccid, number
            assert self.used.get(key, 0) <= package['usedMb'] <= package['totalAllowanceMb']
            self.used[key] = package['usedMb']

    def close(self):
        """Nothing that is open moves money while the next run counts it."""
        self.check_states(self.orders, list(self.packages))
        for order in self.orders:
            if order.state == 'Created':
                self.world.shop.call('PUT', '/order/cancel', {'orderId': order.number})
            elif order.state == 'Processing':
                self.world.control(f'/orders/{internal_id(order.url)}/kyc/reject')


@pytest.mark.parametrize('seeds,steps', [((2, 3), 50), pytest.param(range(100, 140), 120, marks=pytest.mark.long)])
def test_model(tmp_path, seeds, steps):
    world = World(tmp_path)
    try:
        for seed in seeds:
            Merchant(world, seed).run(steps)
        assert MUST_HAPPEN - set(world.happened) == set(), dict(world.happened)
    finally:
        world.server.stop()
