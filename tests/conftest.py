"""tests/conftest.py: the fixtures that all tests over HTTP share."""
import hypothesis
import pytest
from demo import Demo
from webhook import Receiver

# The same examples on every run: a failure on a build machine is a failure here.
hypothesis.settings.register_profile('bodega', derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile('bodega')


@pytest.fixture
def start_demo(tmp_path_factory):
    """start_demo(*arguments) starts a server with a data folder of its own; all are stopped when the test ends."""
    started = []

    def start(*arguments):
        server = Demo(tmp_path_factory.mktemp('demo'), *arguments)
        started.append(server)
        return server.start()

    yield start
    for server in started:
        server.stop()


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
    server.verify()
    server.stop()


@pytest.fixture
def receiver():
    """Somebody who receives callbacks: receiver.url, receiver.next(), receiver.answer_with(...)."""
    receiver = Receiver()
    yield receiver
    receiver.close()
