"""tests/support/middleman.py: somebody between a client and a server who loses, holds and counts what passes."""
import socket
import threading
import urllib.parse

from demo import HANG_SECONDS


class Middleman:
    """Listens on a port of its own and passes connections on to `base_url`. What becomes of an exchange is `mode`:

    pass      it passes
    refuse    the connection is closed at once; nothing reaches the server
    swallow   the request reaches the server, the answer is lost
    hold      the request is kept until release(), then the connection is closed; it never reaches the server
    """

    def __init__(self, base_url, address='127.0.0.1'):
        url = urllib.parse.urlsplit(base_url)
        self.target = (url.hostname, url.port)
        self.mode = 'pass'
        self.requests = []
        self.changed = threading.Condition()
        self.listener = socket.create_server((address, 0))
        self.url = f'http://{address}:{self.listener.getsockname()[1]}'
        self.released = threading.Event()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        client.settimeout(HANG_SECONDS)
        try:
            with client, socket.create_connection(self.target, HANG_SECONDS) if self.reaches() else client as server:
                while self.exchange(client, server):
                    pass
        except OSError:
            pass

    def reaches(self):
        return self.mode in ('pass', 'swallow')

    def exchange(self, client, server):
        """One request and its answer; False when the connection is over."""
        if self.mode == 'refuse':
            return False
        request = read_message(client)
        if not request:
            return False
        mode = self.mode
        with self.changed:
            self.requests.append(request)
            self.changed.notify_all()
        if mode == 'hold':
            self.released.wait(HANG_SECONDS)
            return False
        if mode == 'refuse' or server is client:
            return False
        server.sendall(request)
        answer = read_message(server)
        if mode == 'swallow':
            return False
        client.sendall(answer)
        return bool(answer)

    def posts(self):
        with self.changed:
            return sum(request.startswith(b'POST') for request in self.requests)

    def wait_for(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.requests) >= count, HANG_SECONDS), 'nobody asked'

    def release(self):
        self.released.set()

    def close(self):
        self.release()
        self.listener.close()


def read_message(connection):
    """A request or answer with a Content-Length or without a body; empty at the end of the connection."""
    data = b''
    while b'\r\n\r\n' not in data:
        more = connection.recv(65536)
        if not more:
            return b''
        data += more
    head, _, body = data.partition(b'\r\n\r\n')
    lengths = [int(line.split(b':')[1]) for line in head.split(b'\r\n') if line.lower().startswith(b'content-length:')]
    while lengths and len(body) < lengths[0]:
        more = connection.recv(65536)
        if not more:
            return b''
        body += more
    return head + b'\r\n\r\n' + body
