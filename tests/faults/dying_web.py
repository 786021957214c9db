"""A web process that is killed when it is to ring the bell, right after its commit. For fault tests alone."""

import os
import signal

from config.wsgi import application
from grading.services import jobs

__all__ = ["application"]

jobs.ring = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]
