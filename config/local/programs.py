"""A program as child.py reads it, from a file: no path passes through a shell or a configuration."""
# ruff: noqa: S603 (programs that this package names)

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .state import ROOT, State


@dataclass(frozen=True)
class Program:
    """A command and how to run it."""

    argv: list[str]
    env: dict[str, str] = field(default_factory=dict)
    stop_signal: str = "SIGTERM"  # the same as in supervisord.conf
    ends_with_parent: bool = True  # on Linux; elsewhere the next start clears it away
    unroot: str = ""  # the data folder of a program that refuses to run as root
    locks: list[str] = field(default_factory=list)  # lock files that hold a process number

    def write(self, state: State, name: str) -> None:
        """Have child.py find it under this name."""
        path = state.run / f"{name}.json"
        unfinished = path.with_suffix(".json.new")
        unfinished.write_text(json.dumps(asdict(self)))
        unfinished.replace(path)


def child_argv(name: str) -> list[str]:
    """The command that becomes the program called name."""
    return [sys.executable, "-P", str(Path(__file__).with_name("child.py")), name]


def environment(state: State) -> dict[str, str]:
    """For supervisord and all that it starts: its python is ours, and every path comes from here."""
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "GREENROOM_STATE": str(state.folder),
        "GREENROOM_SOCKETS": str(state.sockets),
    }


def run_once(state: State, name: str, program: Program) -> int:
    """Run the program to its end, its output in start.log; return its exit code."""
    program.write(state, name)
    with state.start_log.open("a") as log:
        argv = child_argv(name)
        done = subprocess.run(argv, cwd=ROOT, env=environment(state), stdout=log, stderr=log, check=False)
    return done.returncode
