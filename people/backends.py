"""Who a session or a login belongs to."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from people.models import User


class AccountBackend(AuthenticationBackend):
    """allauth's. It fetches with the person what every page says of them: whether they are to be erased."""

    def get_user(self, user_id: Any) -> User | None:
        user = User.objects.select_related("erasure").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
