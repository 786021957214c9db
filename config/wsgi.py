"""The web process: `gunicorn config.wsgi:application`. It never loads the sentence model."""

import os
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")


class Utf8Request(WSGIRequest):
    """Reads its address and form as UTF-8, whatever it calls them itself; config.middleware refuses what is not.

    Python has codecs that are none of text: over "zlib" Django would fail here, before any code of ours runs.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))


application = get_wsgi_application()
application.request_class = Utf8Request
