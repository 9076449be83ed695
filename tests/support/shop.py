"""tests/support/shop.py: small things that tests of the command line do again and again: buy, ask, read the store."""
import base64
import json
import sqlite3
import subprocess
import time

import pytest
from demo import HANG_SECONDS, binary

COMPLETES = '+6595123100'


def basic(pair):
    return 'Basic ' + base64.b64encode(f'{pair["key"]}:{pair["secret"]}'.encode()).decode()


def buy(demo, reference, number=COMPLETES, partner='main', confirm=True, sync=True, **more):
    """Places an order over DVS and returns the transaction."""
    body = {'external_id': reference, 'product_id': 1310, 'auto_confirm': confirm,
            'credit_party_identifier': {'mobile_number': number}, **more}
    answer = demo.request('POST', f'/v1/{"sync" if sync else "async"}/transactions',
                          {'Authorization': basic(demo.partner('dvs', partner)), 'Content-Type': 'application/json'},
                          json.dumps(body))
    assert answer.status in (200, 201), answer
    return answer.json()


def bodega(*arguments, code=0):
    """Runs a command that must end with `code`; returns (stdout, stderr)."""
    run = subprocess.run([binary(), *map(str, arguments)], capture_output=True, text=True, timeout=HANG_SECONDS)
    assert run.returncode == code, f'bodega {arguments}: {run.returncode}\n{run.stdout}{run.stderr}'
    return run.stdout, run.stderr


def ask(demo, *arguments, code=0):
    """A command on the demo's folder, its answer parsed."""
    out, err = bodega(*arguments, '--data', demo.data, *([] if code else ['--json']), code=code)
    return err if code else json.loads(out)


def store(demo):
    if demo.store:
        pytest.skip('looks into the file of SQLite')
    return sqlite3.connect(f'{demo.data}/store.db', isolation_level=None)


def wait_until(condition):
    """Only reached for what the server does by itself; no test depends on how long that takes."""
    deadline = time.monotonic() + HANG_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
