import os
import shutil
import subprocess
from pathlib import Path

import pytest

from config.local.state import ROOT


def run_setup(root: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = ["bash", str(root / "script" / "setup"), *arguments]
    env = {**os.environ, **environment}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What script/setup needs of a clone, in a folder with a space in its name."""
    root = tmp_path / "a clone"
    shutil.copytree(ROOT / "script", root / "script")
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def test_a_second_setup_does_nothing_and_says_nothing() -> None:
    done = run_setup(ROOT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_unknown_option_is_refused() -> None:
    done = run_setup(ROOT, "--everything")
    assert done.returncode == 1
    assert "script/setup knows only --dev, not '--everything'." in done.stderr


def test_without_a_fitting_python_it_says_what_to_install(clone: Path) -> None:
    done = run_setup(clone, PYTHON="no-such-python")
    assert done.returncode == 1
    assert "Greenroom needs Python 3.11" in done.stderr
    assert not (clone / ".venv").exists()


def test_without_room_on_the_disk_it_says_how_much_is_needed(clone: Path) -> None:
    df = clone / "bin" / "df"
    df.parent.mkdir()
    df.write_text("#!/bin/sh\necho header\necho /dev/disk 9000000 8900000 100000 99% /\n")
    df.chmod(0o755)
    done = run_setup(clone, PATH=f"{df.parent}:{os.environ['PATH']}")
    assert done.returncode == 1
    assert "needs about 3 GB" in done.stderr
    assert "only 100 MB are free" in done.stderr
    assert not (clone / ".venv").exists()


def test_a_failing_step_is_named_and_its_last_words_shown(clone: Path) -> None:
    (clone / "nothing").mkdir()
    nowhere = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(clone / "nothing")}
    done = run_setup(clone, **nowhere)
    assert done.returncode == 1
    assert "Setting up stopped at: uv" in done.stderr
    assert "No matching distribution found for uv" in done.stderr
    assert "Traceback" not in done.stderr
