"""tests/support/webhook.py: somebody who receives callbacks, remembers them and answers as told."""
import http.server
import ssl
import threading
import time

HANG_SECONDS = 60


class Received:
    """One request: method, path (with its query), headers as a list of (name as spelled, value), body as bytes."""

    def __init__(self, method, path, headers, body):
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def __repr__(self):
        return f'{self.method} {self.path} {self.body[:500]!r}'


class Receiver:
    """A threaded HTTP server on a free port, or on `port`. Answers 200 unless told otherwise by answer_with. With
    `certificate`, a file with a certificate and its key, it speaks TLS."""

    def __init__(self, port=0, certificate=None):
        self.changed = threading.Condition()
        self.received = []
        self.answers = []
        self.taken = set()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
                status, answer, hold = receiver.remember(Received(self.command, self.path, self.headers.items(), body))
                if hold:
                    hold.wait(HANG_SECONDS)
                if status is None:
                    self.close_connection = True
                    return
                headers, answer = (answer, b'') if isinstance(answer, dict) else ({}, answer)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header('Content-Length', str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = do_PUT = handle_any

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', port), Handler)
        self.server.daemon_threads = True
        self.url = f'http://127.0.0.1:{self.server.server_address[1]}'
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            # The handshake is made by the connection's own thread, at its first read.
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                     do_handshake_on_connect=False)
            self.url = f'https://localhost:{self.server.server_address[1]}'
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def answer_with(self, *answers):
        """What the next requests get, one each, then 200 again. An answer is a status, (status, body), (status,
        {header: value}), None (the connection is closed without one) or a threading.Event (200 once it is set)."""
        with self.changed:
            self.answers.extend(answers)

    def remember(self, request):
        with self.changed:
            self.received.append(request)
            answer = self.answers.pop(0) if self.answers else 200
            self.changed.notify_all()
        if isinstance(answer, threading.Event):
            return 200, b'', answer
        if isinstance(answer, tuple):
            return answer[0], answer[1], None
        return answer, b'', None

    def wait_for(self, count, path=None, seconds=HANG_SECONDS):
        """The first `count` requests (to `path`, when given); fails if they do not arrive."""
        deadline = time.monotonic() + seconds
        with self.changed:
            while True:
                found = [r for r in self.received if path is None or r.path == path]
                if len(found) >= count:
                    return found[:count]
                left = deadline - time.monotonic()
                assert left > 0, f'{len(found)} of {count} callbacks arrived: {self.received}'
                self.changed.wait(left)

    def next(self, path=None, seconds=HANG_SECONDS):
        """The oldest request (to `path`, when given) that was not yet handed out."""
        deadline = time.monotonic() + seconds
        with self.changed:
            while True:
                for i, request in enumerate(self.received):
                    if i not in self.taken and (path is None or request.path == path):
                        self.taken.add(i)
                        return request
                left = deadline - time.monotonic()
                assert left > 0, f'no callback to {path or "anywhere"}; received: {self.received}'
                self.changed.wait(left)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
