"""Members by a table: read, mapped, looked at, invited."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.urls import reverse
from openpyxl import Workbook

from people.clock import database_now
from people.models import AuditEntry, Cohort, Invitation, MemberImport, Membership, Role, User
from people.services import member_imports
from people.services.cohorts import archive_cohort
from people.services.invitations import invite
from people.services.member_imports import DryRun, Problem, dry_run, guess_mapping
from people.tasks import forget_member_imports, send_invitations
from tables.formats import FORMATS
from tests.conftest import client_of
from tests.factories import MembershipFactory, UserFactory

HEADER = "email,name,role,extra_time,untimed\n"


def upload(cohort: Cohort, actor: User, table: str | bytes, name: str = "people.csv") -> MemberImport:
    data = table.encode() if isinstance(table, str) else table
    return member_imports.upload(cohort=cohort, filename=name, data=data, actor=actor, now=database_now())


def look_at(cohort: Cohort, actor: User, table: str) -> DryRun:
    return dry_run(member_import=upload(cohort, actor, table))


def apply(taken: MemberImport, actor: User) -> list[Invitation]:
    return member_imports.apply(member_import=taken, actor=actor, now=database_now())


# --- Reading and columns ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_the_template_can_be_read(cohort: Cohort, admin: User, name: str) -> None:
    data = client_of(admin).get(reverse("member_template", args=[name])).content

    plan = dry_run(member_import=upload(cohort, admin, data))

    assert plan.problems == []
    assert [(one.email, one.name, one.role, one.extra_time_factor) for one in plan.invitees.values()] == [
        ("ada@example.com", "Ada Example", Role.CANDIDATE, Decimal("1.25")),
        ("grace@example.com", "Grace Example", Role.MENTOR, Decimal(1)),
    ]


@pytest.mark.parametrize(
    ("header", "mapping"),
    [
        (["E-Mail Address", "Full name", "Role"], {"email": 0, "name": 1, "role": 2}),
        (["Group", "EMAIL", "Extra time (factor)"], {"email": 1}),
        (["Email", "Mail"], {"email": 0}),
        (["Contact", "Who"], {}),
    ],
)
def test_columns_are_guessed_by_their_headers(header: list[str], mapping: dict[str, int]) -> None:
    assert guess_mapping(header) | mapping == guess_mapping(header)


def test_the_column_of_addresses_is_known_by_what_stands_in_it(cohort: Cohort, admin: User) -> None:
    plan = look_at(cohort, admin, "Who,Contact\nAda,ada@example.com\nGrace,grace@example.com\n")

    assert [invitee.email for invitee in plan.invitees.values()] == ["ada@example.com", "grace@example.com"]


def test_columns_are_chosen_on_the_page(cohort: Cohort, admin: User) -> None:
    taken = upload(cohort, admin, "Contact,Other,Who\nada@example.com,grace@example.com,Ada\n")
    address = reverse("choose_columns", args=[cohort.pk, taken.pk])

    client_of(admin).post(address, {"email": "1", "name": "2"})

    taken.refresh_from_db()
    (invitee,) = dry_run(member_import=taken).invitees.values()
    assert (invitee.email, invitee.name) == ("grace@example.com", "Ada")


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"email": "0", "name": "0"}, "is chosen twice"),
        ({"email": "9"}, "is not one of the available choices"),
        ({"name": "0"}, "This field is required"),
    ],
)
def test_columns_that_do_not_fit_are_refused_and_kept_on_the_page(
    cohort: Cohort, admin: User, chosen: dict[str, str], words: str
) -> None:
    taken = upload(cohort, admin, "email,who\nada@example.com,Ada\n")

    response = client_of(admin).post(reverse("choose_columns", args=[cohort.pk, taken.pk]), chosen)

    before = taken.mapping
    taken.refresh_from_db()
    assert (response.status_code, taken.mapping) == (400, before)
    assert words in response.content.decode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty."),
        (b"%PDF-1.7", "The file is a PDF."),
        (b"email\n", "has a header and no row below it"),
        (b"ada@example.com,Ada\ngrace@example.com,Grace\n", "its first row holds an address"),
        (b"email,email\na@example.com,b@example.com\n", "has two columns called “email”"),
        (("email\n" + "a@example.com\n" * 2001).encode(), "has more than 2,000 rows"),
        ((",".join(f"c{n}" for n in range(51)) + "\nx\n").encode(), "has more than 50 columns"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_its_field(
    cohort: Cohort, admin: User, data: bytes, words: str
) -> None:
    file = BytesIO(data)
    file.name = "people.csv"

    response = client_of(admin).post(reverse("upload_members", args=[cohort.pk]), {"file": file})

    assert (response.status_code, MemberImport.objects.count()) == (400, 0)
    errors = response.context["form"].errors["file"]
    assert "is empty" in errors[0] if not data else words in errors[0]


def test_characters_that_postgresql_cannot_keep_are_replaced(cohort: Cohort, admin: User) -> None:
    book, out = Workbook(), BytesIO()
    book.active.append(["email", "name"])
    book.active.append(["ada@example.com", "A_x0000_d_xD800_a\nLine"])
    book.save(out)

    taken = upload(cohort, admin, out.getvalue(), name="x.xlsx")

    (invitee,) = dry_run(member_import=MemberImport.objects.get(pk=taken.pk)).invitees.values()
    assert invitee.name == "A�d?a Line"


# --- Looking at it ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (",Ada,,,", Problem(2, "email", "is missing")),
        ("no address,Ada,,,", Problem(2, "email", "“no address” is no email address")),
        (
            "CANDIDATE@example.com,Ada,,,",
            Problem(2, "email", "“candidate@example.com” is a member of Autumn already"),
        ),
        ("ada@example.com,Ada,owner,,", Problem(2, "role", "“owner” is none of candidate, mentor, admin")),
        (
            "ada@example.com,Ada,,5,",
            Problem(2, "extra_time", "“5” is no factor from 1 to 3, such as 1.25, and no share such as 25%"),
        ),
        (
            "ada@example.com,Ada,,a lot,",
            Problem(2, "extra_time", "“alot” is no factor from 1 to 3, such as 1.25, and no share such as 25%"),
        ),
        (
            "ada@example.com,Ada,,NaN,",
            Problem(2, "extra_time", "“NaN” is no factor from 1 to 3, such as 1.25, and no share such as 25%"),
        ),
        ("ada@example.com,Ada,,,maybe", Problem(2, "untimed", "“maybe” is neither yes nor no")),
        (f"ada@example.com,{'x' * 121},,,", Problem(2, "name", "is longer than 120 characters")),
        (
            "ada@example.com,=cmd(),,,",
            Problem(
                2,
                "name",
                "begins with “=”, so spreadsheets take it for a formula. Put an apostrophe (') before it",
            ),
        ),
    ],
)
def test_each_problem_names_row_and_field(
    cohort: Cohort, admin: User, candidate: User, row: str, problem: Problem
) -> None:
    plan = look_at(cohort, admin, HEADER + row + "\n")

    assert (plan.problems, plan.invitees, plan.left_out) == ([problem], {}, 1)


def test_an_address_that_stands_twice_is_invited_once(cohort: Cohort, admin: User) -> None:
    plan = look_at(cohort, admin, "email\nada@example.com\n\nADA@example.com\n")

    assert list(plan.invitees) == [2]
    assert plan.problems == [Problem(4, "email", "“ada@example.com” stands in row 2 already")]


@pytest.mark.parametrize("said", ["1.25", "1,25", "25%", "25 %", " 1.25 "])
def test_extra_time_is_read_as_people_write_it(cohort: Cohort, admin: User, said: str) -> None:
    (invitee,) = look_at(cohort, admin, f'email;extra_time\nada@example.com;"{said}"\n').invitees.values()

    assert invitee.extra_time_factor == Decimal("1.25")


@pytest.mark.parametrize("count", [1, 3])
def test_looking_at_a_table_takes_the_same_queries_for_any_number_of_rows(
    cohort: Cohort, admin: User, count: int, django_assert_num_queries: Any
) -> None:
    taken = upload(cohort, admin, "email\n" + "".join(f"new{n}@example.com\n" for n in range(count)))
    for number in range(count):
        MembershipFactory(cohort=cohort)
        invite(cohort=cohort, email=f"new{number}@example.com", role=Role.MENTOR, actor=admin, now=database_now())

    with django_assert_num_queries(2):
        plan = dry_run(member_import=taken)

    assert (len(plan.invitees), plan.replaced) == (count, count)


def test_the_page_says_what_would_happen_and_writes_nothing(cohort: Cohort, admin: User, candidate: User) -> None:
    taken = upload(cohort, admin, f"email,Group\nada@example.com,<b>x</b>\n{candidate.email},y\n")

    page = client_of(admin).get(reverse("member_import", args=[cohort.pk, taken.pk])).content.decode()

    assert "Invite the 1 without problems" in page
    assert "Left out: Group." in page
    assert "“candidate@example.com” is a member of Autumn already" in page
    assert (Invitation.objects.count(), AuditEntry.objects.count()) == (0, 0)


# --- Doing it -----------------------------------------------------------------------------------------------


def test_the_rows_without_problems_are_invited(cohort: Cohort, admin: User, candidate: User, stranger: User) -> None:
    taken = upload(
        cohort, admin, f"{HEADER}ada@example.com,Ada,mentor,1.5,yes\n{candidate.email},,,,\n{stranger.email},,,,\n"
    )

    apply(taken, admin)

    invited = Invitation.objects.order_by("email").values_list("email", "name", "role", "extra_time_factor", "untimed")
    assert list(invited) == [
        ("ada@example.com", "Ada", "mentor", Decimal("1.50"), True),
        ("stranger@example.com", "", "candidate", Decimal("1.00"), False),
    ]
    taken.refresh_from_db()
    assert (taken.rows, taken.report["invited"], taken.report["left_out"]) == ([], 2, 1)
    entry = AuditEntry.objects.get(action="cohort.import_members")
    assert entry.detail == {"file": "people.csv", "invited": 2, "left_out": 1}
    assert AuditEntry.objects.filter(action="cohort.invite").count() == 2


def test_people_with_an_account_are_invited_and_not_added(cohort: Cohort, admin: User, stranger: User) -> None:
    apply(upload(cohort, admin, f"email\n{stranger.email}\n"), admin)

    assert (stranger.memberships.count(), Invitation.objects.get().email) == (0, stranger.email)


def test_applying_twice_invites_once(cohort: Cohort, admin: User) -> None:
    taken = upload(cohort, admin, "email\nada@example.com\n")

    first, second = apply(taken, admin), apply(taken, admin)

    assert [one.pk for one in first] == [one.pk for one in second]
    assert (Invitation.objects.count(), AuditEntry.objects.count()) == (1, 2)


def test_who_became_a_member_meanwhile_is_left_out(cohort: Cohort, admin: User, stranger: User) -> None:
    taken = upload(cohort, admin, f"email\n{stranger.email}\n")
    MembershipFactory(cohort=cohort, user=stranger)

    with pytest.raises(ValidationError, match="nobody to invite"):
        apply(taken, admin)


def test_nobody_is_invited_to_an_archived_cohort(cohort: Cohort, admin: User) -> None:
    taken = upload(cohort, admin, "email\nada@example.com\n")
    archive_cohort(cohort=cohort, actor=admin, now=database_now())

    with pytest.raises(ValidationError, match="Autumn is archived"):
        apply(taken, admin)
    with pytest.raises(ValidationError, match="Autumn is archived"):
        upload(cohort, admin, "email\nada@example.com\n")


def test_a_table_goes_from_file_to_membership(
    cohort: Cohort,
    admin: User,
    mailoutbox: list[EmailMessage],
    django_capture_on_commit_callbacks: Any,
) -> None:
    client = client_of(admin)
    file = BytesIO(f"{HEADER}new@example.com,Nora Newcomer,candidate,1.5,\n".encode())
    file.name = "people.csv"

    page = client.post(reverse("upload_members", args=[cohort.pk]), {"file": file})["Location"]
    taken = MemberImport.objects.get()
    client.post(reverse("apply_members", args=[cohort.pk, taken.pk]))
    waiting = client.get(page).content.decode()
    send_invitations(str(cohort.pk))
    sent = client.get(page).content.decode()
    (message,) = mailoutbox
    link = next(word for word in str(message.body).split() if "/invitations/" in word)
    nora = UserFactory(email="new@example.com", name="")
    client_of(nora).post("/" + link.split("/", 3)[3])

    nora.refresh_from_db()
    assert ("1 mail of 1 still to be sent" in waiting, "Mail sent" in sent) == (True, True)
    assert (nora.name, nora.extra_time_factor) == ("Nora Newcomer", Decimal("1.50"))
    assert Membership.objects.get(user=nora).role == Role.CANDIDATE
    assert "Accepted" in client.get(page).content.decode()


def test_a_table_that_nobody_applied_is_forgotten_after_a_day(cohort: Cohort, admin: User) -> None:
    old, new, used = (upload(cohort, admin, f"email\n{name}@example.com\n") for name in ("old", "new", "used"))
    apply(used, admin)
    long_ago = database_now() - timedelta(days=1, seconds=1)
    MemberImport.objects.filter(pk__in=[old.pk, used.pk]).update(created_at=long_ago)

    forget_member_imports()

    assert set(MemberImport.objects.all()) == {new, used}


def test_a_table_is_forgotten_at_a_word(cohort: Cohort, admin: User) -> None:
    taken, used = (upload(cohort, admin, f"email\n{name}@example.com\n") for name in ("a", "b"))
    apply(used, admin)

    for one in (taken, used):
        client_of(admin).post(reverse("discard_members", args=[cohort.pk, one.pk]))

    assert list(MemberImport.objects.all()) == [used]


def test_tables_of_other_cohorts_cannot_be_seen(
    cohort: Cohort, other_cohort: Cohort, admin: User, mentor: User
) -> None:
    other_admin = MembershipFactory(cohort=other_cohort, role=Role.ADMIN).user
    taken = upload(cohort, admin, "email\nsecret@example.com\n")

    tries = [
        client_of(other_admin).get(reverse("member_import", args=[cohort.pk, taken.pk])),
        client_of(other_admin).get(reverse("member_import", args=[other_cohort.pk, taken.pk])),
        client_of(other_admin).post(reverse("apply_members", args=[other_cohort.pk, taken.pk])),
        client_of(mentor).get(reverse("member_import", args=[cohort.pk, taken.pk])),
    ]

    assert [response.status_code for response in tries] == [404, 404, 404, 403]
    assert Invitation.objects.count() == 0
