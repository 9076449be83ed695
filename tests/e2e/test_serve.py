"""tests/e2e/test_serve.py: bodega serve: what it refuses that a demo allows, and its settings."""
import json
import os
import re
import signal
import subprocess

import pytest
from demo import HANG_SECONDS, Demo, free_port
from dvs import COMPLETED, Dvs, class_of, eventually, good, refused
from s2s import CARD, S2S, card_lines
from serve import Serve


def stock(server, folder):
    """The demo's gift card, delivered at once by the sandbox, for a sandbox partner."""
    demo = Demo(folder)
    with demo:
        lines = [json.loads(line) for line in demo.command('catalog', 'export', '--data', demo.data).splitlines()]
    card = next(line for line in lines if line['kind'] == 'product' and line['id'] == 1330)
    operator = next(line for line in lines if line['kind'] == 'operator' and line['id'] == card['operator'])
    server.import_catalog([operator, card])
    server.add_partner('shop', sandbox='yes')


def buy(server, **more):
    client = Dvs(server, 'shop')
    order = client.order({'id': 1330}, auto_confirm=True, **more)
    return good(client.create(order, sync=True), 201)


def callbacks_of(server, order):
    shown = json.loads(server.command('order', 'show', '--data', server.data, '--json', order['id']))
    return shown['callbacks']


@pytest.mark.asan
def test_callbacks_to_this_machine_are_refused(tmp_path, receiver):
    """However the address is written: otherwise a partner could make the server call what only it can reach."""
    port = receiver.url.rsplit(':', 1)[1]
    with Serve(tmp_path / 'serve') as server:
        stock(server, tmp_path / 'demo')
        for host in ('127.0.0.1', 'localhost', '127.1', '2130706433', '0x7f000001', '0.0.0.0', '[::1]',
                     '[::ffff:127.0.0.1]', '[::]', '10.0.0.1', '192.168.0.1', '169.254.169.254', '[fd00::1]'):
            order = buy(server, callback_url=f'http://{host}:{port}/')
            assert class_of(order) == COMPLETED
            [callback] = eventually(lambda: [c for c in callbacks_of(server, order) if c['tries']])
            assert callback['http_status'] in (0, None), (host, callback)
            assert callback['error'] in ('refused_target', 'resolve', 'bad_url'), (host, callback)
        assert receiver.received == []
        server.verify()


def test_a_name_that_leads_to_this_machine_is_refused(tmp_path, receiver):
    """As the address of a partner's webhooks."""
    with Serve(tmp_path / 'serve') as server:
        server.import_catalog(card_lines())
        server.add_partner('shop', sandbox='yes', dialects=['s2s'])
        [partner] = json.loads(server.command('partner', 'list', '--data', server.data, '--json'))
        server.command('partner', 'change', '--data', server.data, '--webhook-url',
                       receiver.url.replace('127.0.0.1', 'localhost'), partner['id'])
        shop = S2S(server.base_url, server.credentials['partners']['shop']['s2s'])
        number = int(shop.find(shop.buy(CARD))['items'][0]['id'])
        server.advance('5s')
        [callback] = eventually(lambda: [c for c in callbacks_of(server, {'id': number}) if c['tries']])
        assert (callback['error'], receiver.received) == ('refused_target', [])


@pytest.mark.asan
def test_callbacks_to_this_machine_where_they_are_allowed(tmp_path, receiver):
    with Serve(tmp_path / 'serve', ['allow_private_targets = yes']) as server:
        stock(server, tmp_path / 'demo')
        order = buy(server, callback_url=receiver.url)
        assert json.loads(receiver.next().body)['id'] == order['id']


@pytest.mark.asan
def test_the_clock_of_a_live_store_is_the_clock(tmp_path):
    with Serve(tmp_path, kind='live') as server:
        run = subprocess.run([server.program, 'sandbox', '--data', server.data, 'advance', '1h'], capture_output=True,
                             text=True, check=False)
        assert run.returncode == 1, run


@pytest.mark.asan
@pytest.mark.parametrize('line', ['listne = 127.0.0.1:1', 'empty_list = 200 or so', 'trusted_proxies = everybody',
                                  'shard_listen = 0.0.0.0:8090',
                                  '[supplier x]\ndriver = magic', '[supplier x]\ndriver = dvs', 'no sense'])
def test_settings_that_are_wrong(tmp_path, line):
    """Named with file and line; nothing is served by guesses."""
    server = Serve(tmp_path, [line])
    with pytest.raises(AssertionError, match='ended with [1-9]') as problem:
        server.start()
    assert os.path.basename(server.config_file) in str(problem.value)


@pytest.mark.sqlite
def test_partners_are_not_shared_out_in_a_file(tmp_path):
    server = Serve(tmp_path, ['shard_listen = 127.0.0.1:0'])
    server.port = free_port()
    server.launch()
    process, server.process = server.process, None
    assert process.wait(HANG_SECONDS) == 3
    assert 'shard_listen is for nodes that share a PostgreSQL store' in server.log_tail()


def log_of(server):
    with open(server.log_file, encoding='utf-8') as file:
        return file.read()


def peers(server):
    return re.findall(r'api\.refused .*peer=(\S+) .*error=unauthorized', log_of(server))


def hang_up(server, *settings):
    server.settings = list(settings)
    server.write_config()
    before = log_of(server).count('config.reload')
    server.process.send_signal(signal.SIGHUP)
    eventually(lambda: log_of(server).count('config.reload') > before)


@pytest.mark.asan
def test_sighup_takes_what_can_change_and_names_what_cannot(tmp_path):
    """The proxies count at once, on open connections too; a file that has become wrong changes nothing."""
    with Serve(tmp_path) as server:
        client = Dvs(server, credentials={'key': 'nobody', 'secret': 'nothing'})

        def seen():
            refused(client.ask('GET', '/v1/balances', headers={'X-Forwarded-For': '203.0.113.9'}), 401, 1000401)
            return peers(server)[-1]

        assert seen() == '127.0.0.1'
        hang_up(server, 'trusted_proxies = 127.0.0.1', 'empty_list = 200', '[supplier x]', 'driver = sandbox',
                '[mail]', 'host = mail.example.com', 'from = shop@example.com')
        eventually(lambda: seen() == '203.0.113.9')
        said = log_of(server)
        assert re.search(r'config\.reload .*changed=trusted_proxies$', said, re.M)
        assert re.search(r'config\.restart_needed .*settings=empty_list,mail\.host,mail\.from,supplier$', said, re.M)
        hang_up(server, 'trusted_proxies = 10.0.0.0/8', 'listne = 127.0.0.1:1')
        assert re.search(r'config\.reload the settings stay as they are: .*:5: listne: there is no', log_of(server))
        assert seen() == '203.0.113.9'
        hang_up(server)
        eventually(lambda: seen() == '127.0.0.1')


def test_a_store_without_its_key_is_not_served(tmp_path):
    """A new key would lose every credential and sealed delivery: the file that is missing is named."""
    server = Serve(tmp_path)
    key = os.path.join(server.data, 'master.key')
    os.unlink(key)
    with pytest.raises(AssertionError, match=f'{key}: the master key is missing'):
        server.start()


def test_a_store_with_another_key_is_not_served(tmp_path):
    """Well-formed, but not the one it was made with: nobody could sign in, and nothing sealed would open."""
    server = Serve(tmp_path)
    key = os.path.join(server.data, 'master.key')
    with open(key, encoding='ascii') as file:
        own = file.read()
    with open(key, 'w', encoding='ascii') as file:
        file.write('a' * 64 + '\n')
    with pytest.raises(AssertionError, match='cannot_open_sealed'):
        server.start()
    with open(key, 'w', encoding='ascii') as file:
        file.write(own)
    with server:
        pass


def test_an_empty_list_is_what_the_setting_says(tmp_path):
    for setting, status in (('404', 404), ('200', 200)):
        server = Serve(tmp_path / setting, [f'empty_list = {setting}'])
        with server:
            server.add_partner('shop', sandbox='yes')
            for path, code in {'products': 1003001, 'services': 1005004, 'transactions': 1008004,
                               'benefit-types': 1003101}.items():
                answer = Dvs(server, 'shop').ask('GET', f'/v1/{path}')
                assert answer.status == status, answer
                if status == 200:
                    assert answer.json() == [] and answer.header('X-Total') == '0'
                else:
                    assert answer.json()['errors'][0]['code'] == code
