"""tests/api/test_esim_routes.py: every route of the eSIM dialects has a transcript that uses it."""
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[2]


def routes(dialect):
    text = (ROOT / f'src/api/{dialect}/routes.c').read_text(encoding='utf-8')
    prefixes = re.findall(r'ROUTES\("(/[^"]+)"\)', text) or ['']
    pairs = re.findall(r'\{ "([A-Z]+)", (?:prefix )?"(/[^"]+)"', text)
    return [(method, prefix + path) for prefix in prefixes for method, path in pairs]


@pytest.mark.parametrize('dialect,least', [('payvessel', 10), ('mobimatter', 13)])
def test_every_route_has_a_transcript(dialect, least):
    asked = [line for path in (ROOT / 'tests/api' / dialect).glob('*.http')
             for line in path.read_text(encoding='utf-8').split('\n') if line.startswith('> ')]
    found = routes(dialect)
    assert len(found) >= least
    for method, pattern in found:
        segment = re.sub(r'\{\w+\}', r'[^/ ?]+', pattern)
        used = re.compile(rf'> {method} {segment}(\?\S*)?$')
        assert any(used.match(line) for line in asked), f'{method} {pattern} has no transcript'
