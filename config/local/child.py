"""Becomes one of a state folder's programs: `python -P child.py NAME`.

It reads the command from run/NAME.json, writes down which process it is, sees to it that the program ends
with its parent, and then turns into the program by exec. Run as a file, by itself: importing the package
`config` would load Celery for each of them.
"""
# ruff: noqa: S603, S606 (starting the programs that this folder names is what it is for)

import ctypes
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

NOBODY = 65534  # the user and group ids of nobody, on every Linux

PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522
CLONE_NEWUSER = 0x10000000


def become(state: Path, name: str) -> None:
    """Turn into the program. Returns only by an exception."""
    program = json.loads((state / "run" / f"{name}.json").read_text())
    for lock in program["locks"]:
        remove_if_recycled(Path(lock), state, name)
    record(state, name)
    os.environ.update(program["env"])
    if program["unroot"]:
        stop_being_root(Path(program["unroot"]))
    if sys.platform == "linux" and program["ends_with_parent"]:
        _prctl(PR_SET_PDEATHSIG, signal.Signals[program["stop_signal"]])
    os.execvp(program["argv"][0], program["argv"])


# --- Which process is it? -----------------------------------------------------------------------------------


def identity(pid: int) -> str | None:
    """What tells this process from an earlier or later one with the same number; None if there is none."""
    if sys.platform == "linux":
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return None if fields[0] == "Z" else f"{boot} {fields[19]}"  # its start, in ticks since the boot
    argv = ["ps", "-o", "lstart=", "-p", str(pid)]
    shown = subprocess.run(argv, capture_output=True, text=True, check=False)
    return shown.stdout.strip() or None


def record_path(state: Path, name: str) -> Path:
    return state / "run" / f"{name}.process"


def record(state: Path, name: str) -> None:
    """Write down that this process is the one called name."""
    path = record_path(state, name)
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps({"pid": os.getpid(), "identity": identity(os.getpid())}))
    unfinished.replace(path)


def recorded(state: Path, name: str) -> tuple[int, str] | None:
    """The process last written down under name, alive or not."""
    try:
        written: dict[str, Any] = json.loads(record_path(state, name).read_text())
    except (FileNotFoundError, ValueError):
        return None
    return written["pid"], written["identity"]


def remove_if_recycled(lock: Path, state: Path, name: str) -> None:
    """Remove a lock file of a program that is gone while its process number now belongs to somebody else.

    PostgreSQL takes any living process with that number for itself and refuses to start; after a restart of a
    machine or a container that is no rare thing.
    """
    with suppress(FileNotFoundError, ValueError):
        pid = int(lock.read_text().split()[0])
        last = recorded(state, name)
        now = identity(pid)
        if last is not None and last[0] == pid and now is not None and now != last[1]:
            lock.unlink()


# --- PostgreSQL refuses to run as root ----------------------------------------------------------------------


def stop_being_root(data: Path) -> None:
    """Be somebody whom PostgreSQL doesn't take for root, who owns the folder data and can read the rest."""
    if _can_make_namespace():
        _give(data, 0)
        _enter_namespace()
    else:
        _give(data, NOBODY)
        _become_nobody()


def _can_make_namespace() -> bool:
    """Try it in a child: there is no way back out."""
    child = os.fork()
    if child == 0:
        try:
            _enter_namespace()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def _enter_namespace() -> None:
    """Call root nobody, in a user namespace: to everybody outside, files and process stay root's."""
    if _libc().unshare(CLONE_NEWUSER) != 0:
        raise _last_error("unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} 0 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} 0 1")


def _become_nobody() -> None:
    """Be nobody in earnest, but keep root's way into every folder: the project's may be root's alone."""
    _prctl(PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    kept = 1 << CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(kept, kept, kept)  # effective, permitted, inheritable
    if _libc().capset(header, sets) != 0:
        raise _last_error("capset")
    _prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)


def _give(folder: Path, owner: int) -> None:
    if folder.stat().st_uid == owner:
        return
    for path in [*folder.rglob("*"), folder]:  # the folder last: an interrupted change is begun again
        os.lchown(path, owner, owner)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, *arguments: int) -> None:
    if _libc().prctl(option, *(ctypes.c_ulong(argument) for argument in arguments)) != 0:
        raise _last_error("prctl")


def _last_error(call: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"{call}: {os.strerror(number)}")


if __name__ == "__main__":
    become(Path(os.environ["GREENROOM_STATE"]), sys.argv[1])
