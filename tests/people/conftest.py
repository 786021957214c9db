"""Mail servers that do not work."""

import socket
from collections.abc import Iterator

import pytest
from django.conf import LazySettings


@pytest.fixture
def mail_server_down(settings: LazySettings) -> None:
    """A mail server's address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as once:
        port = once.getsockname()[1]
    _send_to(settings, port)


@pytest.fixture
def mail_server_silent(settings: LazySettings) -> Iterator[None]:
    """A mail server that takes the connection and never says a word. Only a time limit ends the wait for it."""
    settings.EMAIL_TIMEOUT = settings.EMAIL_TIMEOUT / 20
    with socket.create_server(("127.0.0.1", 0)) as server:
        _send_to(settings, server.getsockname()[1])
        yield


def _send_to(settings: LazySettings, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
