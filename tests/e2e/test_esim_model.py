"""tests/e2e/test_esim_model.py: random merchants of eSIMs against a model: after each step the balance and every
order's state are the model's; expiry, identity checks, refunds and time travel included. In the end the books agree."""
import decimal
import json
import time

import hypothesis
import hypothesis.strategies as st
import pytest
import transcript
from demo import Demo
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, \
    run_state_machine_as_test

# code: price, minutes to complete, refund fee (None = never), kind
PRODUCTS = {
    'c0654cf2-0172-4909-91d1-37ca37e6f195': ('35.5', 20, '2.5', 'realtime'),
    '9f0d2dcb-31d7-46d0-846d-bb68aa710e7e': ('14.2', 30, '0', 'realtime'),
    '0b8a1f9e-6f7c-4a7e-9a53-2c1d7be0a4d1': ('12', 60, '1', 'delayed'),
    'refused-by-provider': ('2', 20, None, 'refused'),
}
TOP_UP = '5d7a3c52-9f3d-4c0c-8d5c-1f5b5d6d8a03'
FAMILY = list(PRODUCTS)[:2]
KYC_MINUTES = 24 * 60
# Installed ten to thirty minutes after delivery: in between both answers are right.
SURELY_NOT_INSTALLED, SURELY_INSTALLED = 9, 31
PATIENCE_SECONDS = 60


class Order:
    def __init__(self, number, product, price, minutes, fee, kind, created):
        self.number, self.product, self.kind = number, product, kind
        self.price, self.fee = decimal.Decimal(price), fee and decimal.Decimal(fee)
        self.deadline = created + minutes
        self.state, self.completed, self.kyc_id = 'Created', None, None

    def costs(self):
        """What of the balance it has taken."""
        if self.state in ('Created', 'Processing', 'Completed'):
            return self.price
        return self.fee if self.state == 'Refunded' else 0


class World:
    def __init__(self, folder):
        self.server = Demo(folder).start()
        self.headers = transcript.sign_in_mobimatter(self.server.credentials['partners']['main']['mobimatter'],
                                                     '', '', '')
        self.minutes = 0

    def send(self, method, path, body=None):
        return self.server.request(method, '/mobimatter/api/v2' + path, self.headers, json.dumps(body) if body else '')

    def good(self, method, path, body=None):
        answer = self.send(method, path, body)
        assert answer.status in (200, 202), answer
        return json.loads(answer.body, parse_float=decimal.Decimal)['result']

    def control(self, path, body=None):
        assert self.server.control('POST', '/admin/v1' + path, body or {}).status == 200

    def balance(self):
        return decimal.Decimal(self.good('GET', '/merchant/balance')['balance'])


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    world = World(tmp_path_factory.mktemp('esim-model'))
    yield world
    world.server.verify()
    world.server.stop()


class Merchant(RuleBasedStateMachine):
    world = None

    @initialize()
    def begin(self):
        self.orders = []
        self.start = self.world.balance()

    def pick(self, number, *states):
        orders = [order for order in self.orders if order.state in states]
        return orders[number % len(orders)] if orders else None

    def create(self, product, facts, **body):
        number = self.world.good('POST', '/order', {'productId': product} | body)['orderId']
        self.orders.append(Order(number, product, *facts, self.world.minutes))

    @rule(product=st.sampled_from(list(PRODUCTS)))
    def reserve(self, product):
        self.create(product, PRODUCTS[product])

    @rule(product=st.sampled_from(list(PRODUCTS)))
    def buy(self, product):
        self.create(product, PRODUCTS[product])
        self.complete(len(self.orders) - 1)

    @rule(which=st.integers(0, 99))
    def top_up(self, which):
        roots = [order for order in self.orders if order.state == 'Completed' and order.product in FAMILY]
        if roots:
            self.create(TOP_UP, ('8.5', 20, None, 'realtime'), addOnIdentifier=roots[which % len(roots)].number)

    @precondition(lambda self: self.orders)
    @rule(which=st.integers(0, 99))
    def complete(self, which):
        order = self.orders[which % len(self.orders)]
        answer = self.world.send('PUT', '/order/complete', {'orderId': order.number})
        if order.state in ('Cancelled', 'Expired', 'Refunded'):
            assert answer.status == 400, answer
        elif order.kind == 'refused' and order.state == 'Created':
            assert answer.status == 455, answer
            order.state = 'Cancelled'
        else:
            assert answer.status == 200, answer
            result = answer.json()['result']
            if order.state == 'Created':
                order.state = 'Processing' if order.kind == 'delayed' else 'Completed'
                order.completed = self.world.minutes
                order.deadline = self.world.minutes + KYC_MINUTES
            assert result['orderState'] == order.state
            if order.state == 'Processing':
                details = {detail['name']: detail['value'] for detail in result['orderLineItem']['lineItemDetails']}
                order.kyc_id = int(details['KYC_URL'].rpartition('/')[2][:14], 16)

    @precondition(lambda self: self.orders)
    @rule(which=st.integers(0, 99))
    def cancel(self, which):
        order = self.orders[which % len(self.orders)]
        answer = self.world.send('PUT', '/order/cancel', {'orderId': order.number, 'reason': 'model'})
        assert answer.status == (200 if order.state == 'Created' else 400), answer
        if order.state == 'Created':
            order.state = 'Cancelled'

    @rule(which=st.integers(0, 99), approve=st.booleans())
    def decide(self, which, approve):
        order = self.pick(which, 'Processing')
        if not order:
            return
        self.world.control(f'/orders/{order.kyc_id}/kyc/' + ('approve' if approve else 'reject'))
        order.state = 'Completed' if approve else 'Cancelled'
        order.completed = self.world.minutes
        if approve:
            self.world.control('/clock/advance', {'by': '4s'})  # the supplier's one to three seconds

    @precondition(lambda self: self.orders)
    @rule(which=st.integers(0, 99), any_state=st.booleans())
    def refund(self, which, any_state):
        order = (not any_state and self.pick(which, 'Completed')) or self.orders[which % len(self.orders)]
        terms = self.world.good('GET', f'/order/{order.number}/refund/eligibility')
        age = self.world.minutes - order.completed if order.state == 'Completed' else None
        possible = order.state == 'Completed' and order.fee is not None
        if not possible or age >= SURELY_INSTALLED:
            assert terms['isEligible'] is False and terms['reason']
        elif age <= SURELY_NOT_INSTALLED:
            assert terms['isEligible'] is True and decimal.Decimal(terms['fee']) == order.fee
        answer = self.world.send('PUT', '/order/refund', {'orderId': order.number})
        assert answer.status == (202 if terms['isEligible'] else 400), answer
        if terms['isEligible']:
            order.state = 'Refunded'

    # Sums of these are never within a minute of a deadline.
    @rule(minutes=st.sampled_from([11, 33, 700]))
    def wait(self, minutes):
        self.world.control('/clock/advance', {'by': f'{minutes}m'})
        self.world.minutes += minutes
        for order in self.orders:
            if order.state in ('Created', 'Processing') and self.world.minutes >= order.deadline:
                order.state = 'Expired' if order.state == 'Created' else 'Cancelled'

    @invariant()
    def check(self):
        """What the server's own work does comes a moment later."""
        if not hasattr(self, 'orders'):
            return
        wanted = [order.state for order in self.orders]
        patience = time.monotonic() + PATIENCE_SECONDS
        while True:
            states = [self.world.good('GET', f'/order/{order.number}')['orderState'] for order in self.orders]
            if states == wanted or time.monotonic() > patience:
                break
        assert states == wanted
        assert self.start - self.world.balance() == sum(order.costs() for order in self.orders)

    def teardown(self):
        for order in self.orders if hasattr(self, 'orders') else []:
            if order.state == 'Created':
                self.world.good('PUT', '/order/cancel', {'orderId': order.number})


@pytest.mark.long
def test_model(world):
    Merchant.world = world
    run_state_machine_as_test(Merchant, settings=hypothesis.settings(
        max_examples=50, stateful_step_count=25, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(hypothesis.HealthCheck)))
