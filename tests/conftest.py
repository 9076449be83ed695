"""tests/conftest.py: the fixtures that all tests over HTTP share."""
import os
import signal
import subprocess

import hypothesis
import pytest
from demo import Demo, close_all
from two_nodes import TwoNodes
from webhook import Receiver

# The same examples on every run: a failure on a build machine is a failure here.
hypothesis.settings.register_profile('bodega', derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile('bodega')


POSTGRES = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'support', 'postgres')


def pytest_addoption(parser):
    parser.addoption('--engine', choices=('sqlite', 'postgres'), default='sqlite',
                     help='what the servers keep their stores in; postgres starts one for the run')


def pytest_configure(config):
    # Whoever is told to stop stops what it has started first, as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if config.getoption('--engine') == 'postgres' and 'BODEGA_TEST_POSTGRES' not in os.environ:
        os.environ['BODEGA_TEST_POSTGRES'] = start_postgres(config)


def start_postgres(config):
    """The uri of a server for this run; it is stopped when the run ends."""
    if not hasattr(config, 'postgres_uri'):
        folder = subprocess.run([POSTGRES, 'folder'], check=True, capture_output=True, text=True).stdout.strip()
        config.postgres_folder = folder
        run = subprocess.run([POSTGRES, 'start', folder], check=True, capture_output=True, text=True)
        config.postgres_uri = run.stdout.strip()
    return config.postgres_uri


def pytest_unconfigure(config):
    if hasattr(config, 'postgres_folder'):
        subprocess.run([POSTGRES, 'stop', config.postgres_folder], check=True)


def pytest_collection_modifyitems(config, items):
    if config.getoption('--engine') == 'postgres':
        for item in items:
            if item.get_closest_marker('sqlite') or item.get_closest_marker('own_postgres'):
                item.add_marker(pytest.mark.skip(reason='runs with the engine sqlite'))


@pytest.fixture(scope='session')
def postgres(pytestconfig):
    """The uri of a PostgreSQL server, whatever the engine of the run."""
    return os.environ.get('BODEGA_TEST_POSTGRES') or start_postgres(pytestconfig)


@pytest.fixture
def start_demo(tmp_path_factory):
    """start_demo(*arguments) starts a server with a data folder of its own; all are stopped when the test ends."""
    started = []

    def start(*arguments):
        server = Demo(tmp_path_factory.mktemp('demo'), *arguments)
        started.append(server)
        return server.start()

    yield start
    close_all(*(server.stop for server in started))


@pytest.fixture
def demo(start_demo):
    """A fresh server for one test."""
    return start_demo()


@pytest.fixture(scope='session')
def shared_demo(tmp_path_factory):
    """One server for all tests that neither count its rows nor stop it. It must still stop well at the end, and its
    books must balance."""
    server = Demo(tmp_path_factory.mktemp('shared-demo'))
    server.start()
    yield server
    close_all(server.verify, server.stop)


@pytest.fixture
def two_nodes(tmp_path, postgres):
    """The same shop through two doors, whose books balance at the end."""
    nodes = TwoNodes(tmp_path, postgres)
    try:
        yield nodes.start()
    finally:
        nodes.close()
    nodes.verify()


@pytest.fixture
def receiver():
    """Somebody who receives callbacks: receiver.url, receiver.next(), receiver.answer_with(...)."""
    receiver = Receiver()
    yield receiver
    receiver.close()
