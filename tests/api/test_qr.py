"""tests/api/test_qr.py: the QR code of an order is a PNG that decodes to the eSIM's LPA."""
import base64
import json
import subprocess

import transcript

PRODUCT = '75b98dc7-c026-48c1-9fee-465681382d39'


def test_the_code_decodes_to_the_lpa(shared_demo, tmp_path):
    headers = transcript.sign_in_mobimatter(shared_demo.credentials['partners']['main']['mobimatter'], '', '', '')

    def call(method, path, body=None):
        answer = shared_demo.request(method, '/mobimatter/api/v2' + path, headers, json.dumps(body) if body else '')
        assert answer.status == 200, answer
        return answer.json()['result']

    def decoded(order):
        details = {detail['name']: detail['value'] for detail in order['orderLineItem']['lineItemDetails']}
        head, _, data = details['QR_CODE'].partition(',')
        assert head == 'data:image/png;base64'
        image = tmp_path / 'code.png'
        image.write_bytes(base64.b64decode(data, validate=True))
        text = subprocess.run(['zbarimg', '--quiet', '--raw', str(image)], capture_output=True, text=True, check=True)
        return text.stdout.strip(), details['LOCAL_PROFILE_ASSISTANT']

    seen = set()
    for _ in range(2):
        order = call('POST', '/order', {'productId': PRODUCT})['orderId']
        for answer in (call('PUT', '/order/complete', {'orderId': order}), call('GET', f'/order/{order}')):
            text, code = decoded(answer)
            assert text == code
        seen.add(code)
    assert len(seen) == 2
