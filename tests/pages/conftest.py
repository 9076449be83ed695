"""tests/pages/conftest.py: who the pages of a file send their payers and their callbacks to."""
import pytest
from webhook import Receiver


@pytest.fixture(scope='module')
def receiver():
    """The merchant's site, the same for all tests of a file."""
    receiver = Receiver()
    yield receiver
    receiver.close()
