#!/usr/bin/python3
"""tools/gen_demo.py: mobile operators, their prefixes and the money of their countries, for the demo catalogue.

Usage: tools/gen_demo.py SERVICEPROVIDERS_XML SAMPLES_JSONL > demo_data.c

Operators come from Debian's mobile-broadband-provider-info, prefixes from the carrier data of python3-phonenumbers,
currencies and rough rates from the table below. Both lists of operators are joined by name. The samples are taken over
as they are. The result is blocks of text that service/demo_*.c walk through: no pointers, so nothing is relocated when
the server starts.
"""
import re
import sys
import unicodedata
import xml.etree.ElementTree

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata
from phonenumbers.carrierdata import CARRIER_DATA

# Currency, rough value of a US dollar in it (round on purpose: prices are made from it), countries.
MONEY = '''
USD 1 US PR EC SV PA ZW TL GU VI AS MP BQ TC VG FM MH PW
EUR 0.9 AT BE CY DE EE ES FI FR GR HR IE IT LT LU LV MC ME MT NL PT SI SK SM VA AD XK GP MQ GF RE YT
AED 3.7 AE|AFN 70 AF|ALL 95 AL|AMD 390 AM|AOA 900 AO|ARS 1000 AR|AUD 1.5 AU KI NR TV|AWG 1.8 AW|AZN 1.7 AZ
BAM 1.8 BA|BBD 2 BB|BDT 110 BD|BGN 1.8 BG|BHD 0.4 BH|BIF 2900 BI|BMD 1 BM|BND 1.3 BN|BOB 7 BO|BRL 5 BR|BSD 1 BS
BTN 84 BT|BWP 14 BW|BYN 3.3 BY|BZD 2 BZ|CAD 1.4 CA|CDF 2800 CD|CHF 0.9 CH LI|CLP 950 CL|CNY 7 CN|COP 4000 CO
CRC 520 CR|CUP 24 CU|CVE 100 CV|CZK 23 CZ|DJF 180 DJ|DKK 7 DK FO GL|DOP 60 DO|DZD 135 DZ|EGP 50 EG|ERN 15 ER
ETB 120 ET|FJD 2.2 FJ|GBP 0.8 GB GG JE IM|GEL 2.7 GE|GHS 15 GH|GIP 0.8 GI|GMD 70 GM|GNF 8600 GN|GTQ 8 GT|GYD 210 GY
HKD 7.8 HK|HNL 25 HN|HTG 130 HT|HUF 360 HU|IDR 15500 ID|ILS 3.7 IL PS|INR 84 IN|IQD 1300 IQ|IRR 42000 IR|ISK 138 IS
JMD 155 JM|JOD 0.7 JO|JPY 150 JP|KES 130 KE|KGS 85 KG|KHR 4100 KH|KMF 450 KM|KRW 1300 KR|KWD 0.3 KW|KYD 0.8 KY
KZT 480 KZ|LAK 21000 LA|LBP 89500 LB|LKR 300 LK|LRD 190 LR|LSL 18 LS|LYD 4.8 LY|MAD 10 MA EH|MDL 18 MD|MGA 4500 MG
MKD 56 MK|MMK 2100 MM|MNT 3400 MN|MOP 8 MO|MRU 40 MR|MUR 46 MU|MVR 15 MV|MWK 1730 MW|MXN 17 MX|MYR 4.4 MY|MZN 64 MZ
NAD 18 NA|NGN 1600 NG|NIO 37 NI|NOK 11 NO SJ|NPR 134 NP|NZD 1.7 NZ CK NU TK|OMR 0.4 OM|PEN 3.8 PE|PGK 4 PG|PHP 56 PH
PKR 280 PK|PLN 4 PL|PYG 7800 PY|QAR 3.6 QA|RON 4.6 RO|RSD 108 RS|RUB 90 RU|RWF 1400 RW|SAR 3.8 SA|SBD 8 SB|SCR 14 SC
SDG 600 SD|SEK 10 SE|SGD 1.3 SG|SLE 23 SL|SOS 570 SO|SRD 35 SR|SSP 130 SS|STN 22 ST|SYP 13000 SY|SZL 18 SZ|THB 34 TH
TJS 11 TJ|TMT 3.5 TM|TND 3.1 TN|TOP 2.4 TO|TRY 34 TR|TTD 6.8 TT|TWD 32 TW|TZS 2700 TZ|UAH 41 UA|UGX 3700 UG|UYU 42 UY
UZS 12800 UZ|VES 37 VE|VND 25000 VN|VUV 120 VU|WST 2.8 WS|YER 250 YE|ZAR 18 ZA|ZMW 27 ZM
XAF 600 CM CF TD CG GQ GA|XOF 600 BJ BF CI GW ML NE SN TG|XPF 110 PF NC WF|XCD 2.7 AG DM GD KN LC VC AI MS|ANG 1.8 CW SX
'''

# Prefixes that the examples of the documentation need and the carrier data does not have.
EXTRA = {('SG', 'SingTel'): ['6595']}

MOST_PREFIXES = 3000  # of one operator: what one line of the import format holds with room to spare


def read_money():
    """{alpha-2: (currency, micros of it in a US dollar)}"""
    money = {}
    for entry in re.split(r'[|\n]', MONEY.strip()):
        currency, rate, *countries = entry.split()
        for country in countries:
            money[country] = (currency, round(float(rate) * 1000000))
    return money


def key_of(name):
    """What two spellings of one operator have in common."""
    plain = unicodedata.normalize('NFKD', name.split('(')[0]).encode('ascii', 'ignore').decode().lower()
    plain = re.sub(r'\b(mobile|telecom|gsm|cellular|wireless|communications|ltd|inc|limited)\b', '', plain)
    return re.sub(r'[^a-z0-9]', '', plain) or name


def clean(name):
    return re.sub(r'\s+', ' ', name).strip()[:60]


def read_operators(path):
    """{alpha-2: {key: name}}"""
    operators = {}
    for country in xml.etree.ElementTree.parse(path).getroot():
        own = operators.setdefault(country.get('code').upper(), {})
        for provider in country.findall('provider'):
            name = clean(provider.find('name').text)
            own.setdefault(key_of(name), name)
    return operators


def leading_digits():
    """{calling code: [(pattern of the national number, alpha-2)]}, the main country last with no pattern."""
    shared = {}
    for code, regions in COUNTRY_CODE_TO_REGION_CODE.items():
        patterns = []
        for region in regions[1:]:
            metadata = PhoneMetadata.metadata_for_region(region)
            if metadata and metadata.leading_digits:
                patterns.append((re.compile(metadata.leading_digits), region))
        shared[code] = patterns + [(None, regions[0])]
    return shared


def country_of(prefix, shared):
    for length in (1, 2, 3):
        regions = shared.get(int(prefix[:length]))
        if regions and prefix[0] != '0':
            for pattern, region in regions:
                if not pattern or pattern.match(prefix[length:]):
                    return region
    return None


def compact(prefixes):
    """Ten siblings of one carrier are their parent; what its parent says already need not be said."""
    prefixes = dict(prefixes)
    for length in range(max(map(len, prefixes)), 1, -1):
        groups = {}
        for prefix in [prefix for prefix in prefixes if len(prefix) == length]:
            groups.setdefault(prefix[:-1], []).append(prefix)
        for parent, children in groups.items():
            if len(children) == 10 and len({prefixes[child] for child in children}) == 1 and parent not in prefixes:
                prefixes[parent] = prefixes[children[0]]

    def said(prefix):
        return next((prefixes[prefix[:n]] for n in range(len(prefix) - 1, 0, -1) if prefix[:n] in prefixes), None)
    return {prefix: carrier for prefix, carrier in prefixes.items() if said(prefix) != carrier}


def add_prefixes(operators):
    """{(alpha-2, key): [prefix]}; carriers that are no operators yet become some."""
    shared = leading_digits()
    found = {}
    carriers = {prefix: names['en'] for prefix, names in CARRIER_DATA.items() if names.get('en')}
    for prefix, carrier in sorted(compact(carriers).items()):
        country = country_of(prefix, shared)
        if not country or not re.fullmatch('[A-Z]{2}', country):
            continue
        own, key = operators.setdefault(country, {}), key_of(carrier)
        own.setdefault(key, clean(carrier))
        found.setdefault((country, key), []).append(prefix)
    for (country, name), prefixes in EXTRA.items():
        found.setdefault((country, key_of(name)), []).extend(prefixes)
    return found


def put_block(name, lines):
    print(f'const char {name}[] =')
    for line in lines:
        data = (line + '\n').encode()
        for at in range(0, len(data), 100):
            print('\t"' + ''.join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\?' else f'\\{byte:03o}'
                                  for byte in data[at:at + 100]) + '"')
    print(';')


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    money = read_money()
    operators = read_operators(sys.argv[1])
    prefixes = add_prefixes(operators)
    calling = {regions[0]: code for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()}
    print('/* Written by tools/gen_demo.py from mobile-broadband-provider-info and python3-phonenumbers. */')
    print('#include "service/demo_private.h"\n')
    put_block('demo_countries', [f'{country}\t{currency}\t{rate}\t{calling.get(country, "")}'
                                 for country, (currency, rate) in sorted(money.items())])
    put_block('demo_operators', [
        '\t'.join([country, name, ' '.join(prefixes.get((country, key), [])[:MOST_PREFIXES])])
        for country in sorted(operators) if country in money
        for key, name in sorted(operators[country].items())])
    with open(sys.argv[2], encoding='utf-8') as file:
        put_block('demo_samples', file.read().splitlines())


if __name__ == '__main__':
    main()
