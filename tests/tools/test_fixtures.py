"""tests/tools/test_fixtures.py: a test that fails leaves nothing running."""
import os
import pathlib
import subprocess
import sys

import pytest
from demo import close_all

TESTS = pathlib.Path(__file__).parents[1]

FAILS = '''
import pathlib, signal
import pytest
from demo import Demo
from nodes import Nodes, Postgres

def note(servers):
    with open(pathlib.Path(__file__).with_name('pids'), 'a') as file:
        file.writelines(f'{server.process.pid}\\n' for server in servers)

def test_two_nodes_of_which_one_is_frozen_and_one_has_died(two_nodes):
    note(two_nodes.all)
    first, second = two_nodes.all
    first.process.send_signal(signal.SIGSTOP)
    second.process.kill()
    assert not 'what it was about'

@pytest.fixture
def careless(tmp_path):
    server = Postgres()
    pathlib.Path(__file__).with_name('folder').write_text(server.folder)
    demo = Demo(tmp_path).start()
    note([demo])
    raise AssertionError('in the middle of a fixture')

def test_a_fixture_that_fails(careless):
    pass
'''


def is_running(pid):
    """A zombie of somebody else is not."""
    try:
        return pathlib.Path(f'/proc/{pid}/stat').read_text(encoding='utf-8').rpartition(')')[2].split()[0] != 'Z'
    except FileNotFoundError:
        return False


@pytest.mark.own_postgres
def test_nothing_is_left_running(tmp_path):
    (tmp_path / 'test_fails.py').write_text(FAILS)
    search = os.pathsep.join([str(TESTS), str(TESTS / 'support'), os.environ.get('PYTHONPATH', '')])
    run = subprocess.run([sys.executable, '-m', 'pytest', '-p', 'conftest', '--rootdir', tmp_path, '-c', os.devnull,
                          '--basetemp', tmp_path / 'temp', tmp_path / 'test_fails.py'],
                         env={**os.environ, 'PYTHONPATH': search}, capture_output=True, text=True, check=False)
    assert run.returncode == 1 and '1 failed' in run.stdout, run.stdout + run.stderr
    pids = (tmp_path / 'pids').read_text().split()
    assert len(pids) == 3, run.stdout
    assert [pid for pid in pids if is_running(pid)] == []
    assert not os.path.exists((tmp_path / 'folder').read_text())


def test_all_are_closed_whatever_one_says():
    closed = []

    def fails():
        closed.append('fails')
        raise AssertionError('it does not stop')

    with pytest.raises(AssertionError, match='it does not stop'):
        close_all(lambda: closed.append('first'), fails, lambda: closed.append('last'))
    assert closed == ['first', 'fails', 'last']
