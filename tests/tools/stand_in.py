#!/usr/bin/python3
"""tests/tools/stand_in.py: takes the place of bodega in the tests of the test tools.

It knows the demo's options and just enough HTTP: POST /v1/things makes a thing, GET /v1/things/ID shows it, DONE once
the clock (`sandbox --data DIR advance 5s`) has moved and somebody looked twice, POST /v1/call?to=URL sends a callback.
"""
import argparse
import http.server
import json
import os
import signal
import sys
import urllib.parse
import urllib.request

KEYS = {'dvs': {'key': 'k', 'secret': 's:1'}, 's2s': {'token': 't', 'secret': 'z'}}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    things = {}

    def reply(self, status, tree, **headers):
        body = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
        self.send_response(status)
        for name, value in {'Content-Type': 'application/json', 'Content-Length': str(len(body)), **headers}.items():
            self.send_header(name.replace('_', '-'), value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
        if self.path.startswith('/v1/call'):
            query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
            urllib.request.urlopen(urllib.request.Request(query['to'][0], data=body, method='POST'))
            return self.reply(200, {})
        thing = json.loads(body)
        thing['id'] = len(self.things) + 1
        self.things[thing['id']] = {'thing': thing, 'looks': 0}
        self.reply(201, thing, X_Request_Id='r1', X_Authorization=self.headers.get('Authorization', ''))

    def do_GET(self):
        if self.path == '/v1/raw':
            return self.reply(200, b'{"price": 10.50, "empty": null, "list": [1, 2.0, "3"]}')
        if self.path == '/v1/text':
            return self.reply(200, b'plain words')
        entry = self.things.get(int(self.path.rpartition('/')[2]))
        if not entry:
            return self.reply(404, {'errors': [{'code': 1, 'message': 'no such thing'}]})
        entry['looks'] += 1
        moved = os.path.exists(os.path.join(self.server.data, 'clock'))
        done = moved and entry['looks'] > 2
        self.reply(200, {**entry['thing'], 'state': 'DONE' if done else 'WAITING'})

    def log_message(self, *_):
        pass


def demo(options):
    os.makedirs(options.data, exist_ok=True)
    host, port = options.listen.split(':')
    server = http.server.ThreadingHTTPServer((host, int(port)), Handler)
    server.data = options.data
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    written = options.credentials + '.new'
    with open(written, 'w', encoding='utf-8') as file:
        json.dump({'base_url': f'http://{options.listen}',
                   'partners': {name: KEYS for name in ('main', 'second', 'empty')}}, file)
    os.rename(written, options.credentials)
    server.serve_forever()


def main():
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers(dest='verb')
    serve = verbs.add_parser('demo')
    for name in ('--data', '--listen', '--credentials'):
        serve.add_argument(name)
    serve.add_argument('--products')
    serve.add_argument('--fail', action='store_true')
    sandbox = verbs.add_parser('sandbox')
    sandbox.add_argument('--data')
    sandbox.add_argument('words', nargs='*')
    options = parser.parse_args()
    if options.verb == 'demo':
        if options.fail:
            sys.exit('told to fail')
        demo(options)
    else:
        with open(os.path.join(options.data, 'clock'), 'a', encoding='utf-8') as file:
            file.write(' '.join(options.words) + '\n')


if __name__ == '__main__':
    main()
