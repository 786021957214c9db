"""Members from a table: uploaded, looked at without writing, then invited in one transaction.

Nobody is added: whoever is invited decides, also where they have an account already, for mentors and admins of a
cohort read its candidates' answers. A table that is not applied is forgotten after a day, an applied one at once.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from people.bell import ring
from people.models import Cohort, Invitation, MemberImport, Role, User
from people.services.audit import audit
from people.services.cohorts import lock_current
from people.services.invitation_mails import SEND
from people.services.invitations import Invitee, invite_all
from tables import formats
from tables.table import Row, Table
from tables.text import Unreadable

MOST_ROWS = 2_000
MOST_COLUMNS = 50
MOST_BYTES = 2 * 1024 * 1024
MOST_UNPACKED = 16 * 1024 * 1024
LONGEST_CELL = 300  # characters; nothing that is asked for is as long
FORGOTTEN_AFTER = timedelta(days=1)

# Field → how other people head its column, in lower-case letters.
FIELDS: dict[str, set[str]] = {
    "email": {"email", "emailaddress", "mail", "address", "emails", "login", "username"},
    "name": {"name", "fullname", "displayname", "candidate", "person", "student", "participant"},
    "role": {"role", "type", "memberas", "as"},
    "extra_time": {"extratime", "extratimefactor", "timefactor", "extension", "accommodation", "accommodations"},
    "untimed": {"untimed", "notimelimit", "unlimited"},
}
LABELS = {
    "email": "Email address",
    "name": "Name",
    "role": "Role",
    "extra_time": "Extra time",
    "untimed": "No time limit",
}
YES, NO = {"yes", "y", "true", "1", "x"}, {"no", "n", "false", "0", "-", ""}
TEMPLATE = ["email", "name", "role", "extra_time", "untimed"]
EXAMPLE = [
    ["ada@example.com", "Ada Example", "candidate", "1.25", "no"],
    ["grace@example.com", "Grace Example", "mentor", "", ""],
]

StoredRow = tuple[int, list[str], dict[str, str]]  # number, cells, position → what is wrong


@dataclass(frozen=True)
class Problem:
    """Why a row cannot be invited: its number in the file, the field, and the words."""

    row: int
    field: str
    message: str

    @property
    def label(self) -> str:
        """The field as pages call it."""
        return LABELS[self.field]


@dataclass
class DryRun:
    """What inviting the people of a table would do. invitees are those without problems, by their row."""

    invitees: dict[int, Invitee] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    rows: int = 0
    replaced: int = 0

    @property
    def left_out(self) -> int:
        return self.rows - len(self.invitees)


# --- Uploading ----------------------------------------------------------------------------------------------


@transaction.atomic
def upload(*, cohort: Cohort, filename: str, data: bytes, actor: User, now: datetime) -> MemberImport:
    """Keep a table to be looked at. Raises ValidationError for one that cannot be read, and for an archived cohort."""
    lock_current(cohort)
    try:
        header, rows = _read(data)
    except Unreadable as refused:
        raise ValidationError(f"The file {refused}.") from refused
    return MemberImport.objects.create(
        cohort=cohort,
        uploaded_by=actor,
        filename=_stored(filename)[:200],
        header=header,
        rows=rows,
        mapping=guess_mapping(header, [row[1] for row in rows]),
        created_at=now,
    )


def _read(data: bytes) -> tuple[list[str], list[StoredRow]]:
    table = formats.read(data, max_unpacked=MOST_UNPACKED)
    header = [_stored(name) for name in table.header]
    if len(header) > MOST_COLUMNS:
        raise Unreadable(f"has more than {MOST_COLUMNS} columns")
    if any("@" in name for name in header):
        raise Unreadable("has no row of headers: its first row holds an address. Put names of columns above it")
    rows = [_as_json(row) for row in _rows(table)]
    if not rows:
        raise Unreadable("has a header and no row below it")
    return header, rows


def _rows(table: Table) -> list[Row]:
    rows = list(islice(table.rows, MOST_ROWS + 1))
    if len(rows) > MOST_ROWS:
        raise Unreadable(f"has more than {MOST_ROWS:,} rows. Split it")
    return rows


def _as_json(row: Row) -> StoredRow:
    troubles = {str(position): message for position, message in row.troubles.items()}
    return row.number, [_stored(cell) for cell in row.cells], troubles


def _stored(text: str) -> str:
    """Return text on one line, as PostgreSQL can keep it: without NULs and halves of characters."""
    kept = text[:LONGEST_CELL].encode("utf-8", "replace").decode().replace("\0", "�")
    return " ".join(kept.split())


def guess_mapping(header: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> dict[str, int]:
    """Return field → position of its column, as far as that can be told by headers, and for addresses by the cells."""
    mapping: dict[str, int] = {}
    for position, name in enumerate(header):
        letters = re.sub("[^a-z]", "", name.lower())
        found = next((field for field, names in FIELDS.items() if letters in names), None)
        if found:
            mapping.setdefault(found, position)
    if "email" not in mapping:
        found_at = _column_of_addresses(rows[:50])
        if found_at is not None and found_at not in mapping.values():
            mapping["email"] = found_at
    return mapping


def _column_of_addresses(rows: Sequence[Sequence[str]]) -> int | None:
    with_at = Counter(position for row in rows for position, cell in enumerate(row) if "@" in cell)
    position, count = next(iter(with_at.most_common(1)), (None, 0))
    return position if count * 2 > len(rows) else None


@transaction.atomic
def choose_columns(*, member_import: MemberImport, mapping: dict[str, int]) -> None:
    """Say which column holds what. Raises ValidationError for a column that is meant twice or does not exist."""
    double = [position for position, count in Counter(mapping.values()).items() if count > 1]
    if double:
        raise ValidationError(f"“{member_import.header[double[0]]}” is chosen twice.")
    if not set(mapping) <= set(FIELDS) or not set(mapping.values()) <= set(range(len(member_import.header))):
        raise ValidationError("Choose among the columns of the file.")
    if "email" not in mapping:
        raise ValidationError("Choose the column of the addresses.")
    MemberImport.objects.filter(pk=member_import.pk, applied_at=None).update(mapping=mapping)
    member_import.mapping = mapping


# --- Looking at it ------------------------------------------------------------------------------------------


def dry_run(*, member_import: MemberImport) -> DryRun:
    """Say what would become of each row, without writing; two queries, however many rows there are."""
    cohort, mapping = member_import.cohort, member_import.mapping
    result = DryRun(rows=len(member_import.rows))
    if "email" not in mapping:
        return result
    members = {email.lower() for email in cohort.members.values_list("email", flat=True)}
    open_ = set(Invitation.objects.filter(cohort=cohort, accepted_at=None).values_list("email", flat=True))
    seen: dict[str, int] = {}
    for number, cells, troubles in member_import.rows:
        row = _Row(number, {name: cells[position] for name, position in mapping.items()})
        row.troubles(
            {name: troubles[str(position)] for name, position in mapping.items() if str(position) in troubles}
        )
        invitee = row.invitee(cohort, members, seen)
        result.problems += row.problems
        if invitee and not row.problems:
            result.invitees[number] = invitee
    result.replaced = sum(invitee.email in open_ for invitee in result.invitees.values())
    return result


class _Row:
    """One row on its way to an Invitee; it gathers its problems."""

    def __init__(self, number: int, cells: dict[str, str]) -> None:
        self.number = number
        self.cells = cells
        self.problems: list[Problem] = []

    def problem(self, field_name: str, message: str) -> None:
        self.problems.append(Problem(self.number, field_name, message))

    def troubles(self, troubles: dict[str, str]) -> None:
        for name, message in troubles.items():
            if message:
                self.problem(name, message)
                self.cells[name] = ""

    def invitee(self, cohort: Cohort, members: set[str], seen: dict[str, int]) -> Invitee | None:
        """Return whom the row invites. seen: address → the first row that has it; this row is added."""
        email = self._email(cohort, members, seen)
        role, name = self._role(), self.cells.get("name", "")
        if len(name) > 120:
            self.problem("name", "is longer than 120 characters")
        factor, untimed = self._factor(), self._untimed()
        return Invitee(email, role, name, factor, untimed) if email and role else None

    def _email(self, cohort: Cohort, members: set[str], seen: dict[str, int]) -> str:
        email = self.cells.get("email", "").lower()
        if any(problem.field == "email" for problem in self.problems):
            return ""
        if not email:
            self.problem("email", "is missing")
            return ""
        try:
            validate_email(email)
        except ValidationError:
            self.problem("email", f"“{email[:80]}” is no email address")
            return ""
        if len(email) > 254:
            self.problem("email", "is longer than 254 characters")
        elif email in members:
            self.problem("email", f"“{email}” is a member of {cohort} already")
        elif email in seen:
            self.problem("email", f"“{email}” stands in row {seen[email]} already")
        seen.setdefault(email, self.number)
        return email

    def _role(self) -> Role | None:
        cell = self.cells.get("role", "").lower() or Role.CANDIDATE.value
        if cell in Role.values:
            return Role(cell)
        self.problem("role", f"“{cell[:80]}” is none of {', '.join(Role.values)}")
        return None

    def _factor(self) -> Decimal:
        """1.25, 1,25 and 25 % say the same."""
        cell = self.cells.get("extra_time", "").replace(",", ".").replace(" ", "")
        if not cell:
            return Decimal(1)
        try:
            factor = 1 + Decimal(cell[:-1]) / 100 if cell.endswith("%") else Decimal(cell)
            is_right = Decimal(1) <= factor <= Decimal(3) and factor == round(factor, 2)
        except ArithmeticError:  # no number, or one that is too large to add to
            is_right = False
        if is_right:
            return factor
        self.problem("extra_time", f"“{cell[:80]}” is no factor from 1 to 3, such as 1.25, and no share such as 25%")
        return Decimal(1)

    def _untimed(self) -> bool:
        cell = self.cells.get("untimed", "").lower()
        if cell not in YES | NO:
            self.problem("untimed", f"“{cell[:80]}” is neither yes nor no")
        return cell in YES


# --- Doing it -----------------------------------------------------------------------------------------------


@transaction.atomic
def apply(*, member_import: MemberImport, actor: User, now: datetime) -> list[Invitation]:
    """Invite all rows without problems, in one transaction; a worker sends the mails. A second time it does nothing.

    Raises ValidationError when no row is left to invite, and for an archived cohort.
    """
    lock_current(member_import.cohort)
    locked = MemberImport.objects.select_for_update(of=("self",)).select_related("cohort").get(pk=member_import.pk)
    if locked.applied_at:
        return list(locked.invitations.all())
    plan = dry_run(member_import=locked)
    if not plan.invitees:
        raise ValidationError("There is nobody to invite in this file.")
    cohort = locked.cohort
    invitations = invite_all(
        cohort=cohort, invitees=plan.invitees.values(), member_import=locked, actor=actor, now=now
    )
    locked.applied_at, locked.rows = now, []
    locked.report = {
        "invited": len(invitations),
        "left_out": plan.left_out,
        "problems": [[problem.row, problem.field, problem.message] for problem in plan.problems],
    }
    locked.save(update_fields=["applied_at", "rows", "report"])
    audit(
        actor=actor,
        action="cohort.import_members",
        on=cohort,
        file=locked.filename,
        invited=len(invitations),
        left_out=plan.left_out,
    )
    transaction.on_commit(lambda: ring(SEND, cohort.pk))
    return invitations


def discard(*, member_import: MemberImport) -> None:
    """Forget a table that is not applied."""
    MemberImport.objects.filter(pk=member_import.pk, applied_at=None).delete()


def forget(*, now: datetime) -> int:
    """Delete the tables that nobody has applied for a day; return how many."""
    deleted, _ = MemberImport.objects.filter(applied_at=None, created_at__lt=now - FORGOTTEN_AFTER).delete()
    return deleted
