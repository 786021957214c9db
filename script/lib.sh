# shellcheck shell=bash
# What the scripts share. Written for bash 3.2, the one macOS ships.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
VENV=$ROOT/.venv
export ROOT VENV
unset PYTHONDONTWRITEBYTECODE # without their bytecode kept, Django and torch take seconds longer at every start

fail() {
  printf '\n✗ %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

# The lock belongs to file descriptor 9, which this shell shares with the short-lived Python that takes it. It ends
# with the last process that has the descriptor, however that ends: no stale lock is ever left behind.
take_lock() { # $1: a Python; $2: the script
  exec 9>"$ROOT/.local/$2.lock"
  "$1" - "$2" <<'PY'
import fcntl, sys
try:
    fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print(f"Another script/{sys.argv[1]} is at work here: waiting for it …", flush=True)
    fcntl.flock(9, fcntl.LOCK_EX)
PY
}
