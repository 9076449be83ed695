"""tests/support/stripe.py: a stand-in for Stripe's API, over HTTPS, that holds us to its documented wire format.

Checkout Sessions and refunds, with idempotency keys as documented: the same key and the same parameters give the first
answer again, other parameters under a key are an error. What breaks a rule is answered as an error and remembered in
`faults`, so that a test can see that there were none.
"""
import hashlib
import hmac
import http.server
import json
import os
import re
import ssl
import subprocess
import threading
import time
import urllib.parse
import urllib.request

KEY = 'sk_test_51standin'
HOOK_SECRET = 'whsec_standin'
SESSION_FIELDS = {
    'mode', 'client_reference_id', 'payment_intent_data[metadata][reference]', 'payment_method_types[0]',
    'line_items[0][quantity]', 'line_items[0][price_data][currency]', 'line_items[0][price_data][unit_amount]',
    'line_items[0][price_data][product_data][name]', 'customer_email', 'locale', 'success_url', 'cancel_url',
    'expires_at'}


class Stripe:
    """`misbehave`: what the next requests suffer, one each: 'drop' (it is carried out, the answer is lost), 500, or
    None. `keys` are the secret keys that are good."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.keys = {KEY}
        self.sessions, self.refunds, self.answers = {}, [], {}
        self.requests, self.faults, self.misbehave = [], [], []
        self.lock = threading.Lock()
        self.ca_file = os.path.join(self.folder, 'stripe.crt')
        key_file = os.path.join(self.folder, 'stripe.key')
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1',
                        '-nodes', '-keyout', key_file, '-out', self.ca_file, '-days', '2', '-subj', '/CN=127.0.0.1',
                        '-addext', 'subjectAltName=IP:127.0.0.1'], check=True, capture_output=True)
        stripe = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get('Content-Length', 0))).decode()
                with stripe.lock:
                    how = stripe.misbehave.pop(0) if stripe.misbehave else None
                    status, answer = (how, {}) if how == 500 else stripe.answer(self.command, self.path, self.headers,
                                                                                 body)
                if how == 'drop':
                    self.close_connection = True
                    return
                text = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header('Content-Type', 'application/json')
                self.send_header('Content-Length', str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = handle_any

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.ca_file, key_file)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f'https://127.0.0.1:{self.server.server_address[1]}'
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def error(self, status, code, rule=None):
        if rule:
            self.faults.append(rule)
        return status, {'error': {'type': 'invalid_request_error', 'code': code, 'message': rule or code}}

    def answer(self, method, path, headers, body):
        self.requests.append((method, path))
        if headers.get('Authorization', '')[7:] not in self.keys or headers['Authorization'][:7] != 'Bearer ':
            return self.error(401, 'api_key_invalid')
        if not re.fullmatch(r'\d{4}-\d\d-\d\d', headers.get('Stripe-Version', '')):
            return self.error(400, 'version', 'no Stripe-Version')
        if method == 'GET':
            return self.read(path)
        key = headers.get('Idempotency-Key', '')
        if not 1 <= len(key) <= 255:
            return self.error(400, 'idempotency_key', f'no idempotency key on {path}')
        if body and headers.get('Content-Type') != 'application/x-www-form-urlencoded':
            return self.error(400, 'content_type', 'a body that is no form')
        if key in self.answers:
            if self.answers[key][0] != (path, body):
                return self.error(400, 'idempotency_error', f'other parameters under {key}')
            return self.answers[key][1]
        answer = self.write(path, dict(urllib.parse.parse_qsl(body, strict_parsing=True)) if body else {})
        self.answers[key] = ((path, body), answer)
        return answer

    def read(self, path):
        session = self.sessions.get(path.rpartition('/')[2])
        return (200, session) if session else self.error(404, 'resource_missing')

    def write(self, path, form):
        if path == '/v1/checkout/sessions':
            return self.create(form)
        if path == '/v1/refunds':
            return self.refund(form)
        session = self.sessions.get(path.split('/')[4]) if path.endswith('/expire') else None
        if not session:
            return self.error(404, 'resource_missing')
        if session['status'] != 'open':
            return self.error(400, 'session_not_open')
        session['status'] = 'expired'
        return 200, dict(session)

    def create(self, form):
        amount = form.get('line_items[0][price_data][unit_amount]', '')
        rules = {
            'unknown or missing parameters': SESSION_FIELDS - {'customer_email'} <= set(form) <= SESSION_FIELDS,
            'mode': form.get('mode') == 'payment',
            'an amount in minor units': bool(re.fullmatch(r'[1-9]\d{0,7}', amount)),
            'a currency in small letters': bool(re.fullmatch(r'[a-z]{3}',
                                                             form.get('line_items[0][price_data][currency]', ''))),
            'an end within 30 minutes and a day':
                1800 <= int(form.get('expires_at', 0)) - time.time() <= 86400,
            'addresses': form.get('success_url', '').startswith('http'),
        }
        for rule, is_kept in rules.items():
            if not is_kept:
                return self.error(400, 'parameter_invalid', rule)
        name = f'cs_test_{len(self.sessions)}'
        session = {
            'id': name, 'object': 'checkout.session', 'client_reference_id': form['client_reference_id'],
            'amount_total': int(amount), 'currency': form['line_items[0][price_data][currency]'],
            'status': 'open', 'payment_status': 'unpaid', 'payment_intent': None, 'url': f'{self.url}/c/pay/{name}',
            'success_url': form['success_url']}
        self.sessions[name] = session
        return 200, dict(session)

    def refund(self, form):
        if not form.get('payment_intent', '').startswith('pi_'):
            return self.error(400, 'parameter_missing', 'a refund of no payment')
        self.refunds.append(form['payment_intent'])
        return 200, {'id': 're_1', 'object': 'refund', 'status': 'succeeded'}

    def pay(self, name):
        """What the payer does at Stripe's page."""
        session = self.sessions[name]
        assert session['status'] == 'open', session
        session.update(status='complete', payment_status='paid', payment_intent=f'pi_{name}', url=None)

    def hook(self, base_url, name, secret=HOOK_SECRET, at=None, kind='checkout.session.completed'):
        """Calls our webhook about a session, as signed as documented; returns the status."""
        event = {'id': 'evt_1', 'object': 'event', 'type': kind, 'data': {'object': self.sessions[name]}}
        body = json.dumps(event, indent=2).encode()
        at = int(at or time.time())
        mac = hmac.new(secret.encode(), b'%d.%s' % (at, body), hashlib.sha256).hexdigest()
        headers = {'Stripe-Signature': f't={at},v1={mac}', 'Content-Type': 'application/json'}
        request = urllib.request.Request(f'{base_url}/webhooks/stripe', body, headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status
        except urllib.error.HTTPError as problem:
            return problem.code
