"""supervisord itself, able to go on where nothing can be written.

What it cannot log it reports to its error output; where that fails too, it ends. On a full disk both fail, and every
program that it looks after ended with it.
"""

import sys
from contextlib import suppress
from typing import TextIO

from supervisor.supervisord import main  # type: ignore[import-untyped]


class Forgiving:
    """An output that loses what it cannot write."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
            self._stream.flush()
        return len(text)

    def flush(self) -> None:
        """Nothing is left to be written."""

    def fileno(self) -> int:
        return self._stream.fileno()


if __name__ == "__main__":
    sys.stderr = Forgiving(sys.stderr)  # type: ignore[assignment]
    main()
