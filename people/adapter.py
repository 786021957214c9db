"""Greenroom's word in allauth's matters."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Keeps the sign-up form's name and refuses nothing else of what allauth does."""

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 (allauth's signature)
        user.name = form.cleaned_data.get("name", "")
        return super().save_user(request, user, form, commit=commit)
