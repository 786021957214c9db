"""Key points as facts hold them."""

import pytest

from analytics.models import AnswerFact
from analytics.selectors.points import point_counts, with_point
from analytics.services.facts import refresh
from people.models import User
from questionbank.models import Mark, QuestionVersion
from tests.analytics.attempts import job_of, mark, practise
from tests.grading.keys import (
    applied,
    grade_by_plain_parts,
    previewed,
    publish_mended,
    what_it_says,
    with_one_point_more,
)


def test_marks_are_counted_by_key_point(candidate: User, peer: User, mentor: User, published: QuestionVersion) -> None:
    for user in (candidate, peer):
        practise(user, [published], {"generators": 50})
    mark(job_of(peer, published), mentor, lazy=Mark.PARTLY, memory=Mark.MISSING, once=Mark.CONTRADICTED)
    refresh()

    counts = point_counts(AnswerFact.objects.all())

    none = dict.fromkeys(Mark.values, 0)
    assert counts == {
        (published.question_id, "lazy"): none | {"stated": 1, "partly": 1},
        (published.question_id, "memory"): none | {"stated": 1, "missing": 1},
        (published.question_id, "once"): none | {"stated": 1, "contradicted": 1},
    }
    assert dict(with_point(AnswerFact.objects.all(), "once").values_list("candidate", "point_mark")) == {
        candidate.pk: "stated",
        peer.pk: "contradicted",
    }


def test_after_a_regrade_the_points_are_those_of_the_new_key(
    candidate: User, peer: User, mentor: User, published: QuestionVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    grade_by_plain_parts(monkeypatch)
    for user in (candidate, peer):
        practise(user, [published], {"generators": 50})
    mark(job_of(peer, published), mentor, lazy=Mark.PARTLY, memory=Mark.STATED, once=Mark.STATED)
    mended = publish_mended(published, with_one_point_more(what_it_says(published)))
    applied(previewed(mended, mentor), mentor)
    refresh()

    keys = AnswerFact.objects.values_list("candidate", "version", "key")
    # What a mentor has marked stays marked by the key that the mentor saw.
    assert set(keys) == {(candidate.pk, published.pk, mended.pk), (peer.pk, published.pk, published.pk)}
    assert [fact.candidate for fact in with_point(AnswerFact.objects.all(), "new")] == [candidate]
    assert sum(point_counts(AnswerFact.objects.all())[published.question_id, "lazy"].values()) == 2
