"""tests/e2e/test_stuck_orders.py: what an operator does when a supplier or a receiver is silent."""
import pytest
from demo import Demo
from shop import ask, bodega, buy, store, wait_until

SLOW = '+6595123300'


@pytest.fixture(scope='module')
def running(tmp_path_factory):
    # At full length the sandbox takes five minutes over this number: it waits until somebody decides.
    with Demo(tmp_path_factory.mktemp('stuck'), '--products', 200) as demo:
        yield demo
        demo.verify()


def stuck(demo, reference):
    """An order whose supplier fell silent: what the store holds of it is put there while nobody runs."""
    db = store(demo)  # or the test is skipped, with the server still there for the next one
    order = buy(demo, reference, number=SLOW, sync=False)['id']
    demo.stop()
    db.execute('UPDATE orders SET state = 3, version = version + 1 WHERE id = ?', (order,))
    db.execute('UPDATE units SET state = 3 WHERE order_id = ?', (order,))
    db.execute('UPDATE attempts SET state = 6 WHERE order_id = ?', (order,))
    db.close()
    demo.start()
    assert ask(demo, 'order', 'show', order)['state'] == 'submitted'
    return order


def wallet(demo):
    shown = ask(demo, 'wallet', 'statement', 1, 'USD')
    return round(shown['balance'], 6), shown['held']


def test_resolved_as_delivered_is_charged(running):
    before = wallet(running)
    order = stuck(running, 'delivered')
    assert wallet(running) == (before[0], 3.6)
    shown = ask(running, 'order', 'resolve', order, 'delivered', '--operator-reference', 'A12')
    assert shown['state'] == 'completed'
    assert wallet(running) == (round(before[0] - 3.6, 6), 0)
    shown = ask(running, 'order', 'show', order)
    assert shown['units'][0]['operator_reference'] == 'A12' and shown['jobs'] == []
    assert 'illegal_state' in ask(running, 'order', 'resolve', order, 'refused', code=1)


def test_resolved_as_refused_costs_nothing(running):
    before = wallet(running)
    order = stuck(running, 'refused')
    assert ask(running, 'order', 'resolve', order, 'refused')['state'] == 'declined'
    assert wallet(running) == before
    assert 'illegal_state' in ask(running, 'order', 'resolve', order, 'delivered', code=1)


def test_resolve_wants_a_known_outcome_and_an_open_unit(running):
    order = stuck(running, 'words')
    assert 'outcome' in ask(running, 'order', 'resolve', order, 'lost', code=1)
    assert 'illegal_state' in ask(running, 'order', 'resolve', order, 'refused', '--unit', 2, code=1)
    assert 'order_not_found' in ask(running, 'order', 'resolve', 5, 'refused', code=1)
    assert ask(running, 'order', 'show', order)['state'] == 'submitted'
    ask(running, 'order', 'resolve', order, 'refused')


def test_retry_brings_forward_what_waits(running):
    order = stuck(running, 'retried')
    assert ask(running, 'order', 'retry', order)['jobs'] == 1
    ask(running, 'order', 'resolve', order, 'refused')
    assert 'illegal_state' in ask(running, 'order', 'retry', order, code=1)


def test_a_stopped_store_is_resolved_too(start_demo):
    demo = start_demo('--products', 200)
    order = stuck(demo, 'stopped')
    demo.stop()
    assert ask(demo, 'order', 'resolve', order, 'delivered')['state'] == 'completed'
    bodega('verify', '--data', demo.data)


def test_a_stop_answers_who_waits_within_its_time(start_demo):
    import threading
    demo = start_demo('--products', 200)
    answers = []

    def wait():
        try:
            answers.append(buy(demo, 'parked', number=SLOW))
        except Exception as problem:  # a closed connection is an answer too: the order is safe
            answers.append(problem)

    thread = threading.Thread(target=wait)
    thread.start()
    wait_until(lambda: 'bodega_parked 1' in metrics(demo))
    demo.stop()
    thread.join()
    assert len(answers) == 1
    bodega('verify', '--data', demo.data)


def metrics(demo):
    import http.client
    import socket
    connection = http.client.HTTPConnection('localhost')
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(f'{demo.data}/control.sock')
    connection.request('GET', '/metrics')
    return connection.getresponse().read().decode()


def test_a_callback_that_was_given_up_is_taken_up_again(start_demo, receiver):
    demo = start_demo('--products', 200, '--time-scale', 1000)
    order = buy(demo, 'called', callback_url=receiver.url)['id']
    receiver.next()
    wait_until(lambda: ask(demo, 'order', 'show', order)['jobs'] == [])
    demo.stop()
    db = store(demo)
    assert db.execute('UPDATE callbacks SET state = 3').rowcount == 1
    db.close()
    demo.start()
    assert ask(demo, 'order', 'retry', order)['jobs'] == 1
    receiver.next()
    wait_until(lambda: ask(demo, 'order', 'show', order)['callbacks'][0]['state'] == 'delivered')
    demo.verify()
