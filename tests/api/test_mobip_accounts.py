"""tests/api/test_mobip_accounts.py: a merchant sees its own account and its sub-accounts, and nobody else's."""
from merchant import Merchant
from shop import ask


def open_account(demo, name, *options):
    """A partner with an account that logs in and a name elsewhere: its number and the merchant."""
    number = ask(demo, 'partner', 'create', name, '--currency', 'USD', '--sandbox', 'yes', *options)['id']
    issued = ask(demo, 'credential', 'issue', number, 'mobip')
    ask(demo, 'payment', 'merchant', number, '--external-account-id', f'{name}-id')
    return number, Merchant(demo, name, account={'account_id': issued['public_id'], 'secret_key': issued['secret']})


def seen(merchant, name, **more):
    answer = merchant.call('GET', 'mobip/get_account_by_external_id', access_token=merchant.token,
                           external_account_id=name, **more)
    if answer['return_code'] != '0':
        return answer['return_code']
    return {row['attribute_name']: row['attribute_value'] for row in answer['account_data']}


def test_sub_accounts_are_seen_by_their_parent_alone(start_demo):
    demo = start_demo()
    main, other = Merchant(demo), Merchant(demo, 'second')
    number, child = open_account(demo, 'child', '--parent', 1)
    second, sibling = open_account(demo, 'sibling', '--parent', 1)
    account = seen(main, 'child-id')
    assert (account['Company_Name'], account['External_AccountID']) == ('child', 'child-id')
    assert seen(child, 'child-id') == account
    # A sub-account is as unknown to everybody else as one that is not there.
    for who, name in ((other, 'child-id'), (sibling, 'child-id'), (child, 'main'), (child, 'sibling-id'),
                      (main, 'second'), (main, 'nobody')):
        assert seen(who, name) == '400', (who.name, name)
    assert (seen(main, 'child-id', document_list='x'), seen(other, 'child-id', document_list='x')) == ('403', '400')
    # The account, and nothing else of it.
    asked = child.ask()
    assert main.state(asked)['return_code'] == '300' and child.state(asked)['return_code'] == '0'

    # One level of them.
    for who, parent in ((number, second), (1, 2), (2, 2), (2, 99)):
        assert 'parent: ' in ask(demo, 'partner', 'change', who, '--parent', parent, code=1), (who, parent)
    assert 'parent: ' in ask(demo, 'partner', 'create', 'grandchild', '--currency', 'USD', '--parent', number, code=1)
    shown = {partner['id']: partner['parent'] for partner in ask(demo, 'partner', 'list')}
    assert shown == {1: None, 2: None, 3: None, number: 1, second: 1}

    ask(demo, 'partner', 'change', second, '--parent', 2)
    assert (seen(main, 'sibling-id'), seen(other, 'sibling-id')['Company_Name']) == ('400', 'sibling')
    ask(demo, 'partner', 'change', second, '--parent', 0)
    assert seen(other, 'sibling-id') == '400'
    demo.verify()


def test_a_secret_takes_its_tokens_with_it(start_demo):
    """When it is replaced, at once or at the end of an overlap; the account keeps its id."""
    demo = start_demo()
    merchant = Merchant(demo, 'second')
    key = demo.partner('mobip', 'second')

    def login(token):
        return merchant.call('POST', 'mobip/login', access_token=token)['return_code']

    def token_of(secret):
        return merchant.call('GET', 'mobip/get_token', api_account_id=key['account_id'], api_secret_key=secret,
                             api_ttl='720')

    def rotate(*options):
        live = [one for one in ask(demo, 'credential', 'list', 2)
                if one['dialect'] == 'mobip' and one['live'] and one['public_id'] == key['account_id']]
        return ask(demo, 'credential', 'rotate', max(one['id'] for one in live), *options)

    fresh = rotate()
    assert (fresh['public_id'], login(merchant.token)) == (key['account_id'], '101')
    assert token_of(key['secret_key'])['return_code'] == '100'
    old = token_of(fresh['secret'])['access_token']
    last = rotate('--overlap', '30m')
    new = token_of(last['secret'])['access_token']
    assert (login(old), login(new), token_of(fresh['secret'])['return_code']) == ('0', '0', '0')
    demo.advance('31m')
    assert (login(old), login(new), token_of(fresh['secret'])['return_code']) == ('101', '0', '100')
