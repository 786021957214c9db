"""The world that the tests of this folder walk through."""

import pytest

from people.models import Cohort, Role, User
from tests.factories import MembershipFactory, UserFactory
from tests.security.world import ROLES, World, make_world


@pytest.fixture
def other_admin(other_cohort: Cohort) -> User:
    user = UserFactory(name="Other Admin", email="other.admin@example.com")
    MembershipFactory(cohort=other_cohort, user=user, role=Role.ADMIN)
    return user


@pytest.fixture
def world(request: pytest.FixtureRequest, cohort: Cohort, without_the_bench: None) -> World:
    people = {role: None if role == "anonymous" else request.getfixturevalue(role) for role in ROLES}
    return make_world(people, cohort)
