"""Whatever a table of people says, and whichever column is taken for what, each row is invited or says why not."""

from decimal import Decimal

from hypothesis import example, given, settings
from hypothesis import strategies as st

from people.models import Cohort, MemberImport, Role
from people.services.member_imports import FIELDS, DryRun, dry_run, guess_mapping

often = settings(max_examples=100, deadline=None, derandomize=True, database=None)

addresses = st.sampled_from(["", "ada@example.com", "ADA@EXAMPLE.COM", "a@b", "@"])
factors = st.sampled_from(
    ["1.25", "1,25", "25 %", "%", "-1", "1e-9", "9e9999999%", "1e9999999999999999999", "sNaN", "-inf%"]
)
others = st.sampled_from(["admin", "owner", "yes", "no", "x", "İ", "=1+1", "١.٥"])
cells = (
    addresses
    | factors
    | others
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=300)
)
WIDTH = 5
rows = st.lists(st.lists(cells, min_size=WIDTH, max_size=WIDTH), max_size=4)
mappings = st.dictionaries(st.sampled_from(sorted(FIELDS)), st.integers(0, WIDTH - 1)).map(
    lambda chosen: {"email": 0, **chosen}
)


def _look_at(rows: list[list[str]], mapping: dict[str, int], troubles: dict[str, str]) -> DryRun:
    numbered = [[number, row, troubles] for number, row in enumerate(rows, start=2)]
    return dry_run(member_import=MemberImport(cohort=Cohort(name="Autumn"), rows=numbered, mapping=mapping))


@often
@given(rows, mappings, st.dictionaries(st.sampled_from("01234"), st.text(max_size=5), max_size=2))
@example([["ada@example.com", "9e9999999%", "", "", ""]], {"email": 0, "extra_time": 1}, {})
def test_each_row_is_invited_or_says_why_not(
    rows: list[list[str]], mapping: dict[str, int], troubles: dict[str, str]
) -> None:
    found = _look_at(rows, mapping, troubles)

    refused = {problem.row for problem in found.problems}
    assert refused.isdisjoint(found.invitees)
    assert refused | set(found.invitees) == set(range(2, 2 + len(rows)))
    assert all(problem.message and problem.label for problem in found.problems)
    for invitee in found.invitees.values():
        assert invitee.role in Role.values
        assert len(invitee.name) <= 120
        assert len(invitee.email) <= 254
        assert Decimal(1) <= invitee.extra_time_factor <= Decimal(3)
    assert len({invitee.email for invitee in found.invitees.values()}) == len(found.invitees)


@often
@given(st.lists(cells, max_size=8), rows)
def test_any_headers_are_guessed_at(header: list[str], rows: list[list[str]]) -> None:
    mapping = guess_mapping(header, rows)

    assert set(mapping) <= set(FIELDS)
    assert set(mapping.values()) <= set(range(max(len(header), WIDTH)))
    assert len(set(mapping.values())) == len(mapping)
