"""tests/support/parking.py: thousands of requests that wait at once, from one thread."""
import asyncio
import json
import urllib.parse

from demo import HANG_SECONDS
from dvs import Answer, basic, exact

# Not more at once than the kernel's queue of new connections holds.
CONNECTING_AT_ONCE = 64


class Caller:
    """One connection with one request on it, which may take long."""

    def __init__(self, demo, partner, body):
        url = urllib.parse.urlsplit(demo.base_url)
        self.host, self.port = url.hostname, url.port
        raw = json.dumps(body).encode()
        self.external_id = body['external_id']
        self.bytes = (f'POST /v1/sync/transactions HTTP/1.1\r\nHost: {self.host}\r\n'
                      f'Authorization: {basic(demo.partner("dvs", partner))}\r\nContent-Type: application/json\r\n'
                      f'Content-Length: {len(raw)}\r\n\r\n').encode() + raw
        self.writer = None
        self.task = None

    async def call(self, turn):
        async with turn:
            self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
            self.writer.write(self.bytes)
            await self.writer.drain()
        self.task = asyncio.ensure_future(self.read())

    async def read(self):
        head = (await self.reader.readuntil(b'\r\n\r\n')).decode('latin-1').split('\r\n')
        headers = [(name, value.strip()) for name, _, value in (line.partition(':') for line in head[1:-2])]
        answer = Answer(int(head[0].split(' ')[1]), headers, b'')
        answer.body = await self.reader.readexactly(int(answer.header('Content-Length')))
        return answer

    def is_waiting(self):
        return not self.task.done()

    async def answer(self):
        return await asyncio.wait_for(self.task, HANG_SECONDS)

    async def transaction(self, status=201):
        answer = await self.answer()
        assert answer.status == status, answer
        return exact(answer.body)

    def hang_up(self):
        self.task.cancel()
        self.writer.close()


async def call_all(callers):
    turn = asyncio.Semaphore(CONNECTING_AT_ONCE)
    await asyncio.gather(*(caller.call(turn) for caller in callers))


async def in_thread(function, *arguments):
    """What blocks, beside the loop."""
    return await asyncio.get_running_loop().run_in_executor(None, function, *arguments)
