"""tests/e2e/test_official_client.py: the official DVS client (Node, pinned) against the DVS API, one test a scenario of
node/client.js."""
import pathlib
import re
import subprocess

import pytest
from demo import Demo

FOLDER = pathlib.Path(__file__).parent / 'node'
SCENARIOS = re.findall(r'^  async (\w+)\(', (FOLDER / 'client.js').read_text(), re.M)
HANG_SECONDS = 180


@pytest.fixture(scope='module')
def server(tmp_path_factory):
    assert (FOLDER / 'node_modules').is_dir(), f'run script/test, or npm ci in {FOLDER}'
    # A thousandth of the sandbox's delays: three milliseconds instead of three seconds.
    with Demo(tmp_path_factory.mktemp('official-client'), '--time-scale', 1000) as running:
        yield running
        running.verify()


@pytest.mark.asan
@pytest.mark.parametrize('scenario', SCENARIOS)
def test_official_client(server, scenario):
    run = subprocess.run(['node', 'client.js', scenario, server.credentials_file], cwd=FOLDER, text=True,
                         capture_output=True, timeout=HANG_SECONDS)
    assert run.returncode == 0, run.stderr


def test_every_scenario_is_run():
    run = subprocess.run(['node', 'client.js', '--list'], cwd=FOLDER, text=True, capture_output=True, check=True)
    assert run.stdout.split() == SCENARIOS
