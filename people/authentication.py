"""How programs say who they are."""

from django.http import HttpRequest
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication as KnoxAuthentication
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied

from people.models import User
from people.second_step import lacks_second_step

SET_IT_UP = "Mentors and admins need a second step to log in. Set one up first: Profile, Second step."


class TokenAuthentication(KnoxAuthentication):
    """knox's. The token of somebody who must have a second step, and has none, opens nothing."""

    def authenticate(self, request: HttpRequest) -> tuple[User, AuthToken] | None:
        found = super().authenticate(request)
        if found and lacks_second_step(found[0]):
            raise PermissionDenied(SET_IT_UP, code="second_step_missing")
        return found

    def authenticate_credentials(self, token: bytes) -> tuple[User, AuthToken]:
        if not token.isalnum():  # knox's are hexadecimal; bytes that are no text would be a failure of ours
            raise AuthenticationFailed("Invalid token.")
        return super().authenticate_credentials(token)


class TokenScheme(KnoxTokenScheme):
    """How the OpenAPI schema describes it: as knox's."""

    target_class = "people.authentication.TokenAuthentication"
