"""tests/api/test_dvs_routes.py: every route of the DVS dialect has a transcript that uses it."""
import pathlib
import re

ROOT = pathlib.Path(__file__).parents[2]


def routes():
    text = (ROOT / 'src/api/dvs/routes.c').read_text(encoding='utf-8')
    pairs = [('GET', path) for path in re.findall(r'GET\("(/[^"]+)"', text)]
    return pairs + re.findall(r'\{ "([A-Z]+)", "(/[^"]+)"', text)


def test_every_route_has_a_transcript():
    asked = [line for path in (ROOT / 'tests/api/dvs').glob('*.http')
             for line in path.read_text(encoding='utf-8').split('\n') if line.startswith('> ')]
    found = routes()
    assert len(found) > 20
    for method, pattern in found:
        segment = re.sub(r'\{\w+\}', r'[^/ ?]+', pattern)
        used = re.compile(rf'> {method} {segment}(\?\S*)?$')
        assert any(used.match(line) for line in asked), f'{method} {pattern} has no transcript'
