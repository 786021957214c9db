"""The second step of a login, beside the password: who must have one, and how its secrets are kept."""

import base64
from collections.abc import Iterator

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Exists, OuterRef
from django.utils.crypto import salted_hmac

from people.models import Membership, Role, User

STEPS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
"""What counts as a second step. Recovery codes only stand in for one."""


class SecondStepAdapter(DefaultMFAAdapter):
    """Seals the seeds of authenticator apps and recovery codes, so that a stolen copy of the database holds none."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "That is not right. Codes change every half minute, and each works once.",
        "unverified_email": "Confirm your email address first: Profile, Change the address.",
    }

    def encrypt(self, text: str) -> str:
        return _seal().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _seal().decrypt(encrypted_text.encode()).decode()

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: A002 (allauth's signature)
        """Return what a new passkey is called until its owner says otherwise."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Passkey {count + 1}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Greenroom"}


def _seal() -> MultiFernet:
    """Return what seals and opens: by SECRET_KEY, or to open also by a key that came before it."""
    return MultiFernet([Fernet(key) for key in _keys()])


def _keys() -> Iterator[bytes]:
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        digest = salted_hmac("people.second_step", "seal", secret=secret, algorithm="sha256").digest()
        yield base64.urlsafe_b64encode(digest)


def lacks_second_step(user: User) -> bool:
    """Say whether user must set up a second step before anything else: leads somebody, and has none. One query."""
    if not settings.REQUIRE_MFA_FOR_LEADERS:
        return False
    theirs = {"user": OuterRef("pk")}
    found = User.objects.filter(pk=user.pk).annotate(
        leads=Exists(Membership.objects.filter(role__in=Role.leading(), **theirs)),
        has_step=Exists(Authenticator.objects.filter(type__in=STEPS, **theirs)),
    )
    is_site_admin, leads, has_step = found.values_list("is_superuser", "leads", "has_step").get()
    return (is_site_admin or leads) and not has_step
