"""tests/e2e/test_partners.py: partners know nothing of each other."""
import pytest
from dvs import Dvs, good, refused
from shop import ask, basic


@pytest.mark.asan
def test_another_partners_order(shared_demo):
    """He is told that there is none, and nothing happens to it."""
    owner, other = Dvs(shared_demo), Dvs(shared_demo, 'second')
    product = owner.top_up()
    created = good(owner.create(owner.order(product, '300')), 201)
    for ask in (other.get, other.confirm, other.cancel, lambda which: other.confirm(which, sync=True)):
        refused(ask(created['id']), 404, 1008004)
    assert other.find(created['external_id']) == []
    assert created['id'] not in [transaction['id'] for transaction in other.list()]
    # The same external id is free for him.
    mine = good(other.create(other.order(product, '300', external_id=created['external_id'])), 201)
    assert mine['id'] != created['id']
    assert good(owner.get(created['id']), 200)['status'] == created['status']
    good(owner.cancel(created['id']), 202)
    assert good(other.get(mine['id']), 200)['status']['message'] == 'CREATED'
    good(other.cancel(mine['id']), 202)


@pytest.mark.asan
def test_another_partners_idempotency_key(shared_demo):
    """A key belongs to who used it: the same one makes another order for somebody else."""
    owner, other = Dvs(shared_demo), Dvs(shared_demo, 'second')
    body = owner.order(owner.top_up(), '300')
    mine = good(owner.create(body, key='a-common-key'), 201)
    his = other.create(body, key='a-common-key')
    assert good(his, 201)['id'] != mine['id']
    assert his.header('Idempotent-Replayed') is None


def test_a_price_list_without_products(start_demo):
    """To a partner whose price list is empty the catalogue is: every list says so with its own code."""
    running = start_demo('--products', 200)
    number = ask(running, 'partner', 'create', 'Nothing', '--currency', 'USD', '--price-list', 'nothing', '--sandbox',
                 'yes')['id']
    issued = ask(running, 'credential', 'issue', number, 'dvs')
    headers = {'Authorization': basic({'key': issued['public_id'], 'secret': issued['secret']})}
    codes = {'benefit-types': 1003101, 'products': 1003001, 'promotions': 1003201, 'campaigns': 1003301,
             'services': 1005004, 'countries': 1005005, 'operators': 1005006, 'balances': 1006009,
             'transactions': 1008004}
    for path, code in codes.items():
        refused(running.request('GET', f'/v1/{path}', headers), 404, code)
    refused(running.request('GET', '/v1/products/1310', headers), 404, 1003001)
    refused(running.request('POST', '/v1/async/transactions', headers, '{"external_id": "x", "product_id": 1310, '
                            '"credit_party_identifier": {"mobile_number": "+6595123100"}}'), 404, 1003001)
