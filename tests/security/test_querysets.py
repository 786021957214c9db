"""No view, form or fetch helper begins a query at everything: it begins at what its visitor may see.

The access matrix asks each address with one object of each kind; this reads the code for what the matrix cannot ask.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
OURS = ("people", "questionbank", "grading", "interview", "analytics")
# Where requests are met: these modules, and all in folders of these names.
MEETS_REQUESTS = {"views", "api", "access", "forms", "serializers", "adapter", "middleware", "context_processors"}

# What is nobody's: everybody who is logged in may read it, or it holds nothing of people.
NOBODYS = {"Topic", "Track", "TrackSection", "TaskRun", "RateBucket", "WorkerHeartbeat"}
# Of other packages, people's as well.
ALSO_OWNED = {"AuthToken", "UserSession", "EmailAddress", "Authenticator"}

# Queries that begin at what somebody may see.
SCOPED = {"visible_to", "administered_by", "led_by", "candidates_visible_to", "none"}

OWN = "filtered by the visitor"
COHORT = "filtered by a cohort that people.access has given"
INTERVIEWS = "filtered by the interviews visible to the visitor"
QUESTIONS = "filtered by the questions visible to the visitor"
MENTORS = "mentors alone get there, and the question bank is all mentors'"
SITE_ADMINS = "site admins alone get there"
ALLOWED = {
    "analytics/access.py get_answered_question Question.select_related": "one that the given facts are answers to",
    "analytics/access.py get_candidate Membership.filter": COHORT,
    "analytics/access.py get_candidate User.get": "a candidate of the given cohorts",
    "grading/access.py get_own_job GradingJob.filter": OWN,
    "grading/access.py get_regrade Regrade.select_related": QUESTIONS,
    "grading/views/agreement.py preview CalibrationPreview.select_related": MENTORS,
    "grading/views/agreement.py put_in_force CalibrationPreview.select_related": MENTORS,
    "grading/views/bench.py bench_verdict QuestionVersion.filter": QUESTIONS,
    "grading/views/linting.py lint_version QuestionVersion.filter": QUESTIONS,
    "grading/views/regrades.py accept_phrasing Appeal.select_related": "filtered by a job that access has given",
    "grading/views/reviews.py reviews Question.filter": "the page says nothing of it but that there is one",
    "interview/access.py get_asked InterviewQuestion.filter": INTERVIEWS,
    "interview/access.py get_asked_of_job InterviewQuestion.filter": INTERVIEWS,
    "interview/access.py get_asked_to_save InterviewQuestion.filter": INTERVIEWS,
    "interview/access.py get_assigned Assignment.select_related": "filtered by the visitor's cohorts",
    "interview/access.py get_assignment Assignment.select_related": COHORT,
    "interview/api.py _detail Interview.select_related": "reads again what access has given, or what was just started",
    "interview/api.py get_queryset Assignment.filter": COHORT,
    "interview/views/assignments.py assignment Assignment.filter": "reads again what access has given",
    "interview/views/mine.py export_person User.get": SITE_ADMINS,
    "people/access.py holds_role Membership.filter": OWN,
    "people/context_processors.py roles Membership.filter": OWN,
    "people/views/logins.py end_session UserSession.filter": OWN,
    "people/views/member_imports.py _get MemberImport.filter": COHORT,
    "people/views/member_imports.py upload_members MemberImport.filter": COHORT,
    "people/views/people.py _act User.get": SITE_ADMINS,
    "people/views/people.py person User.select_related": SITE_ADMINS,
    "people/views/profile.py profile AuthToken.filter": OWN,
    "people/views/profile.py revoke_token AuthToken.get": OWN,
    "questionbank/access.py get_comment VersionComment.filter": "filtered by a question that access has given",
}


def _owned() -> set[str]:
    """Return the names of the models whose rows belong to somebody; a new model does until it is named above."""
    ours = {model.__name__ for label in OURS for model in apps.get_app_config(label).get_models()}
    return (ours - NOBODYS) | ALSO_OWNED


def _modules() -> Iterator[Path]:
    for label in OURS:
        for path in sorted((ROOT / label).rglob("*.py")):
            names = path.relative_to(ROOT).with_suffix("").parts
            if MEETS_REQUESTS.intersection(names[1:]):
                yield path


def _bare(code: str, name: str, owned: set[str]) -> Iterator[str]:
    """Yield "name function Model.method" for each query in code that begins at all rows of somebody's."""
    for function in ast.walk(ast.parse(code)):
        if isinstance(function, ast.FunctionDef | ast.ClassDef):
            for node in _own_nodes(function):
                if found := _beginning(node, owned):
                    yield f"{name} {function.name} {found}"


def _own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes in function, without those of functions and classes inside."""
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, ast.FunctionDef | ast.ClassDef):
            yield child
            yield from _own_nodes(child)


def _beginning(node: ast.AST, owned: set[str]) -> str:
    """Return Model.method where node is the beginning of such a query, else ""."""
    match node:
        case ast.Attribute(value=ast.Attribute(value=ast.Name(id=model), attr="objects"), attr=method):
            return f"{model}.{method}" if model in owned and method not in SCOPED else ""
        case ast.Call(func=ast.Name(id="get_object_or_404" | "get_list_or_404"), args=[ast.Name(id=model), *_]):
            return f"{model}.get" if model in owned else ""
    return ""


def test_every_query_begins_at_what_its_visitor_may_see() -> None:
    owned = _owned()

    found = {
        query for path in _modules() for query in _bare(path.read_text(), path.relative_to(ROOT).as_posix(), owned)
    }

    assert sorted(found) == sorted(ALLOWED)


def test_a_query_that_begins_at_everything_is_noticed() -> None:
    code = """
def page(request, pk):
    mine = Interview.objects.visible_to(request.user)
    rows = Interview.objects.select_related("track").filter(pk=pk)
    return get_object_or_404(User, pk=pk), mine, rows, Track.objects.all()
"""

    found = list(_bare(code, "a.py", _owned()))

    assert sorted(found) == ["a.py page Interview.select_related", "a.py page User.get"]
