"""tests/e2e/test_secrets.py: what must not be read by whoever comes by: PINs, secrets and phone numbers are planted
and then looked for in the store, the logs and the metrics."""
import json
import os
import re
import subprocess

import pytest
from demo import HANG_SECONDS, free_port
from dvs import Dvs, good, is_final
from wire import Wire, request

NUMBER = '+6591234101'
SECRET_IN_URL = 'hook-token-5f2c9d'
WEBHOOK_SECRET = 'whsec_' + 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0'
NAME = 'Wilhelmina Quackenbush'


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def logged(demo):
    """What was logged: the lines with a date, not the purchase that the demo prints for pasting."""
    return b'\n'.join(line for line in read(demo.log_file).split(b'\n') if re.match(rb'\d{4}-\d\d-\d\dT', line))


# What must stay secret of each API's credentials; the rest names who asks.
SECRETS = {'dvs': ['secret'], 'mobimatter': ['api_key'], 'payvessel': ['api_secret'], 's2s': ['secret'],
           'mobip': ['secret_key']}


def secrets_of(demo):
    for partner in demo.credentials['partners'].values():
        for dialect, names in SECRETS.items():
            yield from (partner[dialect][name] for name in names if partner[dialect][name])
    yield from (value for name, value in demo.credentials['admin'].items() if name in ('password', 'token') and value)


def trade(demo):
    """Buys, fails, is refused and is malformed, so that whatever is logged is logged. Returns the PINs sold."""
    client = Dvs(demo)
    top_up, gift_card = client.top_up(), client.gift_card()
    nowhere = f'http://127.0.0.1:{free_port()}/{SECRET_IN_URL}'
    pins = []
    for _ in range(3):
        body = client.order(gift_card, auto_confirm=True, callback_url=nowhere)
        transaction = good(client.create(body), 201)
        pins.append(client.until_final(transaction['id'])['pin'])
    for suffix in ('101', '107'):
        body = client.order(top_up, auto_confirm=True, callback_url=nowhere,
                            credit_party_identifier={'mobile_number': NUMBER[:-3] + suffix},
                            sender={'first_name': NAME, 'mobile_number': NUMBER})
        transaction = good(client.create(body), 201)
        demo.advance('3s')
        final = client.until_final(transaction['id'])
        assert is_final(final)
        pins += [final['pin']] if 'pin' in final else []
    client.ask('GET', f'/v1/lookup/mobile-number/{NUMBER}')
    client.ask('GET', f'/v1/transactions?credit_party_mobile_number={NUMBER}')
    client.ask('POST', '/v1/async/transactions', json.dumps({'external_id': NUMBER}).encode()[:-1])
    client.ask('GET', f'/v1/nothing/{NUMBER}')
    own = demo.partner('dvs')
    Dvs(demo, credentials={**own, 'secret': own['secret'] + NUMBER}).ask('GET', '/v1/balances')
    with Wire(demo.base_url) as wire:
        wire.send(request('GET', f'/v1/lookup/mobile-number/{NUMBER}', [('Host', 'a'), ('Host', NUMBER)]))
        wire.rest()
    # Enough tries for a callback to be given up, each of them logged.
    demo.advance('48h')
    demo.advance('48h')
    return pins


@pytest.mark.asan
def test_nothing_leaks(start_demo):
    demo = start_demo()
    demo.change_partner('main', '--webhook-secret', WEBHOOK_SECRET)
    pins = trade(demo)
    assert len(pins) == 4
    metrics = demo.control('GET', '/metrics').body
    demo.restart()
    demo.stop()
    store, log = demo.store_bytes(), logged(demo)
    # They are planted well: what may be there is there.
    assert len(store) > 100000 and b'callback.failed' in log and b'bodega_' in metrics
    assert NUMBER.encode() in store

    for pin in pins:
        for place in (store, log, metrics):
            assert pin['code'].encode() not in place
        assert pin['serial'].encode() not in log + metrics
    for secret in [*secrets_of(demo), WEBHOOK_SECRET, WEBHOOK_SECRET[6:]]:
        assert secret.encode() not in store + log + metrics
    for private in (NUMBER, NUMBER[1:], NUMBER[:-3] + '107', NAME, SECRET_IN_URL):
        assert private.encode() not in log + metrics


@pytest.mark.asan
def test_files_are_private(demo):
    """Whoever else has an account on the machine reads nothing of it."""
    for folder, _, names in os.walk(demo.data):
        assert os.stat(folder).st_mode & 0o077 == 0, folder
        for name in names:
            path = os.path.join(folder, name)
            assert os.stat(path).st_mode & 0o077 == 0, path
    assert os.stat(demo.credentials_file).st_mode & 0o077 == 0


def dump(demo, folder, *settings):
    """What a core of the running server holds."""
    path = os.path.join(folder, 'core')
    commands = [word for line in (*settings, f'gcore {path}') for word in ('-ex', line)]
    run = subprocess.run(['gdb', '-nx', '-batch', '-p', str(demo.process.pid), *commands], capture_output=True,
                         text=True, timeout=HANG_SECONDS)
    assert os.path.exists(path), run.stderr
    core = read(path)
    os.unlink(path)
    return core


def found(core, planted):
    return [name for name, value in planted.items() if value in core]


@pytest.mark.long
def test_a_core_tells_nothing(start_demo, tmp_path):
    """A core of the process that has just imported and sold, signed and been signed to; and of one that ignores what
    the process asks to be left out, once it was started again: keys and what is in stock are still not in it."""
    demo = start_demo()
    demo.change_partner('main', '--webhook-secret', WEBHOOK_SECRET)
    codes = [f'CORE{n:04d}-{os.urandom(6).hex()}' for n in range(40)]
    path = tmp_path / 'codes.csv'
    path.write_text('\n'.join(codes))
    demo.command('stock', 'import', str(path), '--product', '1395', '--sandbox', '--data', demo.data)
    trade(demo)
    master = read(os.path.join(demo.data, 'master.key')).strip()
    keys = {'master key in digits': master, 'master key': bytes.fromhex(master.decode())}
    stock = {f'code {n}': code.encode() for n, code in enumerate(codes)}
    secrets = {f'secret {n}': secret.encode() for n, secret in enumerate(secrets_of(demo))}
    secrets['webhook secret'] = WEBHOOK_SECRET.encode()
    core = dump(demo, tmp_path)
    assert core[:4] == b'\x7fELF'
    assert not found(core, {**keys, **stock, **secrets})
    demo.restart()
    trade(demo)
    core = dump(demo, tmp_path, 'set use-coredump-filter off')
    assert len(core) > 10 ** 6 and b'main@example.com' in core, 'it was left out all the same'
    assert not found(core, {**keys, **stock})
    # The new one travels in an answer: once, and then it is in no buffer.
    fresh = demo.control('POST', '/admin/v1/key/rotate').json()['key'].encode()
    assert len(fresh) == len(master) and fresh != master
    core = dump(demo, tmp_path, 'set use-coredump-filter off')
    assert not found(core, {'new key in digits': fresh, 'new key': bytes.fromhex(fresh.decode())})
