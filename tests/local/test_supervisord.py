"""supervisord where nothing can be written: /dev/full is a disk without room."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from config.local.state import ROOT

CONFIGURATION = """
[supervisord]
nodaemon=true
silent=true
logfile=/dev/full
logfile_maxbytes=0
pidfile={folder}/pid

[program:talker]
command=sh -c 'for n in 1 2 3 4 5; do echo loud; sleep 0.2; done; touch {folder}/done; exec sleep 600'
stdout_logfile=/dev/full
stdout_logfile_maxbytes=0
redirect_stderr=true
"""


def test_it_goes_on_and_so_does_what_it_looks_after(tmp_path: Path) -> None:
    configuration = tmp_path / "supervisord.conf"
    configuration.write_text(CONFIGURATION.format(folder=tmp_path))
    argv = [sys.executable, "-P", str(ROOT / "config/local/supervisord.py"), "--configuration", str(configuration)]

    with Path("/dev/full").open("w") as nowhere, subprocess.Popen(argv, stderr=nowhere) as running:
        try:
            # A program that nobody listens to any more would end with its next word.
            while not (tmp_path / "done").exists() and running.poll() is None:
                with suppress(subprocess.TimeoutExpired):
                    running.wait(timeout=0.1)

            assert running.poll() is None
        finally:
            running.terminate()
