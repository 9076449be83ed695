"""tests/support/node_shop.py: several nodes that sell, through a middleman, what a second Bodega supplies."""
import json

from demo import Demo, close_all
from dvs import Dvs, eventually, good, is_final, number, unique
from middleman import Middleman
from nodes import Nodes
from serve import supplier_dvs

TOP_UP, GIFT_CARD = 1310, 1330


class Shop(Nodes):
    """Two nodes that sell what B (a demo) sells, through a middleman, to a live partner and to a sandbox one."""

    def __init__(self, folder, postgres, time_scale=1000, **more):
        self.b = Demo(folder / 'b', '--time-scale', time_scale).start()
        self.middleman = Middleman(self.b.base_url)
        self.upstream = Dvs(self.b)
        supplier = supplier_dvs(str(folder), 'b', self.middleman.url, self.b.partner('dvs'))
        super().__init__(folder, postgres, suppliers={'b': supplier}, **more)
        first = self.all[0]
        first.add_partner('shop')
        first.add_partner('sandbox', sandbox='yes')
        lines = [json.loads(line) for line in
                 self.b.command('catalog', 'export', '--data', self.b.data).splitlines()]
        self.products = [line for line in lines if (line['kind'], line['id']) in
                         {('product', TOP_UP), ('product', GIFT_CARD)}]
        operators = {line['operator'] for line in self.products}
        for line in self.products:
            line['routes'] = [{'supplier': 'b', 'sku': str(line['id']), 'priority': 1}]
        first.import_catalog([*(line for line in lines if line['kind'] == 'operator' and line['id'] in operators),
                              *self.products])

    def client(self, node, partner='shop'):
        return Dvs(self.all[node], partner)

    def order(self, suffix='100', serial=0):
        return {'external_id': unique('nodes'), 'product_id': TOP_UP, 'auto_confirm': True,
                'credit_party_identifier': {'mobile_number': number(serial, suffix)}}

    def buy(self, client, suffix='100'):
        return good(client.create(self.order(suffix)), 201)

    def bought(self, order):
        """What B has under our references for the order."""
        return [found for found in self.upstream.list() if found['external_id'].startswith(f'{order["id"]}-')]

    def until_final(self, client, order, advance='60s', may_refuse=False):
        """The clock is moved on until the order has ended: waits between questions are business time. `may_refuse`:
        each connection that reads has lost its server, and waits a moment before it tries again."""
        def look():
            answer = client.get(order['id'])
            if may_refuse and answer.status == 503:
                return None
            found = good(answer, 200)
            if is_final(found):
                return found
            running = next(node for node in self.all if node.process and node.base_url.endswith(str(client.url.port)))
            running.advance(advance)
            return None

        return eventually(look)

    def close(self):
        """Once is enough."""
        if self.b.process:
            close_all(self.middleman.close, super().close, self.verify, self.b.stop)
