#!/usr/bin/python3
"""tools/gen_geography.py: countries, subdivisions and languages as C tables, from Debian's iso-codes.

Usage: tools/gen_geography.py ISO_CODES_DIR LOCALE_DIR > geography_data.c

ISO_CODES_DIR holds iso_3166-1.json and iso_3166-2.json, LOCALE_DIR the translations LANG/LC_MESSAGES/iso_3166-1.mo.
All text is one block of NUL-terminated strings and everything else an offset into it: no pointer is relocated when the
server starts, and what nobody asks for is never read from disk.
"""
import gettext
import glob
import json
import os
import sys

# The countries of ours: products of theirs can be used in many.
GROUPS = {
    'GXX': {'en': 'Global', 'fr': 'Monde', 'es': 'Global', 'ru': 'Весь мир', 'pt': 'Global', 'de': 'Weltweit',
            'it': 'Globale', 'nl': 'Wereldwijd'},
    'EXX': {'en': 'Europe', 'fr': 'Europe', 'es': 'Europa', 'ru': 'Европа', 'pt': 'Europa', 'de': 'Europa',
            'it': 'Europa', 'nl': 'Europa'},
}

# What EXX covers: the European Economic Area, its neighbours in Europe and the territories that share their networks.
EUROPE = set('''
    AD AL AT BA BE BG CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME MK MT NL NO PL
    PT RO RS SE SI SK SM UA VA
'''.split())

# gettext's spelling of a script: that of BCP 47.
SCRIPTS = {'latin': 'Latn', 'iqtelif': 'Latn'}


class Text:
    """Every string once, in one block; offset 0 is "nothing"."""

    def __init__(self):
        self.block = bytearray(b'\0')
        self.offsets = {'': 0}

    def offset(self, string):
        if string not in self.offsets:
            self.offsets[string] = len(self.block)
            self.block += string.encode() + b'\0'
        return self.offsets[string]


def bcp47(name):
    """pt_BR -> pt-BR, sr@latin -> sr-Latn."""
    name, _, script = name.partition('@')
    language, _, country = name.partition('_')
    return '-'.join(part for part in (language, SCRIPTS.get(script, script), country) if part)


def read_countries(folder):
    with open(os.path.join(folder, 'iso_3166-1.json'), encoding='utf-8') as file:
        rows = json.load(file)['3166-1']
    countries = [{'iso': row['alpha_3'], 'alpha2': row['alpha_2'], 'spellings': [row.get('common_name'), row['name']]}
                 for row in rows]
    countries += [{'iso': iso, 'alpha2': '', 'spellings': [names['en']]} for iso, names in GROUPS.items()]
    for country in countries:
        country['spellings'] = [spelling for spelling in country['spellings'] if spelling]
    return sorted(countries, key=lambda country: country['iso'])


def read_regions(folder, countries):
    """Regions in the order of their country, then of their code; countries learn where theirs begin."""
    with open(os.path.join(folder, 'iso_3166-2.json'), encoding='utf-8') as file:
        rows = json.load(file)['3166-2']
    by_country = {}
    for row in rows:
        by_country.setdefault(row['code'].split('-')[0], []).append((row['code'], row['name']))
    regions = []
    for country in countries:
        own = sorted(by_country.get(country['alpha2'], []))
        country['first'], country['count'] = len(regions), len(own)
        regions += own
    return regions


def read_languages(folder, countries):
    """Pairs of a language's code and the names of the countries in it ('' = none); English first, then by code."""
    languages = {'en': [country['spellings'][0] for country in countries]}
    for path in glob.glob(os.path.join(folder, '*', 'LC_MESSAGES', 'iso_3166-1.mo')):
        code = bcp47(path.split(os.sep)[-3])
        with open(path, 'rb') as file:
            known = gettext.GNUTranslations(file)._catalog
        names = []
        for country in countries:
            found = GROUPS.get(country['iso'], {}).get(code) or next(
                (known[spelling] for spelling in country['spellings'] if known.get(spelling)), '')
            names.append('' if found == country['spellings'][0] else found)
        languages.setdefault(code, names)
    return [('en', languages.pop('en'))] + sorted(languages.items())


def put_block(block):
    """The block as adjacent string literals; an octal escape always has three digits, so nothing can run into it."""
    print('const char geography_text[] =')
    for at in range(0, len(block), 96):
        piece = block[at:at + 96]
        print('\t"' + ''.join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\?' else f'\\{byte:03o}'
                              for byte in piece) + '"')
    print(';')


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    countries = read_countries(sys.argv[1])
    regions = read_regions(sys.argv[1], countries)
    languages = read_languages(sys.argv[2], countries)
    text = Text()
    print('/* Written by tools/gen_geography.py from iso-codes. */')
    print('#include "core/geography_private.h"\n')
    print('const struct geography_country geography_countries[] = {')
    for country in countries:
        europe = 'true' if country['alpha2'] in EUROPE else 'false'
        print(f'\t{{ "{country["iso"]}", "{country["alpha2"]}", {country["first"]}, {country["count"]}, {europe} }},')
    print('};\nconst struct geography_region geography_regions[] = {')
    for code, name in regions:
        print(f'\t{{ {text.offset(code)}, {text.offset(name)} }},')
    print('};\nconst uint32_t geography_locales[] = {')
    for code, _ in languages:
        print(f'\t{text.offset(code)},')
    print('};\nconst uint32_t geography_names[] = {')
    for _, names in languages:
        print('\t' + ' '.join(f'{text.offset(name)},' for name in names))
    print('};')
    put_block(text.block)
    print(f'const struct geography_counts geography_counts = {{ {len(countries)}, {len(regions)}, {len(languages)} }};')


if __name__ == '__main__':
    main()
