"""tests/e2e/test_cli.py: the commands, beside a running server (its control socket) and beside a stopped one."""
import json

import pytest
from shop import ask, basic, bodega, buy, store


@pytest.fixture(scope='module')
def running(tmp_path_factory):
    from demo import Demo
    with Demo(tmp_path_factory.mktemp('cli'), '--products', 200, '--time-scale', 1000) as demo:
        yield demo
        demo.verify()


@pytest.fixture(params=['running', 'stopped'])
def shop(request, start_demo):
    demo = start_demo('--products', 200, '--time-scale', 1000)
    if request.param == 'stopped':
        demo.stop()
    yield demo
    bodega('verify', '--data', demo.data)


def test_a_partner_from_nothing_to_money(shop):
    number = ask(shop, 'partner', 'create', 'Corner Shop', '--currency', 'USD', '--sandbox', 'yes')['id']
    assert ask(shop, 'partner', 'show', number)['name'] == 'Corner Shop'
    ask(shop, 'partner', 'change', number, '--rate-limit', 7, '--webhook-url', 'http://127.0.0.1:9/x')
    shown = ask(shop, 'partner', 'show', number)
    assert (shown['rate_limit'], shown['webhook_url']) == (7, 'http://127.0.0.1:9/x')
    assert (shown['phone'], shown['country']) == (None, None)
    ask(shop, 'partner', 'change', number, '--phone', '+33612345678', '--country', 'FR')
    assert 'phone: must be' in ask(shop, 'partner', 'change', number, '--phone', '0612345678', code=1)
    assert 'country: must be' in ask(shop, 'partner', 'change', number, '--country', 'XX', code=1)
    shown = ask(shop, 'partner', 'show', number)
    assert (shown['phone'], shown['country'], shown['rate_limit']) == ('+33612345678', 'FR', 7)
    ask(shop, 'partner', 'change', number, '--phone', '', '--country', '')
    assert ask(shop, 'partner', 'show', number)['country'] is None
    assert ask(shop, 'wallet', 'open', number, 'USD', '--overdraft', '5.5')['overdraft'] == 5.5
    assert ask(shop, 'wallet', 'top-up', number, 'USD', '1000.50', '--reference', 'b1')['balance'] == 1000.5
    again = ask(shop, 'wallet', 'top-up', number, 'USD', '1000.50', '--reference', 'b1')
    assert (again['balance'], again['replayed']) == (1000.5, True)
    assert 'another amount' in ask(shop, 'wallet', 'top-up', number, 'USD', '1', '--reference', 'b1', code=1)
    out, _ = bodega('wallet', 'adjust', '--data', shop.data, '--json', number, 'USD', '--', '-0.50')
    assert json.loads(out)['balance'] == 1000
    statement = ask(shop, 'wallet', 'statement', number, 'USD')
    assert [(m['seq'], m['kind'], m['amount']) for m in statement['movements']] == [
        (2, 'adjustment', -0.5), (1, 'top-up', 1000.5)]


def test_credentials_are_issued_rotated_and_revoked(shop):
    issued = ask(shop, 'credential', 'issue', 2, 'dvs')
    assert 'two credentials are live' in ask(shop, 'credential', 'issue', 2, 'dvs', code=1)
    ask(shop, 'credential', 'revoke', issued['id'])
    rotated = ask(shop, 'credential', 'rotate', [c for c in ask(shop, 'credential', 'list', 2)
                                                 if c['dialect'] == 'dvs' and c['live']][0]['id'], '--overlap', '24h')
    live = [c for c in ask(shop, 'credential', 'list', 2) if c['dialect'] == 'dvs' and c['live']]
    assert len(live) == 2
    if shop.process:
        def status(pair):
            return shop.request('GET', '/v1/balances', {'Authorization': basic(pair)}).status
        fresh = {'key': rotated['public_id'], 'secret': rotated['secret']}
        old = shop.partner('dvs', 'second')
        assert (status(fresh), status(old)) == (200, 200)
        shop.advance('25h')
        assert (status(fresh), status(old)) == (200, 401)
        assert status({'key': issued['public_id'], 'secret': issued['secret']}) == 401


def test_an_inactive_partner_is_refused(running):
    headers = {'Authorization': basic(running.partner('dvs', 'empty'))}
    assert running.request('GET', '/v1/balances', headers).status == 200
    ask(running, 'partner', 'change', 3, '--active', 'no')
    assert running.request('GET', '/v1/balances', headers).status == 401
    ask(running, 'partner', 'change', 3, '--active', 'yes')
    assert running.request('GET', '/v1/balances', headers).status == 200


def test_an_order_is_shown_with_all_its_parts(running):
    order = buy(running, 'shown')
    shown = ask(running, 'order', 'show', order['id'])
    assert (shown['state'], shown['reference'], shown['amount']) == ('completed', 'shown', 3.6)
    assert [u['state'] for u in shown['units']] == ['delivered']
    assert [a['state'] for a in shown['attempts']] == ['delivered']
    assert [e['state'] for e in shown['events']][-1] == 'completed'
    assert shown['jobs'] == []
    found = ask(running, 'order', 'find', '--partner', 1, '--reference', 'shown')
    assert found == shown
    assert 'order_not_found' in ask(running, 'order', 'show', 1, code=1)


def test_reversing_gives_the_money_back_once(running):
    def balance():
        return ask(running, 'wallet', 'statement', 1, 'USD')['available']
    before = balance()
    order = buy(running, 'reversed')
    assert balance() == pytest.approx(before - 3.6)
    assert ask(running, 'order', 'reverse', order['id'])['state'] == 'reversed'
    assert balance() == pytest.approx(before)
    assert 'only a completed order' in ask(running, 'order', 'reverse', order['id'], code=1)


def test_an_unconfirmed_order_is_expired_on_request(running):
    order = buy(running, 'expires', confirm=False, sync=False)
    assert ask(running, 'sandbox', 'expire', order['id'])['state'] == 'expired'
    assert ask(running, 'wallet', 'statement', 1, 'USD')['held'] == 0


def test_the_clock_moves_and_orders_expire_by_themselves(running):
    order = buy(running, 'late', confirm=False, sync=False)
    running.advance('2h')
    from shop import wait_until
    wait_until(lambda: ask(running, 'order', 'show', order['id'])['state'] == 'expired')


def test_status_and_metrics(running):
    assert ask(running, 'status')['store_ok'] is True
    import http.client
    import socket

    class Local(http.client.HTTPConnection):
        def connect(self):
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.connect(f'{running.data}/control.sock')

    def get(path):
        connection = Local('localhost')
        connection.request('GET', path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    assert get('/healthz') == (200, 'ok\n')
    assert get('/readyz') == (200, 'ok\n')
    status, text = get('/metrics')
    assert status == 200
    names = {}
    for line in text.splitlines():
        if line.startswith('# TYPE '):
            names[line.split()[2]] = line.split()[3]
        elif not line.startswith('#'):
            name, value = line.rsplit(' ', 1)
            assert name.split('{')[0] in names, line
            float(value)
    assert {'bodega_queue', 'bodega_commits_total', 'bodega_unknown_units', 'bodega_outbox_lag_seconds',
            'bodega_held', 'bodega_held_unexplained', 'bodega_supplier_float',
            'bodega_http_requests_total'} <= set(names)
    assert all(f'# HELP {name} ' in text for name in names)
    assert 'bodega_jobs{kind="reverse"} 0' in text


def test_every_admin_call_is_audited(running):
    ask(running, 'wallet', 'top-up', 2, 'USD', '1', '--note', 'for the audit')
    ask(running, 'wallet', 'top-up', 2, 'XYZ', '1', code=1)
    ask(running, 'wallet', 'top-up', 2, 'JPY', '1', code=1)
    rows = store(running).execute('SELECT actor, action, subject, detail FROM audit '
                                  'ORDER BY id DESC LIMIT 2').fetchall()
    assert rows[1][1:3] == ('wallet.top-up', 'wallet 2 USD') and 'for the audit' in rows[1][3]
    assert rows[0][3].startswith('refused: balance_not_found')
    secret = running.partner('dvs')['secret']
    assert not store(running).execute('SELECT 1 FROM audit WHERE instr(detail, ?)', (secret,)).fetchone()


@pytest.mark.parametrize('arguments, code', [
    ([], 2), (['nonsense'], 2), (['--help'], 0), (['--version'], 0), (['demo', '--help'], 0), (['wallet', '--help'], 0),
    (['wallet', 'top-up', '--help'], 0), (['wallet'], 2), (['wallet', 'top-up', '1'], 2), (['verify', '--nonsense'], 2),
    (['version'], 0), (['version', 'x'], 2), (['version', '--help'], 0), (['status', '--nonsense'], 2),
    (['demo', '--time-scale', 'x'], 2), (['verify', '--data', '/nonexistent'], 3),
    (['partner', 'list', '--data', '/nonexistent'], 3), (['help'], 0), (['help', 'wallet'], 0)])
def test_exit_codes(arguments, code):
    out, err = bodega(*arguments, code=code)
    assert out or err


def test_the_commands_of_a_folder_speak_json(tmp_path):
    data, copy = tmp_path / 'data', tmp_path / 'copy.db'
    made = json.loads(bodega('init', '--data', data, '--email', 'o@example.com', '--json')[0])
    assert made['operator'] == 'o@example.com' and len(made['token']) == 32 and made['store'] == str(data)
    books = json.loads(bodega('verify', '--data', data, '--json')[0])
    assert (books['differences'], books['difference_count'], books['audit_rows']) == ([], 0, 1)
    written = json.loads(bodega('backup', '--data', data, copy, '--json')[0])
    assert written == {'backup': str(copy), 'bytes': copy.stat().st_size}
    again = tmp_path / 'again'
    books = json.loads(bodega('restore', '--data', again, copy, '--key', data / 'master.key', '--json')[0])
    assert (books['store'], books['difference_count']) == (str(again), 0)


def test_help_is_about_what_was_asked():
    assert bodega('help', 'wallet')[0] == bodega('wallet', '--help')[0]
    assert 'top-up PARTNER' in bodega('help', 'wallet')[0]
    assert bodega('status', '--help')[0].startswith('Usage: bodega status [OPTION]')


def test_a_mistyped_verb_is_named():
    assert 'no verb "shwo"' in bodega('order', 'shwo', '1', code=2)[1]


@pytest.mark.parametrize('listen, words', [('nonsense', 'is not ADDRESS:PORT'),
                                           ('127.0.0.1:99999', 'is not ADDRESS:PORT'),
                                           ('192.0.2.1:1', 'Cannot assign')])
def test_where_one_cannot_listen(tmp_path, listen, words):
    _, err = bodega('demo', '--data', tmp_path, '--products', 200, '--listen', listen, code=3)
    assert f'cannot listen on {listen}' in err and words in err


def test_a_busy_port_is_said_to_be_busy(running, tmp_path):
    address = f'127.0.0.1:{running.port}'
    _, err = bodega('demo', '--data', tmp_path, '--products', 200, '--listen', address, code=3)
    assert f'cannot listen on {address}: Address already in use' in err


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / 'file').touch()
    _, err = bodega('demo', '--data', tmp_path / 'file' / 'x', '--listen', '127.0.0.1:0', code=3)
    assert 'cannot be read or written' in err


def test_refusals_are_sentences(running):
    assert 'there is no such order (order_not_found)' in ask(running, 'order', 'show', 1, code=1)
    assert 'there is no such wallet' in ask(running, 'wallet', 'top-up', 2, 'GBP', '1', code=1)
