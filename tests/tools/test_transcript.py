"""tests/tools/test_transcript.py: the transcript runner and the demo fixture, against a stand-in server."""
import os
import pathlib

import pytest
import transcript
from demo import Demo, exchange
from webhook import Receiver

STAND_IN = str(pathlib.Path(__file__).parent / 'stand_in.py')

GOOD = r'''
# A comment.
@credentials main
> POST /v1/things
> Content-Type: application/json
>
> {"name": "{{unique}}",
>  "price": 10.50}
< 201
< Content-Type: application/json
< X-Request-Id: {{request}}
< X-Authorization: Basic azpzOjE=
< !X-Nothing
<
< {"id": "{{id}}", "name": "{{unique}}", "price": "~10\\.50?~"}

@advance 5s
@eventually
> GET /v1/things/{{id}}
< 200
<
< {"id": "{{id}}", "state": "DONE", "...": "*"}

> GET /v1/raw
< 200
<
< {"price": 10.50, "empty": null, "list": [1, "..."]}

> GET /v1/text
< 200
<
< ~plain \w+~

@credentials none
> POST /v1/call?to={{webhook_url}}/hook
>
> {"n": 1}
< 200

@callback /hook
< Content-Type: *
<
< {"n": 1}
'''

# name: (what is replaced in GOOD, by what, what the complaint says)
BAD = {
    'status': ('< 201', '< 200', 'status 201 is not 200'),
    'header value': ('< Content-Type: application/json', '< Content-Type: text/plain', 'header Content-Type'),
    'header spelling': ('< X-Request-Id', '< x-request-id', 'it is spelled X-Request-Id'),
    'header there': ('< !X-Nothing', '< !X-Request-Id', 'X-Request-Id is there'),
    'digits': ('"price": 10.50, "empty"', '"price": 10.5, "empty"', '10.50 is not 10.5'),
    'missing key': ('< {"price": 10.50', '< {"cost": 1, "price": 10.50', 'no cost'),
    'extra key': ('"empty": null, ', '', 'unexpected empty'),
    'null': ('"empty": null', '"empty": 0', 'null is not 0'),
    'array': ('[1, "..."]', '[1]', '3 elements, not 1'),
    'array too long': ('[1, "..."]', '[1, 2.0, "3", 4, "..."]', '3 elements, not 4'),
    'type': ('[1, "..."]', '["1", "..."]', '1 is not "1"'),
    'regex': (r'~plain \w+~', r'~plain \d+~', 'does not match'),
    'text': (r'~plain \w+~', 'plain', "'plain words' is not 'plain'"),
    'captured': ('"{{id}}", "name": "{{unique}}"', '"{{id}}", "name": "{{id}}"', 'known as id'),
    'unknown name': ('/v1/things/{{id}}', '/v1/things/{{nobody}}', 'nothing is known by the name nobody'),
    'callback body': ('< {"n": 1}', '< {"n": 2}', '1 is not 2'),
    'malformed expectation': ('< {"n": 1}', '< {"n": 1', 'the body of the transcript is not JSON'),
    'signed in': ('Basic azpzOjE=', 'Basic x', 'header X-Authorization'),
}


@pytest.fixture(scope='module')
def server(tmp_path_factory):
    with Demo(tmp_path_factory.mktemp('stand-in'), program=STAND_IN) as running:
        yield running


def play(text, server, receiver):
    transcript.Player('dvs', server, receiver, 'unique-1').play(transcript.parse(text))


def test_plays_a_good_one(server, receiver):
    play(GOOD, server, receiver)


@pytest.mark.parametrize('name', BAD)
def test_catches(name, server, receiver):
    old, new, complaint = BAD[name]
    assert old in GOOD
    with pytest.raises(transcript.Mismatch) as caught:
        play(GOOD.replace(old, new), server, receiver)
    assert complaint in str(caught.value)


@pytest.mark.parametrize('text, complaint', [
    ('@fly away', 'unknown directive @fly'),
    ('> GET /\n@fresh\n', 'no expected status|@fresh comes first'),
    ('< 200', 'nothing was asked'),
    ('GET /', 'a line starts with'),
    ('> GET /', 'no expected status'),
    ('@eventually', 'before a request'),
])
def test_refuses_malformed_ones(text, complaint):
    with pytest.raises(ValueError, match=complaint):
        transcript.parse(text)


def test_gives_a_fresh_server_when_asked(tmp_path, receiver):
    path = tmp_path / '001-fresh.http'
    path.write_text('@fresh --products 10\n> GET /v1/text\n< 200\n')
    asked = []

    def start_demo(*arguments):
        asked.append(arguments)
        return stack.start()

    stack = Demo(tmp_path / 'server', program=STAND_IN)
    transcript.play_file(path, 'dvs', start_demo, lambda: pytest.fail('not the shared one'), receiver)
    stack.stop()
    assert asked == [('--products', '10')]


def test_signs_s2s_as_documented():
    body = '{"external_id": "ORD-12345", "item": {"sku_id": "019bc0dd-8562-7173-afd9-a5cc534fafb7"}}'
    assert transcript.s2s_signature('whsec_demo_partner_secret_01', '1768478058', '/orders', body) == \
        '4cd515f30580b9a729b9829cebb79bea9e8a5d9c239105ea0fdefea4c6b428c4'
    assert transcript.s2s_signature('whsec_demo_partner_secret_01', '1768478058', '/esims/8944422711108338982/topup',
                                    '{"external_id": "topup-12345"}') == \
        'ecf97169b83e793d25cc6524d23e39e3da5b92659e8e9a98ba28f1a2bf665c82'


def test_refuses_doubtful_json():
    for text in ('{"a": 1, "a": 2}', '{"a": NaN}', '{"a": 1'):
        with pytest.raises(ValueError):
            transcript.load_json(text)


def test_demo_says_why_it_did_not_start(tmp_path):
    with pytest.raises(AssertionError, match='told to fail'):
        Demo(tmp_path, '--fail', program=STAND_IN).start()


def test_demo_survives_kill_and_restart(tmp_path):
    server = Demo(tmp_path, program=STAND_IN).start()
    address = server.base_url
    server.kill9()
    server.start()
    assert server.base_url == address and server.request('GET', '/v1/text').body == b'plain words'
    server.restart()
    assert server.request('GET', '/v1/text').status == 200
    process = server.process
    server.stop()
    assert process.poll() == 0 and not os.path.exists(f'/proc/{process.pid}')


def test_receiver_answers_as_told(receiver):
    receiver.answer_with(500, (201, b'made'))
    statuses = [exchange(receiver.url, 'POST', f'/{i}', {}, 'x').status for i in range(3)]
    assert statuses == [500, 201, 200]
    assert [r.path for r in receiver.wait_for(3)] == ['/0', '/1', '/2']
    assert receiver.next('/1').body == b'x'
    assert receiver.next().path == '/0'
    with pytest.raises(AssertionError, match='no callback'):
        receiver.next('/1', seconds=0)


def test_receivers_do_not_share_a_port():
    first, second = Receiver(), Receiver()
    assert first.url != second.url
    first.close()
    second.close()
