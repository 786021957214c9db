"""The web process: `gunicorn config.wsgi:application`. It never loads the sentence model."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

application = get_wsgi_application()
