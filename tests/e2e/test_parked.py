"""tests/e2e/test_parked.py: synchronous requests that wait by the thousand: no thread each, an answer for all."""
import asyncio

import pytest
from dvs import COMPLETED, CONFIRMED, DECLINED, SUBMITTED, Dvs, class_of, eventually, good, is_final, refused
from parking import Caller, call_all, in_thread

PARKED_PER_PARTNER = 1024
PARTNERS = ['main', 'second']


def callers(demo, product, suffix, count):
    """`count` requests, half of each partner."""
    return [Caller(demo, PARTNERS[i % 2], Dvs(demo).order(product, suffix, i, auto_confirm=True)) for i in range(count)]


async def until_stored(demo, count):
    clients = [Dvs(demo, partner) for partner in PARTNERS]
    await in_thread(eventually, lambda: sum(client.count() for client in clients) == count)


def look_up(demo, caller_index, caller):
    [found] = Dvs(demo, PARTNERS[caller_index % 2]).find(caller.external_id)
    return found


async def released_by_the_sandbox(demo, product, count):
    waiting = callers(demo, product, '200', count)
    await call_all(waiting)
    await until_stored(demo, count)
    assert all(caller.is_waiting() for caller in waiting)
    await in_thread(demo.advance, '20s')
    for caller in waiting:
        transaction = await caller.transaction()
        assert transaction['external_id'] == caller.external_id
        assert class_of(transaction) == COMPLETED
        caller.hang_up()


async def released_by_the_hold(demo, product, count):
    waiting = callers(demo, product, '302', count)
    await call_all(waiting)
    await until_stored(demo, count)
    gone, staying = waiting[:count // 10], waiting[count // 10:]
    for caller in gone:
        caller.hang_up()
    # Not a second before its time. What was created first was held first.
    await in_thread(demo.advance, '150s')
    assert all(caller.is_waiting() for caller in staying)
    await in_thread(demo.advance, '30s')
    for caller in staying:
        transaction = await caller.transaction()
        assert transaction['external_id'] == caller.external_id
        assert class_of(transaction) in (CONFIRMED, SUBMITTED)
        caller.hang_up()
    await in_thread(look_after_the_hold, demo, product, gone)


def look_after_the_hold(demo, product, gone):
    """Who has hung up finds his order, may not create it again, and gets his end."""
    for index, caller in enumerate(gone[:20]):
        client = Dvs(demo, PARTNERS[index % 2])
        body = client.order(product, '302', auto_confirm=True)
        body['external_id'] = caller.external_id
        refused(client.create(body, sync=True), 400, 1007001)
        assert not is_final(look_up(demo, index, caller))
    demo.advance('120s')
    for index, caller in enumerate(gone):
        eventually(lambda: class_of(look_up(demo, index, caller)) == DECLINED)


@pytest.fixture
def crowd(demo):
    product = Dvs(demo).top_up()
    yield demo, product
    demo.verify()


@pytest.mark.asan
def test_two_hundred_released_by_the_sandbox(crowd):
    asyncio.run(released_by_the_sandbox(*crowd, 200))


def test_two_thousand_released_by_the_sandbox(crowd):
    asyncio.run(released_by_the_sandbox(*crowd, 2000))


def test_two_thousand_released_by_the_hold(crowd):
    asyncio.run(released_by_the_hold(*crowd, 2000))


def test_more_than_a_partner_may_park(crowd):
    """Above the limit the answer is given at once, with the present state."""
    demo, product = crowd

    async def play():
        waiting = [Caller(demo, 'main', Dvs(demo).order(product, '300', i, auto_confirm=True))
                   for i in range(PARKED_PER_PARTNER)]
        await call_all(waiting)
        client = Dvs(demo)
        await in_thread(eventually, lambda: client.count() == PARKED_PER_PARTNER)
        answer = await in_thread(client.create, client.order(product, '300', auto_confirm=True), True)
        assert class_of(good(answer, 201)) in (CONFIRMED, SUBMITTED)
        # Another partner still has room.
        other = Caller(demo, 'second', client.order(product, '300', auto_confirm=True))
        await call_all([other])
        await in_thread(eventually, lambda: Dvs(demo, 'second').count() == 1)
        assert other.is_waiting() and all(caller.is_waiting() for caller in waiting)
        await in_thread(demo.advance, '300s')
        for caller in [*waiting, other]:
            assert class_of(await caller.transaction()) in (COMPLETED, CONFIRMED, SUBMITTED)
            caller.hang_up()

    asyncio.run(play())


@pytest.mark.asan
def test_confirm_waits_too_and_a_repeat_joins(demo):
    """A synchronous confirm is held; so is the repeat of a create that is still waiting."""
    client = Dvs(demo)
    product = client.top_up()
    created = good(client.create(client.order(product, '200'), sync=True), 201)

    async def play():
        confirmed = asyncio.ensure_future(in_thread(lambda: Dvs(demo).confirm(created['id'], sync=True)))
        body = client.order(product, '200', auto_confirm=True)
        first = asyncio.ensure_future(in_thread(lambda: Dvs(demo).create(body, True, 'the-same-key')))
        await in_thread(eventually, lambda: client.find(body['external_id']))
        joined = asyncio.ensure_future(in_thread(lambda: Dvs(demo).create(body, True, 'the-same-key')))
        await in_thread(eventually, lambda: class_of(good(client.get(created['id']), 200)) != 1)
        assert not any(future.done() for future in (confirmed, first, joined))
        await in_thread(demo.advance, '20s')
        assert class_of(good(await confirmed, 202)) == COMPLETED
        transactions = [good(answer, 201) for answer in (await first, await joined)]
        assert transactions[0] == transactions[1]
        assert class_of(transactions[0]) == COMPLETED
        assert (await joined).header('Idempotent-Replayed') == 'true'

    asyncio.run(play())
