"""The example interview that everybody may look at."""

from interview.models import Interview

# .invalid is reserved: no mail reaches it, and nobody can prove that it is theirs.
EXAMPLE_EMAIL = "example@greenroom.invalid"


def example_interview() -> Interview | None:
    """Return the finished example, None where none is loaded."""
    of_example = Interview.objects.filter(candidate__email=EXAMPLE_EMAIL, candidate__is_active=False)
    return of_example.exclude(finished_at=None).select_related("track").first()
