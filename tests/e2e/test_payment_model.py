"""tests/e2e/test_payment_model.py: random payers, a merchant and an operator against a model: after each step states,
wallet and fees are the model's and the books agree; in the end every request was called back once, with its state there
already, and the operator's queue has each payment and each refund once. Two at once are in it: one of them wins.

A seed is a run: whoever fails prints it with its steps."""
import concurrent.futures
import random

import pytest
from merchant import DECLINED_CARD, FAULTY_CARD, GOOD_CARD, POOR_CARD, SILENT_CARD
from payment_model import REFUSALS_MOST, Book, World

CARDS = [GOOD_CARD, GOOD_CARD, DECLINED_CARD, POOR_CARD, DECLINED_CARD, FAULTY_CARD, SILENT_CARD]
REASONS = {DECLINED_CARD: 'card declined', POOR_CARD: 'insufficient funds'}
MUST_HAPPEN = {'paid', 'refused', 'denied', 'error', 'silent', 'cancelled by merchant', 'cancelled by customer',
               'expired', 'refunded', 'resent', 'paid twice', 'final paid', 'pay and cancel'}


class Run:
    """One run of random steps."""

    def __init__(self, world, seed):
        self.world, self.seed, self.random = world, seed, random.Random(seed)
        self.book, self.steps = Book(world), []

    def run(self, steps):
        rules = [*[self.ask] * 3, *[self.pay] * 5, *[self.pay_what_was_refused] * 3, *[self.two_at_once] * 2,
                 self.cancel, self.refund, self.resend, self.pass_time]
        try:
            while len(self.steps) < steps:
                step = self.random.choice(rules) if self.book.all else self.ask
                self.steps.append(step.__name__)
                step()
                self.book.check()
            self.book.close()
        except AssertionError as problem:
            raise AssertionError(f'seed {self.seed}, after {self.steps}: {problem}') from problem

    def pick(self, state='PENDING'):
        """Mostly one in that state, if there is one."""
        found = [asked for asked in self.book.all if asked.state == state]
        return self.random.choice(found if found and self.random.random() < 0.8 else self.book.all)

    def note(self, what):
        self.world.happened[what] += 1

    def ask(self):
        item, tax = self.random.randint(1, 10 ** 6), self.random.randint(0, 10 ** 5)
        self.book.add(item, tax, self.random.choice([1, 1, 2, 30]), self.random.choice([None, 'ada@example.com']))

    def pay(self):
        self.pay_with(self.pick(), self.random.choice(CARDS))

    def pay_what_was_refused(self):
        """Once more, and mostly no better; often to the end."""
        refused = [asked for asked in self.book.all if asked.state == 'PENDING' and asked.refusals]
        asked = self.random.choice(refused or self.book.all)
        for _ in range(self.random.randint(1, REFUSALS_MOST)):
            self.pay_with(asked, self.random.choice([*REASONS, *REASONS, GOOD_CARD]))

    def pay_with(self, asked, card):
        is_open = asked.state == 'PENDING' and not asked.is_paying
        asked_at = self.world.now()
        answer = asked.payer.pay(card, hidden=None if is_open else asked.first_form)
        if not is_open:
            self.note('final paid')
        elif card == GOOD_CARD:
            assert answer.status == 303
            asked.ends('PAID')
            self.note('paid')
        elif card == FAULTY_CARD:
            reason = self.world.call('GET', 'is_valid', trid=asked.trid)['reason']
            assert reason
            asked.ends('ERROR', reason)
            self.note('error')
        elif card == SILENT_CARD:
            asked.paying_since = asked_at
            self.note('silent')
        else:
            asked.refusals += 1
            self.note('refused')
            if asked.refusals == REFUSALS_MOST:
                asked.ends('DENIED', REASONS[card])
                self.note('denied')

    def cancel(self):
        asked, by_merchant = self.pick(), self.random.random() < 0.5
        is_open = asked.state == 'PENDING' and not asked.is_paying
        if by_merchant:
            code = self.world.call('POST', 'cancel_transaction', trid=asked.trid)['return_code']
            assert code == ('0' if is_open else '301')
        else:
            asked.payer.cancel(None if is_open else asked.first_form)
        if is_open:
            reason = 'cancelled by ' + ('merchant' if by_merchant else 'customer')
            asked.ends('CANCELLED', reason)
            self.note(reason)

    def refund(self):
        asked = self.pick('PAID')
        if asked.is_paying:  # for sure paid or not
            self.book.settle()
        is_paid = asked.state == 'PAID' and not asked.refunded
        assert (self.world.refund(asked) == 200) == is_paid
        if is_paid:
            asked.refunded = True
            self.note('refunded')

    def resend(self):
        """Within a minute of another message it is refused."""
        if self.random.random() < 0.5:
            self.book.pass_time(90)
        asked = self.pick()
        code = self.world.call('POST', 'resend', trid=asked.trid, media='EMAIL')['return_code']
        if asked.state != 'PENDING':
            assert code == ('302' if asked.reason == 'expired' else '301')
        elif not asked.is_paying:
            assert code in (('0', '104') if asked.address else ('601',))
            self.world.happened['resent'] += code == '0'

    def two_at_once(self):
        """One wins: the state says who, and the money is taken once or not at all."""
        asked, payers, cancels = self.pick(), self.random.randint(2, 4), self.random.random() < 0.6
        if asked.state != 'PENDING' or asked.is_paying:
            asked = self.book.add(1000, 300, 1)
        hidden = asked.payer.hidden()
        with concurrent.futures.ThreadPoolExecutor(payers + 1) as pool:
            paying = [pool.submit(asked.payer.pay, hidden=hidden) for _ in range(payers)]
            cancelling = cancels and pool.submit(self.world.call, 'POST', 'cancel_transaction', trid=asked.trid)
            assert all(one.result().status == 303 for one in paying)
            code = cancelling.result()['return_code'] if cancels else '301'
        assert code in ('0', '301')
        asked.ends(*(['CANCELLED', 'cancelled by merchant'] if code == '0' else ['PAID']))
        self.note('pay and cancel' if cancels else 'paid twice')

    def pass_time(self):
        self.book.pass_time(self.random.choice([90, 3600, 12 * 3600, 25 * 3600]))


@pytest.mark.parametrize('seeds,steps', [((3, 12), 45), pytest.param(range(100, 130), 120, marks=pytest.mark.long)])
def test_model(tmp_path, seeds, steps):
    world = World(tmp_path)
    try:
        for seed in seeds:
            Run(world, seed).run(steps)
        assert MUST_HAPPEN - set(world.happened) == set(), dict(world.happened)
    finally:
        world.close()
