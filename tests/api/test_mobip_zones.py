"""tests/api/test_mobip_zones.py: days and months begin where the merchant lives."""
import base64
import datetime
import re
import subprocess
import zoneinfo

from merchant import Merchant, Payer

UTC = datetime.timezone.utc


def made_at(merchant, asked):
    data = merchant.call('GET', 'mobip/get_transaction', access_token=merchant.token, trid=asked['trid'])
    return datetime.datetime.fromisoformat(data['transaction_data']['created_at']).replace(tzinfo=UTC)


def stats(merchant, **values):
    return merchant.call('GET', 'mobip/get_stats', access_token=merchant.token, **values)['stats_data']


def trids(merchant, **values):
    return [row['trid'] for row in stats(merchant, **values)['transactions']]


def test_days_and_months_are_the_merchants(start_demo, tmp_path):
    demo = start_demo()
    # A day apart: at any moment one of them has another date than UTC.
    zones = {'main': 'Pacific/Kiritimati', 'second': 'Pacific/Honolulu'}
    for name, zone in zones.items():
        merchant = Merchant(demo, name)
        merchant.settings('--time-zone', zone)
        account = merchant.call('GET', 'mobip/get_account_by_external_id', access_token=merchant.token,
                                external_account_id=name)['account_data']
        assert {row['attribute_name']: row['attribute_value'] for row in account}['Time_Zone'] == zone
    command = [demo.program, 'payment', 'merchant', '--data', demo.data, '--time-zone', 'Mars/Base', '1']
    refused = subprocess.run(command, capture_output=True, text=True)
    assert refused.returncode != 0 and 'time_zone' in refused.stderr

    # The evening of the month's last day, in UTC: in Kiritimati the next month has begun.
    now = made_at(merchant, merchant.ask())
    next_month = (now.replace(day=1) + datetime.timedelta(days=32)).replace(day=1, hour=0, minute=0, second=0)
    seconds = int((next_month - datetime.timedelta(hours=2) - now).total_seconds())
    if seconds > 0:
        demo.advance(f'{seconds}s')
    invoices = {}
    for name, zone in zones.items():
        merchant = Merchant(demo, name)
        merchant.settings('--fee-percent', '10')
        asked = merchant.ask()
        moment = made_at(merchant, asked)
        local = moment.astimezone(zoneinfo.ZoneInfo(zone))
        day = local.date()
        for other in (day - datetime.timedelta(days=1), day):
            found = stats(merchant, day=other.isoformat())
            assert found['period'] == other.isoformat()
            assert (asked['trid'] in [row['trid'] for row in found['transactions']]) == (other == day), (zone, other)
        tomorrow = merchant.call('GET', 'mobip/get_stats', access_token=merchant.token,
                                 day=(day + datetime.timedelta(days=1)).isoformat())
        assert tomorrow == {'return_code': '700', 'return_message': 'No such statistics period'}
        assert asked['trid'] in trids(merchant) and stats(merchant)['period'] == local.strftime('%Y-%m')
        assert asked['trid'] in trids(merchant, month_period=local.strftime('%Y-%m'))
        if name == 'main':
            assert local.month != moment.month
            assert asked['trid'] not in trids(merchant, month_period=moment.strftime('%Y-%m'))
        assert Payer(demo, asked['url_checkout']).pay().status == 303
        invoices[name] = local.strftime('%Y-%m')
    demo.advance('33d')
    for name, month in invoices.items():
        merchant = Merchant(demo, name)
        listed, = merchant.call('GET', 'mobip/get_invoice_list', access_token=merchant.token)['invoice_data']
        assert re.fullmatch(month + r'-[A-Z]{3}-\d+', listed['invoice_id']), (name, listed)
        one = merchant.call('GET', 'mobip/get_invoice', access_token=merchant.token, invoice_id=listed['invoice_id'])
        (tmp_path / 'invoice.pdf').write_bytes(base64.b64decode(one['invoice_data']['pdf']))
        text = subprocess.run(['pdftotext', '-layout', str(tmp_path / 'invoice.pdf'), '-'], check=True,
                              capture_output=True, text=True).stdout
        assert f'({zones[name]})' in text and f'{month}-01' in text
    # Without a zone it is UTC again.
    merchant.settings('--time-zone', '')
    assert asked['trid'] in trids(merchant, day=made_at(merchant, asked).date().isoformat())
    demo.verify()
