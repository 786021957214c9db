"""The folder where everything of one Greenroom lies: data, logs, sockets. Each port has its own."""

import os
import re
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from .console import Problem
from .urls import database_url, redis_url, sockets_folder

ROOT = Path(__file__).resolve().parents[2]


def home() -> Path:
    """The folder of all state folders: `.local` in the project, or what GREENROOM_HOME names."""
    return Path(os.environ.get("GREENROOM_HOME") or ROOT / ".local").absolute()


@dataclass(frozen=True)
class State:
    """One state folder. Removing it removes that Greenroom's data and nothing else."""

    folder: Path

    @classmethod
    def named(cls, name: str) -> "State":
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
            raise Problem(f"'{name}' is no name for a state folder: use letters, digits, '.', '_' and '-'.")
        return cls(home() / name)

    @property
    def durable(self) -> bool:
        """Tests throw their data away, so theirs need not survive a power cut."""
        return self.folder.name != "test"

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    @property
    def valkey(self) -> Path:
        return self.folder / "valkey"

    @property
    def run(self) -> Path:
        return self.folder / "run"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def sockets(self) -> Path:
        return sockets_folder(self.folder)

    @property
    def start_log(self) -> Path:
        return self.logs / "start.log"

    def make(self) -> None:
        """Make what is missing, for nobody else to read."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.folder.stat().st_uid != os.getuid():
            raise Problem(
                f"{self.folder} belongs to another user.",
                "Start as that user, or name a folder of your own: GREENROOM_HOME=FOLDER script/server",
            )
        self.folder.chmod(0o700)
        for folder in (self.valkey, self.run, self.logs):
            folder.mkdir(mode=0o700, exist_ok=True)

    def make_sockets_folder(self) -> None:
        """Make it unless it is there. Among temporary files, somebody else may have made it first."""
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        found = self.sockets.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            advice = "Remove it, or set TMPDIR to another place."
            raise Problem(f"{self.sockets} is not a private folder of yours.", advice)

    def remove_sockets_folder(self) -> None:
        """Leave nothing among temporary files."""
        if self.sockets != self.run:
            shutil.rmtree(self.sockets, ignore_errors=True)

    def environment(self) -> dict[str, str]:
        """What a command needs in order to find this Greenroom's servers."""
        return {
            "GREENROOM_STATE": str(self.folder),
            "DATABASE_URL": database_url(self.folder),
            "REDIS_URL": redis_url(self.folder),
        }


def external_servers() -> dict[str, str]:
    """The servers that the environment names, instead of the embedded ones; empty if it names none."""
    named = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
    if len(named) == 1:
        missing = ({"DATABASE_URL", "REDIS_URL"} - named.keys()).pop()
        raise Problem(
            f"{next(iter(named))} is set, but {missing} is not.",
            "Set both to use servers of your own, or neither for the ones that come with Greenroom.",
        )
    return named
