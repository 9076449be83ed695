"""tests/support/wire.py: bytes on a socket, for what no decent HTTP client would send."""
import socket
import urllib.parse

from demo import HANG_SECONDS, Response


class Wire:
    """A connection to a server. Use as a context."""

    def __init__(self, base_url, timeout=HANG_SECONDS):
        url = urllib.parse.urlsplit(base_url)
        self.socket = socket.create_connection((url.hostname, url.port), timeout)
        self.buffered = b''

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *parts):
        """Sends; a server that has already answered and closed is no error."""
        try:
            self.socket.sendall(b''.join(parts))
        except (BrokenPipeError, ConnectionResetError):
            pass

    def fill(self):
        """False at the end of what the server sends."""
        try:
            more = self.socket.recv(65536)
        except ConnectionResetError:
            more = b''
        self.buffered += more
        return bool(more)

    def answer(self):
        """The next answer, or None when the server closed the connection without one."""
        while b'\r\n\r\n' not in self.buffered:
            if not self.fill():
                return None
        head, _, self.buffered = self.buffered.partition(b'\r\n\r\n')
        line, *rest = head.decode('latin-1').split('\r\n')
        headers = [(name, value.strip()) for name, _, value in (text.partition(':') for text in rest)]
        response = Response(int(line.split(' ')[1]), headers, b'')
        length = int(response.header('Content-Length') or 0)
        while len(self.buffered) < length and self.fill():
            pass
        response.body, self.buffered = self.buffered[:length], self.buffered[length:]
        return response

    def rest(self):
        """Waits for the server to end the connection; all that it says until then."""
        while self.fill():
            pass
        return self.buffered


def request(method, target, headers, body=b''):
    """The bytes of a request; the headers exactly as given, a list of (name, value) or of raw lines."""
    lines = [f'{method} {target} HTTP/1.1'.encode('latin-1')]
    for header in headers:
        lines.append(header if isinstance(header, bytes) else f'{header[0]}: {header[1]}'.encode('latin-1'))
    return b'\r\n'.join(lines) + b'\r\n\r\n' + body
