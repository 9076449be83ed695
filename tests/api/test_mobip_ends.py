"""tests/api/test_mobip_ends.py: how a payment's end is told, told again, and comes once."""
import concurrent.futures
import json
import subprocess
import time
import urllib.parse

import pytest
from demo import Demo
from merchant import FORM, Merchant
from webhook import Receiver

HANG_SECONDS = 60
WAITS = ['11s', '101s', '1001s', '61m', '361m', '1441m']


@pytest.fixture(scope='module')
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture(scope='module')
def demo(tmp_path_factory):
    with Demo(tmp_path_factory.mktemp('ends')) as demo:
        yield demo


def cancel(merchant, asked):
    return merchant.call('POST', 'mobip/cancel_transaction', access_token=merchant.token, trid=asked['trid'])


def wait_for(is_so):
    deadline = time.monotonic() + HANG_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_receiver_that_wants_a_form(demo, receiver):
    merchant = Merchant(demo, call_back_url=f'{receiver.url}/form?own=1')
    receiver.answer_with(405)
    asked = merchant.ask()
    cancel(merchant, asked)
    values = {'resp_code': 'CANCELLED', 'trid': asked['trid'], 'track_id': 'order|7'}
    got = receiver.next(f'/form?own=1&{urllib.parse.urlencode(values)}')
    form = receiver.next('/form?own=1')
    assert (got.method, form.method, form.header('Content-Type')) == ('GET', 'POST', FORM)
    assert dict(urllib.parse.parse_qsl(form.body.decode())) == values
    wait_for(lambda: callbacks(demo, asked)[0]['state'] == 'delivered')
    assert callbacks(demo, asked)[0]['tries'] == 1


def callbacks(demo, asked):
    return json.loads(demo.command('payment', 'show', '--data', demo.data, '--json', asked['trid']))['callbacks']


def push_on(demo, asked):
    """What `bodega payment retry` says: nothing, or what is wrong."""
    return subprocess.run([demo.program, 'payment', 'retry', '--data', demo.data, asked['trid']], capture_output=True,
                          text=True, check=False).stderr


NOTHING = 'nothing of this payment waits'


def test_given_up_and_taken_up_again(demo, receiver):
    merchant = Merchant(demo, call_back_url=f'{receiver.url}/away')
    asked = merchant.send(customer_email='ada@example.com', media='EMAIL', retry_period='1', retry_attempts='3')

    def messages():
        data = merchant.call('GET', 'mobip/get_transaction', access_token=merchant.token, trid=asked['trid'])
        return sorted(one['status'] for one in data['transaction_data']['messages'])

    wait_for(lambda: messages() == ['queued', 'sent'])
    # Its end and its next reminder have a time of their own.
    assert NOTHING in push_on(demo, asked)
    assert messages() == ['queued', 'sent']
    path = f'/away?resp_code=CANCELLED&trid={asked["trid"]}&track_id=order%7C7'
    receiver.answer_with(*[500] * (len(WAITS) + 1))
    cancel(merchant, asked)
    for i, wait in enumerate(WAITS):
        receiver.wait_for(i + 1, path)
        wait_for(lambda: callbacks(demo, asked)[0]['tries'] == i + 1)
        demo.advance(wait)
    receiver.wait_for(len(WAITS) + 1, path)
    wait_for(lambda: callbacks(demo, asked)[0]['state'] == 'given_up')
    assert push_on(demo, asked) == ''
    receiver.wait_for(len(WAITS) + 2, path)
    wait_for(lambda: callbacks(demo, asked)[0]['state'] == 'delivered')
    assert NOTHING in push_on(demo, asked)
    demo.verify()


def test_cancel_against_expiry(start_demo):
    """The end of their time and twelve cancellations at once: each payment has one end, told once."""
    demo = start_demo()
    receiver = Receiver()
    merchant = Merchant(demo, call_back_url=f'{receiver.url}/end')
    asked = [merchant.ask(transaction_ttl='1') for _ in range(12)]
    demo.advance('86390s')
    merchant = Merchant(demo)
    with concurrent.futures.ThreadPoolExecutor(13) as pool:
        advancing = pool.submit(demo.advance, '20s')
        answers = list(pool.map(lambda one: cancel(merchant, one), asked))
        advancing.result()
    wait_for(lambda: all(merchant.state(one)['transaction_status'] == 'CANCELLED' for one in asked))
    for one, answer in zip(asked, answers):
        reason = merchant.state(one)['reason']
        assert (answer['return_code'], reason) in (('0', 'cancelled by merchant'), ('301', 'expired')), (answer, reason)
        receiver.wait_for(1, f'/end?resp_code=CANCELLED&trid={one["trid"]}&track_id=order%7C7')
    demo.advance('2h')
    assert len(receiver.received) == len(asked)
    receiver.close()
    demo.verify()
