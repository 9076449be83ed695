"""tests/support/shop_model.py: what the DVS API must have done, told by a few dozen lines of Python.

A Book knows one partner's orders and what each costs; from the sandbox's rules it foretells each order's end. Time is
the business clock, in seconds: ours as the server's, wall plus what was advanced, so an order's end is certain only
once its delay has passed for both.
"""
import collections
import datetime
import decimal
import fractions
import math
import time

import dvs

DELAYS = {'1': 3, '2': 20, '3': 300}
ENDS = {'0': (dvs.COMPLETED, 'COMPLETED'), '1': (dvs.COMPLETED, 'COMPLETED'),
        '2': (dvs.DECLINED, 'DECLINED-INVALID-CREDIT-PARTY'), '3': (dvs.DECLINED, 'DECLINED-BARRED-CREDIT-PARTY'),
        '4': (dvs.DECLINED, 'DECLINED-OPERATOR-CURRENTLY-UNAVAILABLE'),
        '5': (dvs.DECLINED, 'DECLINED-DUPLICATED-TRANSACTION'), '6': (dvs.DECLINED, 'DECLINED'),
        '7': (dvs.DECLINED, 'DECLINED-EXCEPTION')}
SUFFIXES = [delay + '0' + end for delay in DELAYS for end in ENDS]
CONFIRMATION_SECONDS = 3600
HOLDING = {dvs.CREATED, dvs.CONFIRMED, dvs.SUBMITTED}


class Clock:
    """The server's business clock, as far as it can be known from outside."""

    def __init__(self):
        self.offset = 0

    def now(self):
        return time.time() + self.offset


def moment(text):
    """Seconds since 1970 of a date of the API; to the microsecond, rounded down by less than that."""
    parsed = datetime.datetime.fromisoformat(text[:26] + '+00:00')
    return parsed.timestamp()


def ranged_quote(product, mode, asked):
    """(adjusted destination, price with fee) of a ranged product, by dvs.md 5.4; None when it is out of range."""
    source, destination = product['source']['amount'], product['destination']['amount']
    wholesale = product['prices']['wholesale']
    side = source if mode == 'SOURCE_AMOUNT' else destination
    if not side['min'] <= asked <= side['max']:
        return None
    wanted = fractions.Fraction(asked)
    if mode == 'SOURCE_AMOUNT':
        wanted *= fractions.Fraction(destination['max']) / fractions.Fraction(source['max'])
    least, step = fractions.Fraction(destination['min']), fractions.Fraction(destination['increment'])
    adjusted = least + (wanted - least) // step * step
    exact = adjusted * fractions.Fraction(wholesale['amount']['max']) / fractions.Fraction(destination['max'])
    cents = math.floor(exact * 100 + fractions.Fraction(1, 2))
    return adjusted, decimal.Decimal(cents) / 100 + decimal.Decimal(wholesale['fee'])


class Order:
    """One order as it must be. `seen` is the class last read; `end` the final (class, message) foretold."""

    def __init__(self, transaction, product, suffix, price=None):
        self.id = transaction['id']
        self.external_id = transaction['external_id']
        self.unit = product['prices']['wholesale']['unit']
        self.cost = dvs.cost(product) if price is None else price
        self.created = moment(transaction['creation_date'])
        self.expires = moment(transaction['confirmation_expiration_date'])
        self.end = ENDS[suffix[2]] if suffix else ENDS['1']
        self.delay = DELAYS[suffix[0]] if suffix else 0
        self.due = None
        self.cancelled = False
        self.reversed = False
        self.seen = dvs.class_of(transaction)
        if 'confirmation_date' in transaction:
            self.confirmed_at(transaction)

    def confirmed_at(self, transaction):
        self.due = moment(transaction['confirmation_date']) + self.delay

    @property
    def is_open(self):
        return not self.cancelled and self.seen not in dvs.FINAL

    def deadline(self):
        """The moment at which it ends by itself: its expiry while it is unconfirmed, else its delivery."""
        return self.expires if self.due is None else self.due

    def final(self):
        if self.reversed:
            return dvs.REVERSED, 'REVERSED'
        return (dvs.CANCELLED, 'CANCELLED') if self.due is None else self.end

    def learn(self, transaction, before, after):
        """Takes in what was read between two moments; fails if it cannot be so."""
        status = transaction['status']
        seen, said = status['class']['id'], status['message']
        assert transaction['external_id'] == self.external_id
        if seen in dvs.FINAL:
            assert (seen, said) == self.final(), f'{self.external_id}: {said}, not {self.final()}'
            assert self.cancelled or after >= self.deadline(), f'{self.external_id}: {said} too early'
        else:
            allowed = {dvs.CREATED} if self.due is None else {dvs.CONFIRMED, dvs.SUBMITTED}
            assert seen in allowed and not self.cancelled, f'{self.external_id}: {said}'
            assert self.seen not in dvs.FINAL, f'{self.external_id} was final and is {said} again'
        self.seen = seen


class Book:
    """The orders of one partner, and the balances from which it started."""

    def __init__(self, client, clock, units):
        self.client = client
        self.clock = clock
        self.orders = []
        self.start = {unit: client.balance(unit) for unit in units}

    def read(self, order):
        before = self.clock.now()
        transaction = dvs.good(self.client.get(order.id), 200)
        order.learn(transaction, before, self.clock.now())
        return transaction

    def settle(self):
        """Waits until all has happened that must have happened by now."""
        for order in self.orders:
            if order.is_open and order.deadline() <= self.clock.now():
                dvs.eventually(lambda: self.read(order) and not order.is_open)

    def expected(self):
        """What the balances must be: {unit: (available, holding)}."""
        held, spent = collections.Counter(), collections.Counter()
        for order in self.orders:
            if order.seen in HOLDING and not order.cancelled:
                held[order.unit] += order.cost
            elif order.seen == dvs.COMPLETED:
                spent[order.unit] += order.cost
        zero = decimal.Decimal(0)
        return {unit: (available - (held[unit] or zero) - (spent[unit] or zero), holding + (held[unit] or zero))
                for unit, (available, holding) in self.start.items()}

    def check(self):
        """States and balances agree. An order that ends by itself while we look means looking again."""
        self.settle()

        def agree():
            for order in self.orders:
                if order.is_open:
                    self.read(order)
            expected = self.expected()
            found = {unit: self.client.balance(unit) for unit in self.start}
            if found == expected:
                return True
            ending = [o for o in self.orders if o.is_open and o.deadline() <= self.clock.now()]
            assert ending, f'balances {found}, not {expected}'
            return False

        dvs.eventually(agree)
