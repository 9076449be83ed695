"""tests/pages/test_kyc_decision.py: an identity is checked by somebody outside, who signs what it found, or by an
operator, who looks at what the customer gave; both once, in time, and written down."""
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from mobimatter import KYC, Mobimatter, details, internal_id, path_of, sign_decision
from shop import ask, bodega, store

FORM = {'Content-Type': 'application/x-www-form-urlencoded'}
ADA = 'full_name=Ada+%3Cb%3E&date_of_birth=1990-01-02&nationality=GB&document_type=passport&document_number=123456789'
APPROVED, REJECTED = '{"decision": "approved"}', '{"decision": "rejected", "reason": "the picture is another one"}'


class Check:
    """An order that waits for one, and the calls that are made about it."""

    def __init__(self, demo):
        self.demo, self.shop = demo, Mobimatter(demo)
        self.before = self.shop.balance()
        order = self.shop.buy(KYC)
        assert order['orderState'] == 'Processing'
        self.number, self.page = order['orderId'], path_of(demo, details(order)['KYC_URL'])
        self.id, self.path = internal_id(self.page), self.page + '/decision'
        self.secret = demo.credentials['kyc']['secret']

    def say(self, body, path=None, **how):
        headers = sign_decision(how.pop('secret', self.secret), path or self.path, body, **how)
        return self.demo.request('POST', self.path, headers, body)


@pytest.fixture
def check(shared_demo):
    return Check(shared_demo)


def refused(answer, status, code):
    assert answer.status == status and answer.json()['error']['code'] == code, answer


def test_approved_from_outside(check):
    answer = check.say(APPROVED)
    assert answer.status == 200 and answer.json() == {'decision': 'approved', 'order': 'confirmed'}
    check.demo.advance('5s')
    check.shop.wait_for(check.number, 'Completed')
    assert 'QR_CODE' in details(check.shop.order(check.number))
    again = check.say(APPROVED)
    assert again.status == 200 and again.json() == {'decision': 'approved', 'order': 'completed'}
    refused(check.say(REJECTED), 409, 'illegal_state')
    assert check.before - check.shop.balance() == 12


def test_rejected_from_outside(check):
    answer = check.say(REJECTED)
    assert answer.status == 200 and answer.json() == {'decision': 'rejected', 'order': 'cancelled'}
    assert check.shop.state(check.number) == 'Cancelled' and check.shop.balance() == check.before
    assert check.say(REJECTED).status == 200
    refused(check.say(APPROVED), 409, 'illegal_state')
    assert check.shop.state(check.number) == 'Cancelled' and check.shop.balance() == check.before


def test_what_is_not_signed_decides_nothing(check):
    other = Check(check.demo)
    now = int(time.time())
    refused(check.say(APPROVED, secret='0' * 64), 401, 'signature_invalid')
    refused(check.say(APPROVED, path=other.path), 401, 'signature_invalid')
    refused(check.say(APPROVED, at=now - 400), 401, 'timestamp_out_of_range')
    refused(check.say(APPROVED, at=now + 400), 401, 'timestamp_out_of_range')
    refused(check.say(APPROVED, at='soon'), 401, 'timestamp_invalid')
    signed = sign_decision(check.secret, check.path, APPROVED)
    refused(check.demo.request('POST', check.path, signed, REJECTED), 401, 'signature_invalid')
    refused(check.demo.request('POST', check.path, {}, APPROVED), 401, 'timestamp_missing')
    refused(check.demo.request('POST', check.path, {'X-Kyc-Timestamp': str(now)}, APPROVED), 401, 'signature_missing')
    refused(check.demo.request('GET', check.path), 405, 'method_not_allowed')
    refused(check.say('{"decision": "perhaps"}'), 400, 'bad_request')
    refused(check.say('{}'), 400, 'bad_request')
    assert check.demo.request('POST', check.path[:5] + '0' * 48 + '/decision', signed, APPROVED).status == 404
    assert check.shop.state(check.number) == 'Processing'
    assert check.demo.request('GET', check.page).status == 200
    for order in (check, other):
        assert order.say(REJECTED).status == 200


def test_of_two_decisions_at_once_one_counts(check):
    with ThreadPoolExecutor(8) as pool:
        answers = [future.result() for future in
                   [pool.submit(check.say, APPROVED if i % 2 else REJECTED) for i in range(8)]]
    statuses = {answer.json()['decision'] if answer.status == 200 else answer.status for answer in answers}
    assert statuses in ({'approved', 409}, {'rejected', 409})
    assert sum(answer.status == 200 for answer in answers) == 4
    check.demo.advance('5s')
    check.shop.wait_for(check.number, 'Completed' if 'approved' in statuses else 'Cancelled')
    check.demo.verify()


def test_an_operator_looks_before_deciding(check):
    listed = {row['order_id']: row for row in ask(check.demo, 'kyc', 'list')}
    assert check.id not in listed
    waiting = {row['order_id']: row for row in ask(check.demo, 'kyc', 'list', '--all')}[check.id]
    assert waiting['state'] == 'open' and waiting['reference'] == check.number
    assert waiting['url'] == check.demo.base_url + check.page
    assert 'nothing was given' in ask(check.demo, 'kyc', 'show', check.id, code=1)
    assert check.demo.request('POST', check.page, FORM, ADA).status == 303
    listed = {row['order_id']: row for row in ask(check.demo, 'kyc', 'list')}[check.id]
    assert listed['state'] == 'submitted' and listed['submitted_at'] and listed['expires_at']
    assert ask(check.demo, 'kyc', 'show', check.id) == {
        'full_name': 'Ada <b>', 'date_of_birth': '1990-01-02', 'nationality': 'GB', 'document_type': 'passport',
        'document_number': '123456789'}
    assert ask(check.demo, 'kyc', 'reject', check.id, '--reason', 'too young')['state'] == 'cancelled'
    assert check.id not in {row['order_id'] for row in ask(check.demo, 'kyc', 'list', '--all')}
    assert check.shop.balance() == check.before
    assert 'there is no such order' in ask(check.demo, 'kyc', 'show', 1, code=1)


def test_decisions_and_looks_are_written_down(check):
    assert check.demo.request('POST', check.page, FORM, ADA).status == 303
    bodega('kyc', 'show', check.id, '--data', check.demo.data)
    assert check.say(REJECTED).status == 200
    rows = store(check.demo).execute('SELECT actor, action, detail FROM audit WHERE subject = ? ORDER BY id',
                                     (f'order {check.id}',)).fetchall()
    assert rows == [('unix', 'kyc.reveal', ''), ('kyc:demo', 'kyc.reject', 'the picture is another one')]
    document = store(check.demo).execute('SELECT doc FROM kyc WHERE order_id = ?', (check.id,)).fetchone()[0]
    assert b'Ada' not in document and b'123456789' not in document
    log = open(check.demo.log_file, encoding='utf-8').read()
    assert '123456789' not in log and check.secret not in log


def test_after_24_hours_it_is_over(start_demo):
    """Cancelled, the money back, what was given forgotten, and no decision counts any more."""
    demo = start_demo()
    check = Check(demo)
    assert demo.request('POST', check.page, FORM, ADA).status == 303
    demo.advance('1439m')
    assert check.shop.state(check.number) == 'Processing' and check.before - check.shop.balance() == 12
    demo.advance('2m')
    refused(check.say(APPROVED), 409, 'illegal_state')
    check.shop.wait_for(check.number, 'Cancelled')
    assert check.shop.balance() == check.before
    refused(check.say(APPROVED), 409, 'illegal_state')
    refused(check.say(REJECTED), 409, 'illegal_state')
    assert 'nothing was given' in ask(demo, 'kyc', 'show', check.id, code=1)
    assert ask(demo, 'kyc', 'list', '--all') == []
    assert b'This check is over' in demo.request('GET', check.page).body
    assert json.loads(bodega('verify', '--data', demo.data, '--json')[0])['difference_count'] == 0
