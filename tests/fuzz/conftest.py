"""The world of tests/security, through which programs go here."""

from tests.security.conftest import other_admin, world

__all__ = ["other_admin", "world"]
