"""tests/api/test_transcripts.py: every transcript below this folder is a test. How to write one: README.md."""
import pathlib

import pytest
import transcript

FOLDER = pathlib.Path(__file__).parent
FILES = sorted(FOLDER.glob('*/*.http'))


@pytest.mark.asan
@pytest.mark.parametrize('path', FILES, ids=[f'{path.parent.name}/{path.stem}' for path in FILES])
def test_transcript(path, request, start_demo, receiver):
    transcript.play_file(path, path.parent.name, start_demo, lambda: request.getfixturevalue('shared_demo'), receiver)
