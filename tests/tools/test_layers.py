"""tests/tools/test_layers.py: each rule of tools/layers lets a right include pass and catches a wrong one."""
import pathlib
import subprocess

import pytest

LAYERS = pathlib.Path(__file__).parents[2] / 'tools' / 'layers'

# file below src, its include: all of these are right.
RIGHT = [
    ('main.c', '"api/dvs/routes.h"'),
    ('main.c', '"cli/cli.h"'),
    ('base/str.c', '"base/str.h"'),
    ('base/crypto.c', '<sodium.h>'),
    ('core/order.c', '"base/err.h"'),
    ('core/order.c', '<string.h>'),
    ('db/db_sqlite_rows.c', '<sqlite3.h>'),
    ('db/db_postgres.c', '<libpq-fe.h>'),
    ('db/db.c', '"db/db_private.h"'),
    ('http/client.c', '<curl/curl.h>'),
    ('store/orders.c', '"core/order.h"'),
    ('service/order.c', '"store/orders.h"'),
    ('api/dvs/parse.c', '"api/endpoint.h"'),
    ('api/dvs/parse.c', '"api/dvs/parse.h"'),
    ('api/dvs/parse.c', '"service/order.h"'),
    ('supplier/sandbox/driver.c', '"supplier/supplier.h"'),
    ('work/fulfil.c', '"supplier/registry.h"'),
    ('api/registry.c', '"api/edge.h"'),
]

# the same, and the words of the complaint.
WRONG = [
    ('base/str.c', '"core/money.h"', 'base may not include core'),
    ('json/reader.c', '"core/money.h"', 'json may not include core'),
    ('core/order.c', '"store/orders.h"', 'core may not include store'),
    ('core/order.c', '<stdio.h>', 'core has no clock'),
    ('core/order.c', '<time.h>', 'core has no clock'),
    ('core/order.c', '"base/clock.h"', 'core has no clock'),
    ('store/orders.c', '"service/order.h"', 'store may not include service'),
    ('store/orders.c', '"json/writer.h"', 'store may not include json'),
    ('store/orders.c', '"db/db_private.h"', 'private header'),
    ('service/order.c', '"supplier/supplier.h"', 'service may not include supplier'),
    ('api/dvs/parse.c', '"store/orders.h"', 'api/dvs may not include store'),
    ('api/dvs/parse.c', '"api/s2s/parse.h"', 'api/dvs may not include api/s2s'),
    ('api/edge.c', '"api/s2s/parse.h"', 'api may not include api/s2s'),
    ('supplier/sandbox/driver.c', '"supplier/dvs/wire.h"', 'may not include supplier/dvs'),
    ('notify/webhook.c', '"service/order.h"', 'notify may not include service'),
    ('db/db.c', '<sqlite3.h>', 'only db/db_sqlite'),
    ('db/db_sqlite.c', '<libpq-fe.h>', 'only db/db_postgres'),
    ('store/orders.c', '<sqlite3.h>', 'only db/db_sqlite'),
    ('notify/webhook.c', '<curl/curl.h>', 'only http'),
    ('api/edge.c', '<microhttpd.h>', 'only http'),
    ('service/order.c', '<sodium.h>', 'only base/crypto'),
    ('service/order.c', '<openssl/hmac.h>', 'only base/crypto'),
    ('json/reader.c', '<json-c/json.h>', 'only a test'),
    ('service/order.c', '"order.h"', 'name the folder'),
    ('elsewhere/x.c', '"base/str.h"', 'does not know the folder elsewhere'),
]


def run_layers(root, path, include):
    file = root / 'src' / path
    file.parent.mkdir(parents=True)
    file.write_text(f'/* # include "store/x.h" in a comment is not one */\n#include {include}\n')
    return subprocess.run([LAYERS, root], capture_output=True, text=True)


@pytest.mark.parametrize('path, include', RIGHT)
def test_lets_pass(tmp_path, path, include):
    run = run_layers(tmp_path, path, include)
    assert (run.returncode, run.stdout) == (0, '')


@pytest.mark.parametrize('path, include, complaint', WRONG)
def test_catches(tmp_path, path, include, complaint):
    run = run_layers(tmp_path, path, include)
    assert run.returncode == 1
    assert f'src/{path}:' in run.stdout and complaint in run.stdout
