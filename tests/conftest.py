"""Fixtures for every test: the personas, a question bank in small, and the real servers beneath.

The personas have fixed meanings. cohort: `candidate` is its candidate, `mentor` its mentor, `admin` its admin.
`peer` is another candidate of it. other_cohort: `outsider` is a candidate, `other_mentor` a mentor of it, and
none of them may see anything of the first. `site_admin` sees everything; `stranger` belongs to no cohort.
"""

from collections.abc import Iterator

import pytest
from django.test import Client
from xdist.remote import Producer

from people.models import Cohort, Role, User
from questionbank.models import QuestionVersion, Track
from questionbank.signals import publishing
from tests.factories import CohortFactory, MembershipFactory, UserFactory, make_track, publish_question
from tests.product import Product, running_product
from tests.scheduling import ProductScheduling


@pytest.hookimpl(tryfirst=True)  # before pytest-django looks which tests need the test database, and orders them
def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """The database is part of nearly everything here. Tests of the whole product have the product's own."""
    for item in items:
        if "product" not in item.fixturenames and item.get_closest_marker("django_db") is None:
            item.add_marker("django_db")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ProductScheduling:
    return ProductScheduling(config, log)


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The whole product as its own processes, started once for all tests that ask for it."""
    with running_product(tmp_path_factory.mktemp("product")) as running:
        yield running


@pytest.fixture
def cohort() -> Cohort:
    return CohortFactory(name="Autumn")


@pytest.fixture
def other_cohort() -> Cohort:
    return CohortFactory(name="Elsewhere")


def _member(cohort: Cohort, role: Role, name: str) -> User:
    user = UserFactory(name=name, email=f"{name.lower().replace(' ', '.')}@example.com")
    MembershipFactory(cohort=cohort, user=user, role=role)
    return user


@pytest.fixture
def candidate(cohort: Cohort) -> User:
    return _member(cohort, Role.CANDIDATE, "Candidate")


@pytest.fixture
def peer(cohort: Cohort) -> User:
    return _member(cohort, Role.CANDIDATE, "Peer")


@pytest.fixture
def mentor(cohort: Cohort) -> User:
    return _member(cohort, Role.MENTOR, "Mentor")


@pytest.fixture
def admin(cohort: Cohort) -> User:
    return _member(cohort, Role.ADMIN, "Admin")


@pytest.fixture
def outsider(other_cohort: Cohort) -> User:
    return _member(other_cohort, Role.CANDIDATE, "Outsider")


@pytest.fixture
def other_mentor(other_cohort: Cohort) -> User:
    return _member(other_cohort, Role.MENTOR, "Other Mentor")


@pytest.fixture
def stranger() -> User:
    return UserFactory(name="Stranger", email="stranger@example.com")


@pytest.fixture
def site_admin() -> User:
    return User.objects.create_superuser("site.admin@example.com", "a long enough password", name="Site Admin")


@pytest.fixture
def published() -> QuestionVersion:
    """A published question, of the topic that `track` draws from."""
    return publish_question()


@pytest.fixture
def track(published: QuestionVersion) -> Track:
    """A track of two questions: `published` and one more."""
    publish_question(slug="second-question")
    return make_track(published.question.topic, count=2)


@pytest.fixture
def without_the_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mentors publish without asking what the grader makes of the exemplars: for tests of other things."""
    monkeypatch.setattr(publishing, "receivers", [])


def client_of(user: User | None) -> Client:
    """Return a test client that is logged in as user."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return client
