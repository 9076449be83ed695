"""Usage: embed_sql.py SQL_FOLDER OUTPUT_C DEPFILE

Writes the migrations SQL_FOLDER/NNNN_name.sql as the array db_migrations of src/db/db_private.h. They count up from
0001 without a gap: the number is the schema's version, and a file that was released is never edited or removed.
"""

import re
import sys
from pathlib import Path

ESCAPES = {ord("\\"): "\\\\", ord('"'): '\\"', ord("\t"): "\\t", ord("?"): "\\?"}


def c_string(text):
    lines = [f'\t\t"{line.translate(ESCAPES)}\\n"' for line in text.splitlines()]
    return "\n".join(lines) or '\t\t""'


def migrations(folder):
    for number, path in enumerate(sorted(folder.glob("*.sql")), start=1):
        match = re.fullmatch(r"(\d{4})_([a-z0-9_]+)", path.stem)
        if not match or int(match[1]) != number:
            sys.exit(f"{path}: expected {number:04}_name.sql")
        yield number, match[2], path


def main():
    folder, output, depfile = (Path(argument) for argument in sys.argv[1:])
    rows, inputs = [], [folder]
    for number, name, path in migrations(folder):
        rows.append(f'\t{{ {number}, "{name}",\n{c_string(path.read_text(encoding="utf-8"))} }},\n')
        inputs.append(path)
    output.write_text(
        '#include "db/db_private.h"\n\nconst struct db_migration db_migrations[] = {\n'
        + "".join(rows)
        + "\t{ 0, NULL, NULL },\n};\n",
        encoding="utf-8",
    )
    depfile.write_text(f"{output}: " + " ".join(str(i).replace(" ", "\\ ") for i in inputs) + "\n")


main()
