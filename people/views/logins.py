"""One's own sessions. The list of them is allauth's page; it ends all others at once."""

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from people import access
from people.requests import LoggedInRequest
from people.services import logins


@access.account_required
@require_POST
def end_session(request: LoggedInRequest, pk: int) -> HttpResponse:
    """End a session in another browser: in this one that is logging out."""
    others = UserSession.objects.filter(user=request.user).exclude(session_key=request.session.session_key)
    logins.end_session(user=request.user, session=get_object_or_404(others, pk=pk))
    messages.success(request, "That session has ended.")
    return redirect("usersessions_list")
