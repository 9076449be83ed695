"""tests/tools/test_tidy.py: each rule of tools/tidy passes a tidy tree and catches a file that breaks it."""
import importlib.machinery
import importlib.util
import pathlib
import subprocess

import pytest

TIDY = pathlib.Path(__file__).parents[2] / 'tools' / 'tidy'

TIDY_TREE = {
    'meson.build': "sources = []\nsubdir('src')\n",
    'src/meson.build': "foreach folder : ['base', 'api/dvs']\n\tsubdir(folder)\nendforeach\n",
    'src/base/meson.build': "sources += files('a.c')\n",
    'src/api/dvs/meson.build': "sources += files('render.c')\n",
    'src/base/a.h': '/* base/a.h: an example. */\n#pragma once\n\nMUST_USE enum err a_do(void);\n',
    'src/base/a.c': '#include "base/a.h"\n\nenum err a_do(void)\n{\n\treturn OK; /* no double, no SELECT x */\n}\n',
    'src/api/dvs/render.c': '#include <string.h>\n\nstatic const char *method = "DELETE";\n',
    'src/store/meson.build': "sources += files('rows.c')\n",
    'src/store/rows.c': 'static const char *sql = "SELECT id FROM orders";\n',
    'src/json/meson.build': "sources += files('w.c')\n",
    'src/json/w.c': 'static const char *colon = "\\":";\n',
    'tests/unit/base/meson.build': "unit_tests += ['base/a']\n",
    'tests/unit/base/a_test.c': 'int main(void)\n{\n\treturn 0;\n}\n',
    'tests/fuzz/meson.build': "fuzz_targets += ['fuzz_a']\n",
    'tests/fuzz/fuzz_a.c': 'int a;\n',
    'tests/fuzz/corpus/fuzz_a/input': 'white space \n',
    'tools/thing': '#!/bin/sh\ntrue\n',
}

BODY = '\tint a;\n'

# rule: (file, what it becomes)
BROKEN = {
    'function_length': ('src/base/a.c', '#include "base/a.h"\n\nvoid a(void)\n{\n' + BODY * 69 + '}\n'),
    'file_length': ('src/base/a.c', '#include "base/a.h"\n' + 'int a;\n' * 600),
    'file_length of headers': ('src/base/a.h', '/* base/a.h: x */\n#pragma once\n' + 'int a;\n' * 199),
    'must_use': ('src/base/a.h', '/* base/a.h: x */\n#pragma once\nenum err a_do(void);\n'),
    'own_header_first': ('src/base/a.c', '#include "base/b.h"\n#include "base/a.h"\n'),
    'own_header_first at all': ('src/base/a.c', 'int a;\n'),
    'header_comment': ('src/base/a.h', '/* base/b.h: x */\n#pragma once\n'),
    'header_comment guard': ('src/base/a.h', '/* base/a.h: x */\nint a;\n'),
    'sql_text': ('src/api/dvs/render.c', 'static const char *sql = "DELETE FROM orders";\n'),
    'json_text': ('src/api/dvs/render.c', 'static const char *f = "{\\"id\\":%d}";\n'),
    'no_floats': ('src/base/a.c', '#include "base/a.h"\nstatic double d;\n'),
    'banned_calls': ('src/base/a.c', '#include "base/a.h"\nvoid f(void)\n{\n\tsleep(1);\n}\n'),
    'columns': ('tools/thing', '#!/bin/sh\n# ' + 'x' * 119 + '\n'),
    'columns with tabs': ('src/api/dvs/render.c', '\t/* ' + 'x' * 107 + ' */\n'),
    'white_space': ('tools/thing', '#!/bin/sh \n'),
    'white_space newline': ('tools/thing', '#!/bin/sh'),
    'unfinished': ('src/api/dvs/render.c', '/* TO' 'DO: more */\n'),
    'dead_files': ('src/base/b.c', 'int b;\n'),
    'dead_files tests': ('tests/unit/base/b_test.c', 'int b;\n'),
    'dead_files fuzz': ('tests/fuzz/fuzz_b.c', 'int b;\n'),
}


def load_tidy():
    loader = importlib.machinery.SourceFileLoader('tidy', str(TIDY))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader('tidy', loader))
    loader.exec_module(module)
    return module


def plant(root, files):
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def run_tidy(root):
    return subprocess.run([TIDY, root], capture_output=True, text=True)


def test_passes_a_tidy_tree(tmp_path):
    plant(tmp_path, TIDY_TREE)
    run = run_tidy(tmp_path)
    assert (run.returncode, run.stdout, run.stderr) == (0, '', '')


@pytest.mark.parametrize('name', BROKEN)
def test_catches(tmp_path, name):
    path, text = BROKEN[name]
    plant(tmp_path, {**TIDY_TREE, path: text})
    run = run_tidy(tmp_path)
    rule = name.split()[0]
    assert run.returncode == 1 and run.stderr == ''
    lines = run.stdout.splitlines()
    assert [line for line in lines if line.startswith(f'{path}:') and line.endswith(f'[{rule}]')], run.stdout
    assert all(line.endswith(f'[{rule}]') for line in lines), run.stdout


def test_every_rule_is_tested():
    assert {name.split()[0] for name in BROKEN} == set(load_tidy().RULES)


def test_exceptions_hold_and_do_not_outlive_their_reason(tmp_path):
    plant(tmp_path, {**TIDY_TREE, 'tools/thing': '#!/bin/sh \n'})
    exception = {('white_space', 'tools/thing'): 'for this test'}
    assert not list(load_tidy().findings(tmp_path, exception))
    plant(tmp_path, TIDY_TREE)
    assert [f[0] for f in load_tidy().findings(tmp_path, exception)] == ['exceptions']
