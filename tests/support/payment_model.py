"""tests/support/payment_model.py: what a payment request must be after each step, as a model that is simple enough to
be believed; and a world of one server, one merchant and somebody who is called back."""
import collections
import datetime
import urllib.parse

from demo import Demo
from dvs import Dvs, eventually
from merchant import Merchant, Payer
from webhook import Receiver

DAY_SECONDS = 24 * 3600
# Around a deadline neither answer can be demanded.
NEAR_SECONDS = 60
# A provider that says nothing is asked again so much later.
ASKED_AGAIN_SECONDS = 60
REFUSALS_MOST = 3
CODES = {'PAID': 'PROCESSED', 'DENIED': 'PROCESSED', 'CANCELLED': 'CANCELLED', 'ERROR': 'ERROR'}


def fee_of(total):
    """Of a demo: 1.5 %, rounded half up to the cent."""
    return (total * 15 + 500) // 1000


class Asked:
    """A payment request, as it must be."""

    def __init__(self, made, total, data, address):
        self.trid, self.total, self.address = made['trid'], total, address
        self.expires = datetime.datetime.fromisoformat(data['expires_at'] + '+00:00').timestamp()
        self.state, self.reason, self.refunded, self.refusals = 'PENDING', '', False, 0
        self.paying_since = None  # with the provider, who says nothing
        self.first_form = None  # the form as it was before anything happened

    @property
    def is_paying(self):
        return self.paying_since is not None

    def ends(self, state, reason=''):
        assert self.state == 'PENDING'
        self.state, self.reason, self.paying_since = state, reason, None

    def wanted(self):
        return self.state, self.reason, 'true' if self.refunded else 'false'

    def money(self):
        """What of it is in the wallet; our fee stays ours when it is given back."""
        if self.state != 'PAID':
            return 0
        return (0 if self.refunded else self.total) - fee_of(self.total)


class Told(Receiver):
    """Who is called back asks at once what has become of it: the state is stored before."""

    def __init__(self, world):
        super().__init__()
        self.world, self.seen = world, collections.defaultdict(list)

    def remember(self, request):
        fields = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(request.path).query))
        state = self.world.call('GET', 'is_valid', trid=fields['trid'])
        self.seen[fields['trid']].append((fields['resp_code'], state.get('transaction_status')))
        return super().remember(request)


class World:
    """The server that all examples share; what has happened is counted over all of them."""

    def __init__(self, folder):
        self.server = Demo(folder).start()
        self.merchant, self.operator_token = Merchant(self.server), 'none'
        self.wallet = Dvs(self.server)
        self.receiver = Told(self)
        self.happened = collections.Counter()

    def call(self, method, name, **values):
        """A token lives an hour, and the clock is moved by days."""
        answer = self.merchant.call(method, f'mobip/{name}', access_token=self.merchant.token, **values)
        if answer['return_code'] == '101':
            self.merchant = Merchant(self.server)
            answer = self.merchant.call(method, f'mobip/{name}', access_token=self.merchant.token, **values)
        return answer

    def operator(self, method, name, **values):
        for is_last in (False, True):
            answer = self.merchant.call(method, f'neosystems/{name}', access_token=self.operator_token, **values)
            if answer['return_code'] != '101' or is_last:
                break
            key = self.server.credentials['restricted']['mobip']
            self.operator_token = self.merchant.call('GET', 'mobip/get_token', api_account_id=key['account_id'],
                                                     api_secret_key=key['secret_key'])['access_token']
        assert answer['return_code'] == '0', answer
        return answer

    def now(self):
        text = self.server.control('GET', '/admin/v1/clock').json()['now']
        return datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp()

    def advance(self, seconds):
        assert self.server.control('POST', '/admin/v1/clock/advance', {'by': f'{seconds}s'}).status == 200

    def refund(self, asked):
        return self.server.control('POST', f'/admin/v1/payments/{asked.trid}/refund', {}).status

    def cents(self):
        return int(self.wallet.balance('USD')[0] * 100)

    def close(self):
        self.server.verify()
        self.server.stop()
        self.receiver.close()


class Book:
    """All requests of one example."""

    def __init__(self, world):
        self.world, self.all, self.start = world, [], world.cents()

    def add(self, item, tax, days, address=None):
        fields = {'item_name': 'Tea', 'item_amount_in_cents': item, 'tax_amount_in_cents': tax,
                  'call_back_url': f'{self.world.receiver.url}/told', 'redirect_url': 'http://shop.example/',
                  'transaction_ttl': days}
        made = self.world.call('POST', 'send_payment_request', media='EMAIL', customer_email=address, **fields) \
            if address else self.world.call('POST', 'create_one_use_qr', **fields)
        assert made['return_code'] == '0', made
        data = self.world.call('GET', 'get_transaction', trid=made['trid'])['transaction_data']
        assert int(data['total_amount_in_cents']) == item + tax
        asked = Asked(made, item + tax, data, address)
        asked.payer = Payer(self.world.server, made['url_checkout'])
        page = asked.payer.look()
        assert f'${(item + tax) // 100:,}.{(item + tax) % 100:02}' in page.body.decode()
        asked.first_form = asked.payer.hidden(page)
        self.all.append(asked)
        return asked

    def pass_time(self, seconds):
        self.world.advance(seconds)
        waiting = [asked for asked in self.all if asked.state == 'PENDING']
        while any(abs(self.world.now() - asked.expires) < NEAR_SECONDS for asked in waiting):
            self.world.advance(2 * NEAR_SECONDS)
        now = self.world.now()
        for asked in waiting:
            if asked.is_paying:  # asked about by now, and paid
                asked.ends('PAID')
            elif now >= asked.expires:
                asked.ends('CANCELLED', 'expired')
                self.world.happened['expired'] += 1

    def settle(self):
        """A payment with a silent provider is asked about, minutes later, and its answer awaited."""
        paying = [asked for asked in self.all if asked.is_paying]
        if paying:
            self.pass_time(180)
        for asked in paying:
            eventually(lambda asked=asked: self.seen(asked) == asked.wanted())

    def seen(self, asked):
        state = self.world.call('GET', 'is_valid', trid=asked.trid)
        return state['transaction_status'], state['reason'], state['isRefunded']

    def follow(self):
        """Steps take their time, too: a provider may have been asked again in it."""
        for asked in self.all:
            if asked.is_paying and self.world.now() - asked.paying_since >= ASKED_AGAIN_SECONDS \
                    and self.seen(asked)[0] == 'PAID':
                asked.ends('PAID')
        return True

    def check(self):
        self.follow()
        for asked in self.all:
            eventually(lambda asked=asked: self.follow() and self.seen(asked) == asked.wanted())
        eventually(lambda: self.follow() and
                   self.world.cents() - self.start == sum(asked.money() for asked in self.all))
        self.world.server.verify()

    def close(self):
        """Each has left PENDING once and was called back once, with the state there already; the operator's queue has
        each payment and each refund once."""
        self.settle()
        for asked in self.all:
            if asked.state == 'PENDING':
                assert self.world.call('POST', 'cancel_transaction', trid=asked.trid)['return_code'] == '0'
                asked.ends('CANCELLED', 'cancelled by merchant')
        self.check()
        for asked in self.all:
            told = self.world.receiver.seen
            eventually(lambda trid=asked.trid: told[trid])
            assert told[asked.trid] == [(CODES[asked.state], asked.state)]
        self.check_queue()

    def check_queue(self):
        ours = {asked.trid: asked for asked in self.all if asked.state == 'PAID'}
        rows = self.world.operator('GET', 'get_mobip_transactions')['transactions_list']
        assert [int(row['id_flux']) for row in rows] == sorted({int(row['id_flux']) for row in rows})
        amounts = collections.defaultdict(list)
        for row in rows:
            amounts[row['trid']].append(int(row['amount']))
        assert dict(amounts) == {trid: [asked.total] + [-asked.total] * asked.refunded
                                 for trid, asked in ours.items()}
        for _ in range(2):  # of one that is there twice the older row goes first
            self.world.operator('POST', 'set_mobip_transactions', trid_list='|'.join(ours) or 'none')
        assert self.world.operator('GET', 'get_mobip_transactions')['transactions_list'] == []
