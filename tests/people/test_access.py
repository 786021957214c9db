"""Fetch-and-authorise helpers, role guards, and what the navigation shows."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from people.access import (
    admin_required,
    get_administered_cohort,
    get_led_cohort,
    holds_role,
    is_mentor,
    leader_required,
    mentor_required,
)
from people.context_processors import roles
from people.models import Cohort, Role, User
from tests.factories import CohortFactory, MembershipFactory

Who = Callable[[str], User]


@pytest.fixture
def who(request: pytest.FixtureRequest, cohort: Cohort, other_cohort: Cohort) -> Who:
    """Return a persona by name. `split` is admin of other_cohort and a candidate of cohort."""

    def persona(name: str) -> User:
        if name != "split":
            user: User = request.getfixturevalue(name)
            return user
        split: User = MembershipFactory(cohort=cohort, user__name="Split").user
        MembershipFactory(cohort=other_cohort, user=split, role=Role.ADMIN)
        return split

    return persona


def page(request: HttpRequest, word: str = "inside") -> HttpResponse:
    """The view that is guarded."""
    return HttpResponse(f"{word} {request.path}")


def request_of(user: User | AnonymousUser) -> HttpRequest:
    request = RequestFactory().get("/somewhere/")
    request.user = user
    return request


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("candidate", {Role.CANDIDATE}),
        ("mentor", {Role.MENTOR}),
        ("admin", {Role.ADMIN}),
        ("split", {Role.CANDIDATE, Role.ADMIN}),
        ("stranger", set()),
        ("site_admin", {Role.CANDIDATE, Role.MENTOR, Role.ADMIN}),
    ],
)
def test_holds_role_looks_in_every_cohort(who: Who, name: str, held: set[Role]) -> None:
    user = who(name)

    assert {role for role in Role if holds_role(user, role)} == held
    assert is_mentor(user) == (Role.MENTOR in held)


def test_holds_role_takes_several_roles_as_alternatives(admin: User) -> None:
    assert holds_role(admin, Role.MENTOR, Role.ADMIN)
    assert not holds_role(admin, Role.MENTOR, Role.CANDIDATE)


@pytest.mark.parametrize(
    ("name", "open_to"),
    [
        ("candidate", set()),
        ("outsider", set()),
        ("stranger", set()),
        ("mentor", {"mentor", "leader"}),
        ("other_mentor", {"mentor", "leader"}),
        ("admin", {"admin", "leader"}),
        ("split", {"admin", "leader"}),
        ("site_admin", {"mentor", "admin", "leader"}),
    ],
)
def test_guards_open_a_view_to_people_with_its_role(who: Who, name: str, open_to: set[str]) -> None:
    guards = {"mentor": mentor_required, "admin": admin_required, "leader": leader_required}
    user = who(name)

    opened = set()
    for guard_name, guard in guards.items():
        try:
            response = guard(page)(request_of(user), word="through")
        except PermissionDenied:
            continue
        assert response.content == b"through /somewhere/"  # type: ignore[attr-defined]
        opened.add(guard_name)

    assert opened == open_to


@pytest.mark.parametrize(
    ("guard", "words"),
    [
        (mentor_required, "This page is for people who are mentor of a cohort."),
        (admin_required, "This page is for people who are admin of a cohort."),
        (leader_required, "This page is for people who are mentor or admin of a cohort."),
    ],
)
def test_guards_say_whom_a_page_is_for(candidate: User, guard: Callable[..., Any], words: str) -> None:
    with pytest.raises(PermissionDenied) as refused:
        guard(page)(request_of(candidate))

    assert str(refused.value) == words


def test_guards_ask_people_to_log_in_and_bring_them_back() -> None:
    response = mentor_required(page)(request_of(AnonymousUser()))

    assert (response.status_code, response["Location"]) == (302, f"{reverse('account_login')}?next=/somewhere/")


@pytest.mark.parametrize(
    ("name", "open_to"),
    [
        ("candidate", set()),
        ("outsider", set()),
        ("other_mentor", set()),
        ("stranger", set()),
        ("split", set()),
        ("mentor", {get_led_cohort}),
        ("admin", {get_led_cohort, get_administered_cohort}),
        ("site_admin", {get_led_cohort, get_administered_cohort}),
    ],
)
def test_a_cohort_is_found_by_those_who_lead_it(
    who: Who, cohort: Cohort, name: str, open_to: set[Callable[..., Cohort]]
) -> None:
    user = who(name)

    for fetch in (get_led_cohort, get_administered_cohort):
        if fetch in open_to:
            assert fetch(user, cohort.pk) == cohort
        else:
            with pytest.raises(Http404):
                fetch(user, cohort.pk)


def test_a_cohort_that_does_not_exist_is_not_found_either(site_admin: User) -> None:
    gone = CohortFactory()
    pk = gone.pk
    gone.delete()

    with pytest.raises(Http404):
        get_led_cohort(site_admin, pk)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("candidate", {"is_mentor": False, "is_cohort_admin": False}),
        ("stranger", {"is_mentor": False, "is_cohort_admin": False}),
        ("mentor", {"is_mentor": True, "is_cohort_admin": False}),
        ("admin", {"is_mentor": False, "is_cohort_admin": True}),
        ("split", {"is_mentor": False, "is_cohort_admin": True}),
        ("site_admin", {"is_mentor": True, "is_cohort_admin": True}),
    ],
)
def test_the_navigation_shows_what_a_person_may_open(who: Who, name: str, shown: dict[str, bool]) -> None:
    assert roles(request_of(who(name))) == shown


def test_the_navigation_of_somebody_unknown_is_the_shortest() -> None:
    assert roles(request_of(AnonymousUser())) == {"is_mentor": False, "is_cohort_admin": False}
    assert roles(RequestFactory().get("/")) == {"is_mentor": False, "is_cohort_admin": False}


def test_the_navigation_costs_one_query_for_any_number_of_cohorts(
    mentor: User, django_assert_num_queries: Callable[[int], object]
) -> None:
    for _ in range(3):
        MembershipFactory(user=mentor, role=Role.ADMIN)

    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        assert roles(request_of(mentor)) == {"is_mentor": True, "is_cohort_admin": True}
