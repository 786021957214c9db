"""How gunicorn runs Greenroom beyond its command line: `gunicorn --config python:config.gunicorn …`."""

import os
import shutil
import tempfile
from typing import Any

from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

# No access log: each request has its line of ours, which has no address with a token in it.
logconfig_dict = settings.LOGGING

# Read by prometheus_client when it is first imported, which the web processes do after they are forked.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="greenroom-metrics-")


def on_exit(server: Any) -> None:  # noqa: ARG001 (gunicorn's signature)
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
