"""tests/e2e/test_model.py: random partners against a model: after each step the server's states and balances are the
model's, and in the end every final state has been called back, once."""
import collections
import decimal
import fractions
import json

import hypothesis
import hypothesis.strategies as st
import pytest
from demo import Demo
from dvs import COMPLETED, REVERSED, Dvs, class_of, good, refused, unique
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from shop_model import SUFFIXES, Book, Clock, Order, moment, ranged_quote
from webhook import Receiver

IDEMPOTENCY_SECONDS = 24 * 3600
# Near the end of the 24 hours neither answer can be demanded.
BLUR_SECONDS = 60
ANY = st.integers(0, 10 ** 6)


class World:
    """The server that all examples share, and its clock."""

    def __init__(self, folder):
        self.clock = Clock()
        self.receiver = Receiver()
        self.server = Demo(folder).start()
        self.client = Dvs(self.server)
        self.poor = Dvs(self.server, 'empty')
        self.top_up = self.client.top_up()
        unit = self.top_up['prices']['wholesale']['unit']
        self.gift_card = self.client.gift_card(unit)
        self.ranged = good(self.client.ask('GET', '/v1/products/1320'), 200)
        self.bill = good(self.client.ask('GET', '/v1/products/1350'), 200)
        self.units = [unit]

    def advance(self, seconds):
        assert self.server.control('POST', '/admin/v1/clock/advance', {'by': f'{seconds}s'}).status == 200
        self.clock.offset += seconds

    def close(self):
        self.server.verify()
        self.server.stop()
        self.receiver.close()


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    world = World(tmp_path_factory.mktemp('model'))
    yield world
    world.close()


class Partner(RuleBasedStateMachine):
    """Steps of a partner who tries everything. `world` is set by the test."""

    world = None

    @initialize()
    def open_book(self):
        self.client = self.world.client
        self.book = Book(self.client, self.world.clock, self.world.units)
        self.sent = {}  # key -> (sync, bytes, order)

    def place(self, body, product, suffix, sync=False, key=None, price=None):
        body['callback_url'] = f'{self.world.receiver.url}/{body["external_id"]}'
        raw = json.dumps(body).encode()
        transaction = good(self.client.create(raw, sync, key), 201)
        assert transaction['external_id'] == body['external_id']
        order = Order(transaction, product, suffix, price)
        assert abs(order.expires - order.created - 3600) < 1e-3
        assert (order.due is not None) == body['auto_confirm']
        self.book.orders.append(order)
        if key:
            self.sent[key] = (sync, raw, order)
        return transaction

    def one(self, pick):
        return self.book.orders[pick % len(self.book.orders)]

    has_orders = precondition(lambda self: self.book.orders)

    @rule(suffix=st.sampled_from(SUFFIXES), serial=st.integers(0, 9999), auto_confirm=st.booleans(),
          keyed=st.booleans())
    def create(self, suffix, serial, auto_confirm, keyed):
        body = self.client.order(self.world.top_up, suffix, serial, auto_confirm=auto_confirm)
        self.place(body, self.world.top_up, suffix, key=unique('key-') if keyed else None)
        self.book.check()

    @rule(suffix=st.sampled_from(SUFFIXES), auto_confirm=st.booleans(), by_source=st.booleans(),
          cents=st.integers(50, 100000))
    def create_ranged(self, suffix, auto_confirm, by_source, cents):
        """By source amount in cents, or by destination amount: off the grid, and out of the range, too."""
        mode, side = ('SOURCE_AMOUNT', 'source') if by_source else ('DESTINATION_AMOUNT', 'destination')
        amount = decimal.Decimal(cents % 1200 if by_source else cents) / 100
        self.create_by_amount(self.world.ranged, mode, side, amount, suffix, auto_confirm=auto_confirm)

    @rule(suffix=st.sampled_from(SUFFIXES), auto_confirm=st.booleans(), cents=st.integers(10000, 1200000))
    def pay_bill(self, suffix, auto_confirm, cents):
        """Has a fee, and an account number whose end tells the sandbox."""
        self.create_by_amount(self.world.bill, 'DESTINATION_AMOUNT', 'destination', decimal.Decimal(cents) / 100,
                              suffix, auto_confirm=auto_confirm, sender={'last_name': 'Doe', 'first_name': 'Jo'},
                              statement_identifier={'reference': 'R1'},
                              credit_party_identifier={'account_number': f'44{suffix}'})

    def create_by_amount(self, product, mode, side, amount, suffix, **more):
        amount = amount.normalize()
        body = self.client.order(product, suffix, calculation_mode=mode)
        body.update(more)
        body[side] = {'unit_type': 'CURRENCY', 'unit': product[side]['unit'], 'amount': float(amount)}
        quote = ranged_quote(product, mode, amount)
        if quote is None:
            refused(self.client.create(body), 400, 1003002)
        else:
            transaction = self.place(body, product, suffix, price=quote[1])
            adjusted = transaction['adjusted_values']['destination']['amount']
            assert fractions.Fraction(adjusted) == quote[0]
        self.book.check()

    @rule(auto_confirm=st.booleans())
    def create_sync(self, auto_confirm):
        body = self.client.order(self.world.gift_card, auto_confirm=auto_confirm)
        transaction = self.place(body, self.world.gift_card, None, sync=True)
        if auto_confirm:
            assert class_of(transaction) == COMPLETED
            assert transaction['pin']['code']
        self.book.check()

    @has_orders
    @rule(pick=ANY, sync=st.booleans(), suffix=st.sampled_from(SUFFIXES))
    def create_again(self, pick, sync, suffix):
        body = self.client.order(self.world.top_up, suffix, auto_confirm=True)
        body['external_id'] = self.one(pick).external_id
        refused(self.client.create(body, sync), 400, 1007001)
        self.book.check()

    @rule(suffix=st.sampled_from(SUFFIXES))
    def create_without_money(self, suffix):
        body = self.world.poor.order(self.world.top_up, suffix, auto_confirm=True)
        refused(self.world.poor.create(body), 400, 1006001)
        assert self.world.poor.find(body['external_id']) == []

    @precondition(lambda self: self.sent)
    @rule(pick=ANY, same=st.booleans())
    def repeat(self, pick, same):
        key = sorted(self.sent)[pick % len(self.sent)]
        sync, raw, order = self.sent[key]
        age = self.world.clock.now() - order.created
        hypothesis.assume(abs(age - IDEMPOTENCY_SECONDS) > BLUR_SECONDS)
        answer = self.client.create(raw if same else raw + b' ', sync, key)
        if age > IDEMPOTENCY_SECONDS:
            refused(answer, 400, 1007001)
        elif same:
            assert good(answer, 201)['id'] == order.id
            assert answer.header('Idempotent-Replayed') == 'true'
        else:
            refused(answer, 400, 1000400)
        self.book.check()

    @has_orders
    @rule(pick=ANY)
    def confirm(self, pick):
        order = self.one(pick)
        self.book.settle()
        answer = self.client.confirm(order.id)
        now = self.world.clock.now()
        if order.cancelled or (order.due is None and order.expires <= now):
            refused(answer, 400, 1007004)
        elif order.due is not None:
            refused(answer, 400, 1007002)
        else:
            transaction = good(answer, 202)
            order.confirmed_at(transaction)
            order.learn(transaction, now, self.world.clock.now())
        self.book.check()

    @has_orders
    @rule(pick=ANY)
    def cancel(self, pick):
        order = self.one(pick)
        self.book.settle()
        answer = self.client.cancel(order.id)
        if order.cancelled or (order.due is None and not order.is_open):
            refused(answer, 400, 1007005)
        elif order.due is not None:
            refused(answer, 400, 1007007)
        else:
            order.cancelled = True
            order.learn(good(answer, 202), 0, self.world.clock.now())
        self.book.check()

    @has_orders
    @rule(pick=ANY)
    def reverse(self, pick):
        """The operator gives the money of a delivered order back, once."""
        order = self.one(pick)
        self.book.check()
        if order.seen == COMPLETED:
            # A callback shows the order as it is when it leaves.
            self.world.receiver.wait_for(1, f'/{order.external_id}')
        answer = self.world.server.control('POST', f'/admin/v1/orders/{order.id}/reverse')
        if order.seen == COMPLETED:
            assert answer.status == 200, answer
            order.reversed = True
            order.seen = REVERSED
            assert class_of(self.book.read(order)) == REVERSED
        else:
            assert answer.status == 409, answer
        self.book.check()

    @has_orders
    @rule(pick=ANY)
    def look(self, pick):
        order = self.one(pick)
        [found] = self.client.find(order.external_id)
        order.learn(found, 0, self.world.clock.now())
        assert found['id'] == order.id
        assert moment(found['creation_date']) == order.created
        refused(Dvs(self.world.server, 'second').get(order.id), 404, 1008004)
        refused(self.client.get(order.id + 1), 404, 1008004)

    @has_orders
    @rule()
    def list(self):
        day_ago = self.world.clock.now() - 24 * 3600
        ids = [transaction['id'] for transaction in self.client.list()]
        assert ids == sorted(set(ids), reverse=True)
        assert {order.id for order in self.book.orders if order.created > day_ago + BLUR_SECONDS} <= set(ids)
        assert not {order.id for order in self.book.orders if order.created < day_ago - BLUR_SECONDS} & set(ids)

    @rule(seconds=st.sampled_from([1, 3, 20, 20, 300, 3600, 25 * 3600]))
    def advance(self, seconds):
        self.world.advance(seconds)
        self.book.check()

    def teardown(self):
        if not hasattr(self, 'book'):
            return
        self.world.advance(3600)
        self.book.check()
        for order in self.book.orders:
            assert not order.is_open
            received = self.world.receiver.wait_for(1 + order.reversed, f'/{order.external_id}')
            assert json.loads(received[-1].body) == json.loads(self.client.get(order.id).body)
            if order.reversed:
                assert class_of(json.loads(received[0].body)) == COMPLETED
        paths = collections.Counter(request.path for request in self.world.receiver.received)
        assert all(paths[f'/{order.external_id}'] == 1 + order.reversed for order in self.book.orders)


def play(world, examples, steps):
    machine = type('Partner', (Partner,), {'world': world})
    run_state_machine_as_test(machine, settings=hypothesis.settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck)))


@pytest.mark.asan
def test_partners_against_the_model(world):
    play(world, 40, 45)


@pytest.mark.long
def test_many_partners_against_the_model(world):
    play(world, 500, 60)
