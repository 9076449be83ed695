"""tests/e2e/test_esim_wait.py: completing waits for the supplier as long as the settings say, then it is Processing."""
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from dvs import eventually
from mobimatter import Mobimatter, details
from serve import Serve

WAIT_SECONDS = 100


@pytest.fixture(scope='module')
def demo_catalog(shared_demo):
    """The products of the demo, by the code that this API calls them by, and what they need."""
    lines = [json.loads(line) for line in
             shared_demo.command('catalog', 'export', '--data', shared_demo.data).splitlines()]
    return {line['esim']['code']: line for line in lines if 'esim' in line}, \
        {line['id']: line for line in lines if line['kind'] == 'operator'}


@pytest.mark.asan
def test_a_refund_of_what_came_from_stock(demo, tmp_path):
    """Sold once, whatever becomes of the order: a stock cannot be asked to take it back, so a person decides. The call
    waits for that as for any supplier."""
    lines = demo.command('catalog', 'export', '--data', demo.data).splitlines()
    product = next(json.loads(line) for line in lines if '"last-one-in-stock"' in line)
    product['esim']['refund']['fee'] = 0.25
    (tmp_path / 'with-a-fee.jsonl').write_text(json.dumps(product) + '\n')
    demo.command('catalog', 'import', tmp_path / 'with-a-fee.jsonl', '--data', demo.data)
    shop = Mobimatter(demo)
    before = shop.balance()
    order = shop.buy('last-one-in-stock')['orderId']
    price = before - shop.balance()
    assert price > 0 and str(shop.call('GET', f'/order/{order}/refund/eligibility')['fee']) == '0.25'
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(shop.send, 'PUT', '/order/refund', {'orderId': order})
        eventually(lambda: '\nbodega_parked 1\n' in demo.control('GET', '/metrics').body.decode())
        assert shop.state(order) == 'Completed'
        terms = shop.call('GET', f'/order/{order}/refund/eligibility')
        assert terms == {'isEligible': False, 'fee': None, 'reason': 'A refund of the order is under way'}
        assert shop.send('PUT', '/order/refund', {'orderId': order}).status == 400
        demo.advance('24s')
        assert not answer.done()
        demo.advance('1s')
        assert answer.result().status == 202
    assert shop.send('POST', '/order', {'productId': 'last-one-in-stock'}).status == 429
    [task] = demo.control('GET', '/admin/v1/tasks').json()

    def decide(what):
        return demo.control('POST', f'/admin/v1/orders/{task["order_id"]}/{what}', {}).status

    # Not given back, the fee of the refund is not kept either: later all of it may come back.
    assert (decide('keep'), decide('keep')) == (200, 409)
    assert (shop.state(order), before - shop.balance()) == ('Completed', price)
    assert decide('reverse') == 200
    assert (shop.state(order), shop.balance()) == ('Refunded', before)
    demo.verify()


def test_a_slow_supplier(tmp_path, demo_catalog):
    products, operators = demo_catalog
    quick = products['75b98dc7-c026-48c1-9fee-465681382d39']
    slow = quick | {'id': 2000, 'esim': quick['esim'] | {'code': 'slow', 'package': 'SLOW', 'slug': 'SLOW_1_7'},
                    'routes': [{'supplier': 'sandbox', 'sku': 'script-301', 'priority': 1}]}
    with Serve(tmp_path, [f'complete_wait = {WAIT_SECONDS}']) as server, ThreadPoolExecutor(4) as pool:
        server.import_catalog([operators[quick['operator']], quick, slow])
        server.add_partner('shop', sandbox='yes', dialects=['mobimatter'])
        shop = Mobimatter(server, 'shop')
        numbers = [shop.create('slow') for _ in range(3)]
        waiting = [pool.submit(shop.complete, number) for number in numbers]
        assert shop.buy(quick['esim']['code'])['orderState'] == 'Completed'
        for number in numbers:
            shop.wait_for(number, 'Processing')
        server.advance(f'{WAIT_SECONDS - 40}s')
        assert not any(answer.done() for answer in waiting)
        server.advance('40s')
        for answer in waiting:
            result = answer.result().json()['result']
            assert answer.result().status == 200 and result['orderState'] == 'Processing' and details(result) == {}
        # Asked again it waits again, and is answered when the supplier has delivered.
        server.advance('130s')
        again = pool.submit(shop.complete, numbers[0])
        server.advance('75s')
        assert again.result().json()['result']['orderState'] == 'Completed'
        for number in numbers:
            shop.wait_for(number, 'Completed')
            assert 'QR_CODE' in details(shop.order(number))
        server.verify()
