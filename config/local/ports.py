"""Is a port free, and who has it?"""
# ruff: noqa: S603 (lsof with a number)

import shutil
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from .console import Problem


def must_be_free(host: str, port: int) -> None:
    """Say who has the port, if that can be known, and which other one is free."""
    if _is_free(host, port):
        return
    owner = _owner(port)
    raise Problem(
        f"Port {port} is taken" + (f" by {owner}." if owner else "."),
        f"Start Greenroom on another one: script/server --port {_next_free(host, port)}",
    )


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As gunicorn does: what a server that just ended left behind is no hindrance.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise Problem(f"Only root may listen on port {port}.", "Take one above 1023.") from None
        except socket.gaierror:
            raise Problem(f"'{host}' is no address of this machine.") from None
        except OSError:
            return False
        return True


def _next_free(host: str, port: int) -> int:
    return next((other for other in range(port + 1, 65536) if _is_free(host, other)), port)


def _owner(port: int) -> str:
    return _owner_by_proc(port) if sys.platform == "linux" else _owner_by_lsof(port)


def _owner_by_proc(port: int) -> str:
    """Linux names a listening socket by its inode, and each process's open files too."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                    inodes.add(f"socket:[{fields[9]}]")
    for file in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):  # a process may end meanwhile, or be somebody else's
            if str(file.readlink()) in inodes:
                pid = file.parts[2]
                command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()
                return f"process {pid} ({command[:80]})"
    return ""


def _owner_by_lsof(port: int) -> str:
    lsof = shutil.which("lsof")
    if lsof is None:
        return ""
    argv = [lsof, "-nP", "-t", f"-iTCP:{port}", "-sTCP:LISTEN"]
    shown = subprocess.run(argv, capture_output=True, text=True, check=False)
    return f"process {shown.stdout.split()[0]}" if shown.stdout.strip() else ""
