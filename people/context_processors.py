"""What every template knows about the person it is shown to."""

from django.http import HttpRequest

from people.models import Membership, Role


def roles(request: HttpRequest) -> dict[str, bool]:
    """Say which parts of the navigation the person has: is_mentor, is_cohort_admin. One query."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"is_mentor": False, "is_cohort_admin": False}
    if user.is_superuser:
        return {"is_mentor": True, "is_cohort_admin": True}
    held = set(Membership.objects.filter(user=user).values_list("role", flat=True))
    return {"is_mentor": Role.MENTOR in held, "is_cohort_admin": Role.ADMIN in held}
