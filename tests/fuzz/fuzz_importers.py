"""Throws bytes at the readers of uploaded files, guided by what they make the readers do (atheris, libFuzzer).

Not a test: atheris is no dependency of Greenroom, and its runs take minutes. docs/operations.md says how to run it
and what came of it.

    python tests/fuzz/fuzz_importers.py csv -runs=200000
    python tests/fuzz/fuzz_importers.py moodle -runs=200000 -max_total_time=60

The first argument is a reader of READERS, all others are libFuzzer's. It stops at the first bytes for which a reader
raises, takes more than ten seconds, or more than 2 GB; they are left in a file, which can be given in place of
-runs to see it again.
"""

import io
import os
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import atheris

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

with atheris.instrument_imports(include=["questionbank.formats", "tables"], enable_loader_override=False):
    import django

    django.setup()
    from questionbank.formats.common import Reading
    from questionbank.formats.registry import FORMATS
    from tables import formats as tables
    from tables.text import Unreadable
    from tests.questionbank.formats.test_any_bytes import WHOLE

SHEET = "xl/worksheets/sheet1.xml"


def read_questions(name: str) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        assert isinstance(FORMATS[name].read(data), Reading)

    return read


def read_table(data: bytes) -> None:
    try:
        list(tables.read(data).rows)
    except Unreadable:
        return


def read_sheet(data: bytes) -> None:
    """Read data as the first sheet of a workbook that is whole otherwise: its bytes alone hardly get past the ZIP."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WHOLE["xlsx"])) as whole, zipfile.ZipFile(packed, "w") as made:
        for part in whole.namelist():
            made.writestr(part, data if part == SHEET else whole.read(part))
    read_questions("xlsx")(packed.getvalue())


def seeds(name: str) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(WHOLE["xlsx"])) as whole:
        sheet = whole.read(SHEET)
    return {"table": [WHOLE["csv"], WHOLE["xlsx"]], "sheet": [sheet]}.get(name) or [WHOLE[name]]


READERS = {**{name: read_questions(name) for name in FORMATS}, "table": read_table, "sheet": read_sheet}


def main() -> None:
    """Fuzz the reader that the first argument names."""
    program, name, *options = sys.argv
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds(name)):
            (Path(corpus) / str(number)).write_bytes(seed)
        atheris.Setup([program, *options, "-timeout=10", "-seed=1", "-max_len=4096", corpus], READERS[name])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
