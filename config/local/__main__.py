"""The command line: `python -m config.local serve | run | status`."""

import argparse
import signal
import sys

from .console import Problem, show
from .run import run, show_status
from .serve import serve
from .state import State

DEFAULT_PORT = 8000


def main() -> int:
    """Do what the command line says; return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without UTF-8 shows "?"
    arguments = _parser().parse_args()
    try:
        return _do(arguments)
    except Problem as problem:
        show(problem)
        return 1
    except OSError as error:  # no room, no permission
        show(Problem(f"{error.strerror}: {error.filename}" if error.filename else str(error)))
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _do(arguments: argparse.Namespace) -> int:
    if arguments.what == "serve":
        serve(arguments.host, arguments.port)
        return 0
    state = State.named(arguments.state)
    if arguments.what == "status":
        show_status(state)
        return 0
    return run(state, arguments.command)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="config.local", description=__doc__)
    commands = parser.add_subparsers(dest="what", required=True)

    serving = commands.add_parser("serve", prog="script/server", description="Serve Greenroom here.")
    serving.add_argument("--port", type=_port, default=DEFAULT_PORT, help="default 8000; each has its own data")
    serving.add_argument("--host", default="127.0.0.1", help="the address to listen on (default 127.0.0.1)")

    state = argparse.ArgumentParser(add_help=False)
    state.add_argument("--state", default=str(DEFAULT_PORT), help="the state folder: a port, or 'test'")

    running = commands.add_parser("run", parents=[state], help="run a command beside the two servers")
    running.add_argument("command", nargs="+", help="after --")
    commands.add_parser("status", parents=[state], help="what runs, as JSON")
    return parser


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
