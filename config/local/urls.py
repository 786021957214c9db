"""Where the embedded servers of a state folder answer. Pure: nothing is made, nothing needs to run."""

import hashlib
import os
import tempfile
from pathlib import Path
from urllib.parse import quote

DATABASE = "greenroom"
DATABASE_USER = "postgres"
DATABASE_PORT = 5432  # part of the socket's name

# A socket's path may have 103 bytes on macOS, 107 on Linux. The longest name in the folder is the one that
# supervisord binds first, "supervisor.sock.1234567".
LONGEST_FOLDER = 78


def sockets_folder(state: Path) -> Path:
    """`run` in the state folder; where that is too long for a socket, a temporary folder."""
    folder = state.absolute() / "run"
    if len(os.fsencode(folder)) <= LONGEST_FOLDER:
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"greenroom-{os.getuid()}-{digest}"


def database_url(state: Path) -> str:
    """In libpq's own form, which psql takes too: a socket's folder can only be named as ?host=."""
    folder = quote(str(sockets_folder(state)), safe="")
    return f"postgres://{DATABASE_USER}@/{DATABASE}?host={folder}&port={DATABASE_PORT}"


def valkey_socket(state: Path) -> Path:
    """Return the path of Valkey's socket."""
    return sockets_folder(state) / "valkey.sock"


def redis_url(state: Path) -> str:
    """In redis-py's form; config.redis_urls says it in Celery's."""
    return f"unix://{quote(str(valkey_socket(state)))}"
