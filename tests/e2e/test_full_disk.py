"""tests/e2e/test_full_disk.py: a disk that fills up. Orders are refused with the code for it, reads go on, nothing is
lost, and when there is room again the server goes on by itself."""
import os
import subprocess

import pytest
from demo import Demo
from dvs import COMPLETED, Dvs, class_of, cost, eventually, good, is_final, refused
from merchant import Merchant

DISK = '64m'


def mount(folder):
    command = ['mount', '-t', 'tmpfs', '-o', f'size={DISK}', 'tmpfs', folder]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / 'disk'
    folder.mkdir()
    if not mount(folder):
        pytest.skip('only root may mount a small disk')
    yield folder
    subprocess.run(['umount', '-l', folder], check=True)


def fill(path):
    """Writes until there is no room left."""
    with open(path, 'ab', buffering=0) as file:
        piece = b'x' * 65536
        while piece:
            try:
                file.write(piece)
            except OSError:
                piece = piece[:len(piece) // 2]


@pytest.mark.sqlite
@pytest.mark.asan
def test_a_disk_that_fills_up(small_disk, tmp_path):
    server = Demo(tmp_path, '--time-scale', 1000)
    server.data = str(small_disk / 'data')
    ballast = small_disk / 'ballast'
    with server:
        client = Dvs(server)
        product = client.top_up()
        unit = product['prices']['wholesale']['unit']
        start = client.balance(unit)
        merchant = Merchant(server)
        kept = [good(client.create(client.order(product, '100')), 201)]
        going = good(client.create(client.order(product, '300', auto_confirm=True)), 201)
        fill(ballast)

        # What still fits is kept; in the end nothing fits.
        def until_refused():
            answer = client.create(client.order(product, '100'))
            if answer.status == 201:
                kept.append(answer.json())
                fill(ballast)
                return False
            refused(answer, 503, 1009503)
            return True

        eventually(until_refused)
        refused(client.confirm(kept[0]['id']), 503, 1009503)
        refused(client.cancel(kept[0]['id']), 503, 1009503)
        body = client.order(product, '100')
        refused(client.create(body, sync=True), 503, 1009503)
        assert merchant.call('POST', 'mobip/create_one_use_qr', access_token=merchant.token, item_name='Tea',
                             item_amount=1000, tax_amount=300, redirect_url='http://a.example/',
                             call_back_url='http://a.example/') == {'return_code': '900',
                                                                    'return_message': 'Please try again later'}
        for transaction in kept:
            assert good(client.get(transaction['id']), 200)['status'] == transaction['status']
        assert client.find(body['external_id']) == []
        assert client.balance(unit)[1] >= cost(product) * len(kept)
        assert client.count() == len(kept) + 1

        os.unlink(ballast)
        # By itself: nobody restarts it. The refused body may be sent again, for nothing was stored.
        again = eventually(lambda: accepted(client, body))
        client.until_final(again['id'])
        assert class_of(client.until_final(going['id'])) == COMPLETED
        for transaction in kept:
            good(client.cancel(transaction['id']), 202)
        # Two were delivered: the one under way and the one sent again.
        assert client.balance(unit) == (start[0] - 2 * cost(product), 0)
        server.verify()
    server.verify()


def accepted(client, body):
    """The transaction once it is created and confirmed; None while there is no room."""
    answer = client.create({**body, 'auto_confirm': True})
    if answer.status == 503:
        return None
    return good(answer, 201)


@pytest.mark.sqlite
@pytest.mark.asan
def test_a_disk_that_is_full_at_the_start(small_disk, tmp_path):
    """It says so and ends, rather than serving what it cannot keep."""
    server = Demo(tmp_path)
    server.data = str(small_disk / 'data')
    fill(small_disk / 'ballast')
    with pytest.raises(AssertionError, match='ended with'):
        server.start()
    os.unlink(small_disk / 'ballast')
    with server:
        client = Dvs(server)
        transaction = good(client.create(client.order(client.gift_card(), auto_confirm=True), sync=True), 201)
        assert is_final(transaction)


def freeze(path, is_frozen):
    """Nobody may write the file any more, not even who has it open; False where the file system cannot do that."""
    command = ['chattr', '+i' if is_frozen else '-i', path]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.sqlite
@pytest.mark.asan
def test_a_store_that_nobody_may_write(tmp_path):
    """The same as a full disk: refused with the code for it, read on, and taken up again by itself."""
    with Demo(tmp_path, '--time-scale', 1000) as server:
        client = Dvs(server)
        product = client.top_up()
        kept = good(client.create(client.order(product, '100')), 201)
        start = client.balance('USD')
        log = os.path.join(server.data, 'store.db-wal')
        if not freeze(log, True):
            pytest.skip('this file system has no immutable files')
        try:
            body = client.order(product, '100')
            refused(client.create(body), 503, 1009503)
            refused(client.confirm(kept['id']), 503, 1009503)
            assert good(client.get(kept['id']), 200)['status'] == kept['status']
            assert client.find(body['external_id']) == [] and client.balance('USD') == start
        finally:
            freeze(log, False)
        again = eventually(lambda: accepted(client, body))
        assert class_of(client.until_final(again['id'])) == COMPLETED
        good(client.cancel(kept['id']), 202)
        server.verify()
