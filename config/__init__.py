"""The composition root: settings, addresses, Celery and the local servers. It imports anything; no app imports it."""

from .celery import app as celery_app

__all__ = ["celery_app"]
