"""Requests of people who are logged in, for type checkers: behind a login, user is a User."""

from django.http import HttpRequest
from rest_framework.request import Request

from people.models import User


class LoggedInRequest(HttpRequest):
    """A page's request behind login_required."""

    user: User


class LoggedInApiRequest(Request):
    """An API request behind IsAuthenticated."""

    user: User
