"""tests/tools/test_suite.py: tools/suite counts what passed, failed and was skipped, and loses nothing."""
import importlib.machinery
import importlib.util
import pathlib
import sys

import pytest

TOOLS = pathlib.Path(__file__).parents[2] / 'tools'

# What meson writes: a program with two tests of which one fails, one that died after its last test, one that is fine.
MESON = '''<?xml version='1.0' encoding='utf-8'?>
<testsuites tests="5" errors="1" failures="1">
<testsuite name="bodega.a" tests="2" errors="0" failures="1" skipped="0">
  <testcase name="1 - good" classname="bodega.a" />
  <testcase name="2 - bad" classname="bodega.a"><failure /></testcase>
  <system-out>not ok 2 - bad</system-out>
</testsuite>
<testsuite name="bodega.b" tests="1" errors="1" failures="0" skipped="0">
  <testcase name="1 - good" classname="bodega.b" /><system-err>died of signal 11</system-err>
</testsuite>
<testsuite name="bodega.c" tests="2" errors="0" failures="0" skipped="1">
  <testcase name="1 - good" classname="bodega.c" />
  <testcase name="2 - none" classname="bodega.c"><skipped /></testcase>
</testsuite>
</testsuites>'''

PYTEST = '''<?xml version="1.0"?><testsuites><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4">
<testcase classname="tests.a" name="good" /><testcase classname="tests.a" name="bad"><failure message="m">why</failure>
</testcase><testcase classname="tests.a" name="broken"><error message="set-up failed" /></testcase>
<testcase classname="tests.a" name="no"><skipped message="s" /></testcase></testsuite></testsuites>'''


@pytest.fixture
def suite(tmp_path):
    loader = importlib.machinery.SourceFileLoader('suite', str(TOOLS / 'suite'))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader('suite', loader))
    loader.exec_module(module)
    module.LOGS = str(tmp_path)
    return module


def python(code):
    return [sys.executable, '-c', code]


def test_reads_what_meson_writes(suite, tmp_path):
    (tmp_path / 'm.xml').write_text(MESON)
    result = suite.read_junit(tmp_path / 'm.xml')
    assert (result.passed, result.skipped) == (3, 1)
    assert result.failures == [('bodega.a.2 - bad', 'not ok 2 - bad'), ('bodega.b', 'died of signal 11')]


def test_reads_what_pytest_writes(suite, tmp_path):
    (tmp_path / 'p.xml').write_text(PYTEST)
    result = suite.read_junit(tmp_path / 'p.xml')
    assert (result.passed, result.skipped) == (1, 1)
    assert result.failures == [('tests.a.bad', 'why'), ('tests.a.broken', 'set-up failed')]


def test_reads_what_check_writes(suite):
    result = suite.read_check('noise\nok layers\nFAILED tidy\n    a.c:1: long\nok format\n')
    assert result.passed == 2 and result.failures == [('check tidy', '\n    a.c:1: long\n')]


def test_a_step_that_ends_badly_without_a_word_is_a_failure(suite):
    step = suite.Step('mute', python('print("ok a"); raise SystemExit(3)'), count=suite.read_check)
    step.run()
    assert step.result.passed == 1 and len(step.result.failures) == 1


def test_an_old_junit_file_is_not_counted(suite, tmp_path):
    (tmp_path / 'p.xml').write_text(PYTEST)
    step = suite.Step('dies', python('raise SystemExit(2)'), junit=str(tmp_path / 'p.xml'))
    step.run()
    assert step.result.passed == 0 and [name for name, _ in step.result.failures] == ['dies']


def test_nothing_collected_is_not_a_failure_where_it_may_be(suite):
    step = suite.Step('none', python('raise SystemExit(5)'), nothing_collected=5)
    step.run()
    assert not step.result.failures


@pytest.mark.parametrize('lanes', [1, 2, 3])
def test_runs_in_order_and_gives_up_what_hangs_on_a_broken_build(suite, lanes):
    good = suite.Step('good', python('print("made")'))
    broken = suite.Step('broken', python('print("no such file"); raise SystemExit(1)'))
    on_good = suite.Step('on good', python('print("ok x")'), [good], count=suite.read_check)
    on_broken = suite.Step('on broken', python('print("ok y")'), [broken], count=suite.read_check)
    last = suite.Step('last', python('print("ok z")'), [on_broken], count=suite.read_check)
    steps = [last, on_broken, on_good, broken, good]
    suite.Runner(steps, lanes).run()
    assert [s.result.passed for s in steps] == [0, 0, 1, 0, 0]
    assert [len(s.result.failures) for s in steps] == [1, 1, 0, 1, 0]
    assert broken.result.failures == [('broken', 'no such file\n')]


def test_a_command_that_is_not_there_is_a_failure(suite):
    step = suite.Step('absent', ['/nowhere/at/all'])
    suite.Runner([step], 1).run()
    assert len(step.result.failures) == 1
