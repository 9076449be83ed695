"""What the documents say of the tree is true: paths that they name exist, directions are those of the tool."""
import glob
import os
import re
import runpy

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..'))
TOP_FOLDERS = {'src', 'tests', 'tools', 'script', 'sql', 'docs', 'config', '.ci'}
ALLOWED = runpy.run_path(os.path.join(ROOT, 'tools/layers'))['ALLOWED']
QUOTED = re.compile(r'`([^`\n]+)`')
PATH = re.compile(r'^[\w.<>*-]+(/[\w.<>*-]+)*/?$')


def documents(root):
    names = ['README.md', 'ARCHITECTURE.md'] + glob.glob('docs/**/*.md', root_dir=root, recursive=True)
    return [name for name in names if os.path.exists(os.path.join(root, name))]


def read(root, name):
    with open(os.path.join(root, name), encoding='utf-8') as file:
        return file.read()


def paths_in(root, text):
    """The words in backticks that name a place in the tree: they begin with one of its folders, or with one of src and
    end in a file of C. What stands for something else, such as <dialect>, is left out."""
    folders = {name for name in os.listdir(os.path.join(root, 'src')) if os.path.isdir(os.path.join(root, 'src', name))}
    for quoted in QUOTED.findall(text):
        word = quoted.split()[0]
        if '/' not in word or not PATH.match(word) or re.search(r'[<>*]', word):
            continue
        top = word.split('/')[0]
        if top in TOP_FOLDERS or (top in folders and word.endswith(('.c', '.h'))):
            yield word


def missing(root):
    """A program may go by the name of its source."""
    return [f'{name}: {path}' for name in documents(root) for path in paths_in(root, read(root, name))
            if not any(os.path.exists(os.path.join(root, base, path + end))
                       for base in ('', 'src') for end in ('', '.c'))]


def test_paths_that_documents_name_exist():
    assert missing(ROOT) == []


def test_a_path_that_is_gone_is_found(tmp_path):
    os.makedirs(tmp_path / 'src/core')
    readme = tmp_path / 'README.md'
    readme.write_text('See `core/gone.c`, `src/core` and `script/test --all`; not `/v1/x`, `api/<x>`.\n')
    assert missing(tmp_path) == ['README.md: core/gone.c', 'README.md: script/test']


def test_the_table_of_folders_is_that_of_the_tool():
    described = {}
    for row in re.findall(r'^\| (`.*)$', read(ROOT, 'ARCHITECTURE.md'), re.M):
        folders, allowed, _ = row.split('|', 2)
        for folder in QUOTED.findall(folders):
            described[folder] = set(QUOTED.findall(allowed))
    assert described == {folder: set(others) for folder, others in ALLOWED.items()}
    assert all(os.path.isdir(os.path.join(ROOT, 'src', folder)) for folder in described)


def test_directions_are_those_of_the_tool():
    """base <- a, b <- c: whoever may include stands to the right of what it includes."""
    line = re.search(r'`(base <- [^`]+)`', read(ROOT, 'ARCHITECTURE.md'))[1]
    rank = {name.strip(): number for number, group in enumerate(line.split('<-')) for name in group.split(',')}
    assert rank.keys() == ALLOWED.keys() | {'main'}
    assert [(folder, other) for folder, others in ALLOWED.items() for other in others
            if rank[other] >= rank[folder]] == []


CITED = re.compile(r"\b(\w+)\.md (\d+(?:\.\d+)*)\b")
HEADING = re.compile(r'^#+ (\d+(?:\.\d+)*)\.? ', re.M)


def sources(root):
    for folder in ('src', 'tests', 'sql', 'tools', 'docs', 'config', 'script'):
        for place, folders, names in os.walk(os.path.join(root, folder)):
            folders[:] = [name for name in folders if name not in ('node_modules', '__pycache__', 'corpus')]
            for name in names:
                with open(os.path.join(place, name), encoding='utf-8', errors='replace') as file:
                    yield os.path.relpath(os.path.join(place, name), root), file.read()


def unresolved(root):
    """Citations of sections (document, then number) that no heading of that document in docs has."""
    sections = {os.path.basename(name)[:-3]: set(HEADING.findall(read(root, name))) for name in documents(root)}
    return [f'{name}: {cited}.md {section}' for name, text in sources(root) for cited, section in CITED.findall(text)
            if section not in sections.get(cited, ())]


def test_sections_that_comments_cite_exist():
    assert unresolved(ROOT) == []


def test_a_section_that_is_not_there_is_found(tmp_path):
    os.makedirs(tmp_path / 'src')
    os.makedirs(tmp_path / 'docs/api')
    (tmp_path / 'docs/api/wire.md').write_text('# Wire\n\n## 1. One\n\n### 1.2 Two\n')
    cite = 'wire' + '.md'
    (tmp_path / 'src/a.c').write_text(f'/* {cite} 1, {cite} 1.2 and {cite} 1.3; other.{"md"} 4 */\n')
    assert unresolved(tmp_path) == [f'src/a.c: {cite} 1.3', f'src/a.c: other.{"md"} 4']
