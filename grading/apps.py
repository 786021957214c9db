"""What grading does when it hears of a version that came in a file, is handed in, or is about to be published."""

from typing import Any

from django.apps import AppConfig


class GradingConfig(AppConfig):
    name = "grading"

    def ready(self) -> None:
        from questionbank.signals import handed_in, imported, publishing

        handed_in.connect(_try_exemplars, dispatch_uid="grading.try_exemplars")
        handed_in.connect(_lint, dispatch_uid="grading.lint")
        imported.connect(_try_imported, dispatch_uid="grading.try_imported")
        publishing.connect(_refuse_unchecked, dispatch_uid="grading.refuse_unchecked")


def _try_exemplars(version: Any, **_: Any) -> None:
    """Put the version on the bench, so that its verdict is there when a mentor has read it."""
    from grading.services.bench import request_check
    from people.clock import database_now

    request_check(version=version, now=database_now())


def _try_imported(versions: Any, **_: Any) -> None:
    """Put drafts that came in a file on the bench: whether their exemplars get the scores that the file expects."""
    from grading.services.bench import request_checks
    from people.clock import database_now

    request_checks(versions=versions, now=database_now())


def _lint(version: Any, **_: Any) -> None:
    """Have the version checked, so that whoever reviews it sees what the linter finds."""
    from grading.services.bench import request_lint
    from people.clock import database_now

    request_lint(version=version, now=database_now())


def _refuse_unchecked(version: Any, **_: Any) -> None:
    """Let nothing be published whose exemplars the grader does not tell apart."""
    from grading.services.bench import refuse_unchecked

    refuse_unchecked(version=version)
