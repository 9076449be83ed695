"""tests/support/merchant.py: a merchant who asks for payments over the MOBIP API, and a payer at the checkout page."""
import json
import re
import urllib.parse

FORM = 'application/x-www-form-urlencoded'
GOOD_CARD = '4242 4242 4242 4242'
DECLINED_CARD = '4000000000000002'
POOR_CARD = '4000000000009995'
FAULTY_CARD = '4000000000000119'
SILENT_CARD = '4000000000000101'


class Merchant:
    """A demo's merchant, or whoever has that account."""

    def __init__(self, demo, name='main', call_back_url='http://127.0.0.1:9/call', account=None):
        self.demo = demo
        self.name = name
        self.call_back_url = call_back_url
        key = account or demo.partner('mobip', name)
        answer = self.call('GET', 'mobip/get_token', api_account_id=key['account_id'],
                           api_secret_key=key['secret_key'])
        self.token = answer['access_token']

    @classmethod
    def operator(cls, demo):
        return cls(demo, account=demo.credentials['restricted']['mobip'])

    def settings(self, *options):
        """`bodega payment merchant` for this one."""
        partners = json.loads(self.demo.command('partner', 'list', '--data', self.demo.data, '--json'))
        found = next(partner['id'] for partner in partners if partner['name'] == self.name)
        self.demo.command('payment', 'merchant', '--data', self.demo.data, *options, found)

    def call(self, method, name, **values):
        text = urllib.parse.urlencode(values)
        query, body = (f'?{text}', None) if method == 'GET' else ('', text)
        answer = self.demo.request(method, f'/api/2.0/{name}{query}', {'Content-Type': FORM} if body else {}, body)
        return answer.json()

    def ask(self, name='mobip/create_one_use_qr', **values):
        """A new payment: the answer's url_checkout, trid, ..."""
        asked = {'access_token': self.token, 'item_name': 'Coffee & cake', 'item_amount_in_cents': '1250',
                 'tax_amount_in_cents': '250', 'call_back_url': self.call_back_url,
                 'redirect_url': 'http://shop.example/back?x=1', 'track_id': 'order|7', **values}
        answer = self.call('POST', name, **{k: v for k, v in asked.items() if v is not None})
        assert answer['return_code'] == '0', answer
        return answer

    def send(self, **values):
        """The same, sent to the payer."""
        return self.ask('mobip/send_payment_request', **values)

    def state(self, asked):
        return self.call('GET', 'mobip/is_valid', access_token=self.token, trid=asked['trid'])


class Payer:
    """Somebody with a link, and no JavaScript."""

    def __init__(self, demo, url):
        assert url.startswith(demo.base_url + '/pay/'), url
        self.demo = demo
        self.path = url[len(demo.base_url):]

    def look(self, headers=()):
        return self.demo.request('GET', self.path, headers)

    def hidden(self, page=None):
        """The hidden fields of the page's first form."""
        text = (page or self.look()).body.decode()
        return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text))

    def send(self, action, hidden=None, **values):
        fields = {**(self.hidden() if hidden is None else hidden), 'action': action, **values}
        return self.demo.request('POST', self.path, {'Content-Type': FORM}, urllib.parse.urlencode(fields))

    def pay(self, number=GOOD_CARD, hidden=None, **values):
        return self.send('pay', hidden, **{'number': number, 'expiry': '12/40', 'code': '123', **values})

    def cancel(self, hidden=None):
        return self.send('cancel', hidden)
