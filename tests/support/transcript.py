"""tests/support/transcript.py: reads and plays the transcripts that tests/api/README.md describes."""
import base64
import hashlib
import hmac
import json
import re
import shlex
import tempfile
import time

NAME = re.compile(r'\{\{(\w+)\}\}')
EVENTUALLY_SECONDS = 60
# More than a request may be (LIMIT_BODY_BYTES).
LONG = 300000


class Mismatch(AssertionError):
    """What came is not what the transcript says."""


class Number(str):
    """A JSON number as its digits were written."""


class Step:
    """One entry of a transcript: kind 'request', 'callback' or a directive's name."""

    def __init__(self, kind, line, argument=''):
        self.kind = kind
        self.line = line
        self.argument = argument
        self.sent = []
        self.expected = []
        self.eventually = False


# --- reading


def parse(text):
    """The steps of a transcript; ValueError with the line number if it is malformed."""
    steps = []
    eventually = False
    for number, line in enumerate(text.split('\n'), 1):
        step = steps[-1] if steps else None
        mark, rest = line[:1], line[2:] if line[1:2] == ' ' else line[1:]
        if line.strip() == '' or mark == '#':
            continue
        if mark == '@':
            name, _, argument = rest_of_directive(line)
            if name == 'eventually':
                eventually = True
                continue
            if name not in DIRECTIVES:
                raise ValueError(f'line {number}: unknown directive @{name}')
            if name == 'fresh' and steps:
                raise ValueError(f'line {number}: @fresh comes first')
            steps.append(Step(name, number, argument))
        elif mark == '>':
            if not step or step.kind != 'request' or step.expected:
                step = Step('request', number)
                step.eventually, eventually = eventually, False
                steps.append(step)
            step.sent.append(rest)
        elif mark == '<':
            if not step or step.kind not in ('request', 'callback'):
                raise ValueError(f'line {number}: nothing was asked')
            step.expected.append(rest)
        else:
            raise ValueError(f'line {number}: a line starts with >, <, @ or #')
    for step in steps:
        if step.kind == 'request' and not re.fullmatch(r'\d{3}', (step.expected or [''])[0].strip()):
            raise ValueError(f'line {step.line}: the request has no expected status')
    if eventually:
        raise ValueError('@eventually stands before a request')
    return steps


def rest_of_directive(line):
    name, space, argument = line[1:].partition(' ')
    return name.strip(), space, argument.strip()


def split_message(lines):
    """(header lines, body text or None when there is no empty line)."""
    lines = [line.rstrip() if not line.strip() else line for line in lines]
    if '' not in lines:
        return lines, None
    i = lines.index('')
    return lines[:i], '\n'.join(lines[i + 1:])


# --- comparing


def load_json(text):
    """A tree whose numbers keep their digits; ValueError on a key that occurs twice."""
    def no_duplicates(pairs):
        tree = dict(pairs)
        if len(tree) != len(pairs):
            raise ValueError('a key occurs twice')
        return tree

    def refuse(constant):
        raise ValueError(f'{constant} is not JSON')

    return json.loads(text, object_pairs_hook=no_duplicates, parse_int=Number, parse_float=Number,
                      parse_constant=refuse)


def show(value):
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return '{' + ', '.join(f'{json.dumps(k)}: {show(v)}' for k, v in value.items()) + '}'
    if isinstance(value, list):
        return '[' + ', '.join(map(show, value)) + ']'
    return json.dumps(value, ensure_ascii=False)


def same(a, b):
    """Equality that tells 1 from "1" and true from 1."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


class Matcher:
    """Compares under a set of names, which it extends."""

    def __init__(self, names):
        self.names = names

    def text(self, template):
        """The template with its names replaced; Mismatch if one is unknown."""
        def value_of(match):
            if match[1] not in self.names:
                raise Mismatch(f'nothing is known by the name {match[1]}')
            value = self.names[match[1]]
            return value if isinstance(value, str) else show(value)
        return NAME.sub(value_of, template)

    def check_string(self, expected, actual, where):
        """For headers and whole bodies: a wildcard, a ~regex~, a name alone, or the text itself."""
        alone = NAME.fullmatch(expected)
        if expected == '*':
            return
        if alone and alone[1] not in self.names:
            self.names[alone[1]] = actual
        elif is_regex(expected):
            if not re.fullmatch(self.text(expected[1:-1]), actual, re.S):
                raise Mismatch(f'{where}: {actual!r} does not match {expected}')
        elif actual != self.text(expected):
            raise Mismatch(f'{where}: {actual!r} is not {self.text(expected)!r}')

    def check(self, expected, actual, where='body'):
        if isinstance(expected, dict):
            self.check_object(expected, actual, where)
        elif isinstance(expected, list):
            self.check_array(expected, actual, where)
        elif isinstance(expected, str) and not isinstance(expected, Number):
            self.check_pattern(expected, actual, where)
        elif not same(expected, actual):
            raise Mismatch(f'{where}: {show(actual)} is not {show(expected)}')

    def check_object(self, expected, actual, where):
        if not isinstance(actual, dict):
            raise Mismatch(f'{where}: {show(actual)} is not an object')
        missing = [key for key in expected if key != '...' and key not in actual]
        extra = [key for key in actual if key not in expected] if '...' not in expected else []
        if missing or extra:
            raise Mismatch(f'{where}: ' + '; '.join(
                [f'no {key}' for key in missing] + [f'unexpected {key}: {show(actual[key])}' for key in extra]))
        for key, value in expected.items():
            if key != '...':
                self.check(value, actual[key], f'{where}.{key}')

    def check_array(self, expected, actual, where):
        if not isinstance(actual, list):
            raise Mismatch(f'{where}: {show(actual)} is not an array')
        more = bool(expected) and expected[-1] == '...' and not isinstance(expected[-1], Number)
        wanted = expected[:-1] if more else expected
        if len(actual) < len(wanted) or (len(actual) > len(wanted) and not more):
            raise Mismatch(f'{where}: {len(actual)} elements, not {len(wanted)}: {show(actual)}')
        for i, value in enumerate(wanted):
            self.check(value, actual[i], f'{where}[{i}]')

    def check_pattern(self, expected, actual, where):
        alone = NAME.fullmatch(expected)
        if expected == '*':
            return
        if alone:
            known = self.names.setdefault(alone[1], actual)
            if not same(known, actual):
                raise Mismatch(f'{where}: {show(actual)} is not {show(known)}, known as {alone[1]}')
        elif is_regex(expected):
            if not isinstance(actual, str) or not re.fullmatch(self.text(expected[1:-1]), actual, re.S):
                raise Mismatch(f'{where}: {show(actual)} does not match {expected}')
        elif not same(self.text(expected), actual):
            raise Mismatch(f'{where}: {show(actual)} is not {show(self.text(expected))}')

    def check_headers(self, expected_lines, headers):
        for line in expected_lines:
            if line.startswith('!'):
                if any(name.lower() == line[1:].strip().lower() for name, _ in headers):
                    raise Mismatch(f'header {line[1:].strip()} is there')
                continue
            name, _, expected = line.partition(':')
            values = [value for key, value in headers if key == name]
            if not values:
                similar = [key for key, _ in headers if key.lower() == name.lower()]
                raise Mismatch(f'no header {name}' + (f'; it is spelled {similar[0]}' if similar else ''))
            self.check_string(expected.strip(), values[0], f'header {name}')

    def check_body(self, expected, body):
        """`expected` is the text of the transcript, or None when the body is not looked at."""
        if expected is None:
            return
        text = body.decode('utf-8')
        try:
            tree = load_json(expected)
        except ValueError as problem:
            if expected.lstrip()[:1] in ('{', '['):
                raise Mismatch(f'the body of the transcript is not JSON: {problem}') from None
            self.check_string(expected, text, 'body')
            return
        try:
            actual = load_json(text)
        except ValueError as problem:
            raise Mismatch(f'body: not JSON ({problem}): {text!r}') from None
        self.check(tree, actual)


def is_regex(text):
    return len(text) > 2 and text.startswith('~') and text.endswith('~')


# --- signing in


def sign_in_dvs(credentials, _method, _path, _body):
    pair = f'{credentials["key"]}:{credentials["secret"]}'.encode()
    return {'Authorization': 'Basic ' + base64.b64encode(pair).decode()}


def sign_in_mobimatter(credentials, _method, _path, _body):
    return {'api-key': credentials['api_key'], 'merchantId': credentials['merchant_id']}


def sign_in_payvessel(credentials, _method, _path, _body):
    return {'api-key': credentials['api_key'], 'api-secret': credentials['api_secret']}


def sign_in_s2s(credentials, method, path, body):
    headers = {'Authorization': 'Bearer ' + credentials['token']}
    if method == 'POST':
        headers['X-Timestamp'] = str(int(time.time()))
        headers['X-Signature'] = s2s_signature(credentials['secret'], headers['X-Timestamp'], path, body)
    return headers


def s2s_signature(secret, timestamp, path, body):
    """Over timestamp, the SKU (or for a top-up the ICCID of the path) and external_id; what is missing is empty."""
    try:
        order = json.loads(body or '')
    except (ValueError, RecursionError):
        order = {}
    order = order if isinstance(order, dict) else {}
    item = order.get('item')
    iccid = re.search(r'/(\d{18,22})(/|\?|$)', path)
    subject = iccid[1] if iccid else item.get('sku_id') if isinstance(item, dict) else ''
    parts = [timestamp, subject, order.get('external_id')]
    message = ''.join(part for part in parts if isinstance(part, str))
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


# MOBIP signs in with a call of its own, so its transcripts do it in a step.
SIGN_IN = {'dvs': sign_in_dvs, 'mobimatter': sign_in_mobimatter, 'payvessel': sign_in_payvessel, 's2s': sign_in_s2s}


# --- playing


class Player:
    """Plays one transcript against a running server."""

    def __init__(self, dialect, demo, receiver, unique):
        self.dialect = dialect
        self.demo = demo
        self.receiver = receiver
        self.credentials = None
        self.matcher = Matcher({'base_url': demo.base_url, 'webhook_url': receiver.url, 'unique': unique,
                                'now': str(int(time.time())), 'long': 'x' * LONG})
        self.use_credentials('main')

    def use_credentials(self, partner):
        if partner == 'none':
            self.credentials = None
            return
        everybody = {**self.demo.credentials['partners'], 'restricted': self.demo.credentials.get('restricted')}
        self.credentials = everybody[partner][self.dialect]
        self.matcher.names.update(self.credentials)

    def play(self, steps):
        for step in steps:
            try:
                DIRECTIVES[step.kind](self, step)
            except AssertionError as problem:
                raise Mismatch(f'line {step.line}: {problem}') from None

    def send(self, step):
        head, body = split_message([self.matcher.text(line) for line in step.sent])
        method, _, path = head[0].partition(' ')
        headers = [(name, value.strip()) for name, _, value in (line.partition(':') for line in head[1:])]
        given = {name.lower() for name, _ in headers}
        if self.credentials and self.dialect in SIGN_IN:
            own = SIGN_IN[self.dialect](self.credentials, method, path, body)
            headers += [(name, value) for name, value in own.items() if name.lower() not in given]
        return self.demo.request(method, path, headers, body)

    def request(self, step):
        deadline = time.monotonic() + EVENTUALLY_SECONDS
        while True:
            # A try that fails must not leave names behind for the next.
            names = dict(self.matcher.names)
            answer = self.send(step)
            try:
                self.check_answer(step, answer)
                return
            except Mismatch as problem:
                self.matcher.names = names
                if not step.eventually or time.monotonic() > deadline:
                    raise Mismatch(f'{problem}\n{step.sent[0]} answered {answer}') from None
            time.sleep(0.02)

    def check_answer(self, step, answer):
        status = int(step.expected[0])
        if answer.status != status:
            raise Mismatch(f'status {answer.status} is not {status}')
        headers, body = split_message(step.expected[1:])
        self.matcher.check_headers(headers, answer.headers)
        self.matcher.check_body(body, answer.body)

    def callback(self, step):
        received = self.receiver.next(self.matcher.text(step.argument))
        headers, body = split_message(step.expected)
        self.matcher.check_headers(headers, received.headers)
        self.matcher.check_body(body, received.body)

    def change_credentials(self, step):
        self.use_credentials(step.argument)

    def advance(self, step):
        self.demo.advance(self.matcher.text(step.argument))

    def sandbox(self, step):
        self.demo.sandbox(*shlex.split(self.matcher.text(step.argument)))

    def stock(self, step):
        """The product has these codes for sandboxes and no others."""
        product, *codes = shlex.split(self.matcher.text(step.argument))
        rows = self.demo.command('stock', 'list', '--data', self.demo.data, '--json', '--product', product)
        for row in json.loads(rows):
            if row['state'] == 'active':
                self.demo.command('stock', 'void', '--data', self.demo.data, row['batch'])
        with tempfile.NamedTemporaryFile('w', suffix='.csv') as file:
            file.write(''.join(code + '\n' for code in codes))
            file.flush()
            self.demo.command('stock', 'import', '--data', self.demo.data, '--sandbox', '--product', product, file.name)

    def order(self, step):
        self.demo.command('order', '--data', self.demo.data, *shlex.split(self.matcher.text(step.argument)))

    def partner(self, step):
        name, *options = shlex.split(self.matcher.text(step.argument))
        self.demo.change_partner(name, *options)

    def answer(self, step):
        self.receiver.answer_with(*map(int, step.argument.split()))

    def fresh(self, _step):
        """Done before playing: whoever calls play has started a server of its own."""


DIRECTIVES = {
    'request': Player.request,
    'callback': Player.callback,
    'credentials': Player.change_credentials,
    'advance': Player.advance,
    'sandbox': Player.sandbox,
    'order': Player.order,
    'stock': Player.stock,
    'partner': Player.partner,
    'answer': Player.answer,
    'fresh': Player.fresh,
}


def play_file(path, dialect, start_demo, shared_demo, receiver):
    """Plays a file. `start_demo(*arguments)` starts a server, `shared_demo()` gives the common one."""
    with open(path, encoding='utf-8') as file:
        steps = parse(file.read())
    if not any(step.kind in ('request', 'callback') for step in steps):
        raise ValueError(f'{path} asks nothing')
    fresh = steps[0].kind == 'fresh'
    options = steps[0].argument.replace('{{webhook_url}}', receiver.url) if fresh else ''
    demo = start_demo(*shlex.split(options)) if fresh else shared_demo()
    unique = 't-' + hashlib.sha256(f'{dialect}/{path.name}'.encode()).hexdigest()[:12]
    Player(dialect, demo, receiver, unique).play(steps)
