"""Writing facts anew for the answers that have changed: a few statements over many answers at once.

Triggers (migration 0002) leave a StaleAnswer where a score that is shown may have changed, in the transaction that
changes it. Whoever takes such a row away writes that answer's facts in the same transaction. So none is forgotten,
two workers never write the same facts, and a change that comes meanwhile leaves a new row when that is done.

What counts as shown is what grading/selectors/grades.py says, and time on task what selectors/items.py says.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from interview.selectors.example import EXAMPLE_EMAIL

# So many answers take about a tenth of a second: whoever changes one of them meanwhile waits no longer.
PIECE = 500
# How long a piece waits for a lock that somebody else holds. PostgreSQL notices after a second that two wait for each
# other and fails one of them: it shall not be the other one. What was taken is then stale again.
PATIENCE = "500ms"

MARK_ALL = """
INSERT INTO analytics_staleanswer (job_id, since)
SELECT id, now() FROM grading_gradingjob ORDER BY candidate_id, id
ON CONFLICT DO NOTHING
"""
MARK = """
INSERT INTO analytics_staleanswer (job_id, since)
SELECT id, now() FROM grading_gradingjob WHERE id = ANY (%(jobs)s::uuid[]) ORDER BY id
ON CONFLICT DO NOTHING
"""
TAKE = "DELETE FROM analytics_staleanswer WHERE job_id = ANY (%(jobs)s::uuid[]) RETURNING job_id"
TAKE_SOME = """
DELETE FROM analytics_staleanswer
WHERE job_id = ANY (ARRAY(SELECT job_id FROM analytics_staleanswer LIMIT %(piece)s FOR UPDATE SKIP LOCKED))
RETURNING job_id
"""

FORGET = "DELETE FROM analytics_answerfact WHERE job_id = ANY (%(jobs)s::uuid[])"
CONCERNED = """
SELECT DISTINCT j.candidate_id FROM grading_gradingjob j JOIN people_user u ON u.id = j.candidate_id
WHERE j.id = ANY (%(jobs)s::uuid[]) AND NOT u.is_guest AND u.email <> %(example)s
"""
# counted: all answers of the candidates concerned, for their order. An answer that comes late (a guest's, who has
# become this candidate) moves the number of those after it. Of who is erased no text is left: there the guard's word
# on the grade says whether there ever was one. m: the key points are those of the version that was marked; a mark that
# only the grade of an earlier one has counts by its slug.
WRITE = r"""
WITH counted AS MATERIALIZED (
    SELECT j.id AS job_id, j.candidate_id, j.version_id, j.grade_id, v.question_id, a.submitted_at,
           i.id AS interview_id, i.assignment_id, i.track_id, i.mode, i.started_at,
           row_number() OVER (PARTITION BY j.candidate_id, v.question_id ORDER BY a.submitted_at, a.id) AS attempt,
           lag(a.submitted_at) OVER (PARTITION BY i.id ORDER BY a.submitted_at, a.id) AS before,
           count(*) OVER (PARTITION BY i.id, a.submitted_at) AS together
    FROM grading_gradingjob j
    JOIN questionbank_questionversion v ON v.id = j.version_id
    JOIN interview_answer a ON a.job_id = j.id
    JOIN interview_interviewquestion q ON q.id = a.question_id
    JOIN interview_interview i ON i.id = q.interview_id
    WHERE j.candidate_id = ANY (%(candidates)s::uuid[])
), renumbered AS (
    UPDATE analytics_answerfact f SET attempt = c.attempt
    FROM counted c
    WHERE f.job_id = c.job_id AND f.attempt <> c.attempt AND f.candidate_id = ANY (%(candidates)s::uuid[])
)
INSERT INTO analytics_answerfact (job_id, candidate_id, interview_id, assignment_id, track_id, mode, question_id,
                                  version_id, attempt, answered_at, score, is_by_mentor, is_empty, seconds,
                                  key_id, marks)
SELECT c.job_id, c.candidate_id, c.interview_id, c.assignment_id, c.track_id, c.mode, c.question_id, c.version_id,
       c.attempt, c.submitted_at, coalesce(r.score, g.score), r.id IS NOT NULL,
       j.text !~ '\S' AND (e.id IS NULL OR coalesce(g.flags ? 'empty', false)),
       CASE WHEN c.mode = 'practice' AND c.together = 1 AND t.taken <= interval '1 hour'
            THEN extract(epoch FROM t.taken) END,
       s.key_id, m.marks
FROM counted c
JOIN grading_gradingjob j ON j.id = c.job_id
LEFT JOIN grading_grade g ON g.id = c.grade_id
LEFT JOIN people_erasure e ON e.user_id = c.candidate_id AND e.done_at IS NOT NULL
LEFT JOIN LATERAL (
    SELECT id, score, version_id FROM grading_review WHERE job_id = c.job_id ORDER BY created_at DESC LIMIT 1
) r ON true
CROSS JOIN LATERAL (SELECT c.submitted_at - coalesce(c.before, c.started_at) AS taken) t
CROSS JOIN LATERAL (SELECT coalesce(r.version_id, g.version_id) AS key_id) s
CROSS JOIN LATERAL (
    SELECT coalesce(string_agg(left(coalesce(human.mark, machine.mark, 'missing'), 1), '' ORDER BY k.position), '')
           AS marks
    FROM questionbank_keypoint k
    LEFT JOIN grading_reviewmark human ON human.review_id = r.id AND human.key_point_id = k.id
    LEFT JOIN LATERAL (
        SELECT of_grade.mark
        FROM grading_keypointmark of_grade JOIN questionbank_keypoint same ON same.id = of_grade.key_point_id
        WHERE of_grade.grade_id = g.id AND same.slug = k.slug
    ) machine ON true
    WHERE k.version_id = s.key_id
) m
WHERE c.job_id = ANY (%(jobs)s::uuid[]) AND (g.id IS NOT NULL OR r.id IS NOT NULL)
"""


def refresh(*, jobs: Collection[UUID] | None = None) -> int:
    """Write the facts of these jobs anew, or of all that are stale; return of how many.

    Facts of a job that has no score to show (any more), of guests and of the example are not kept.
    """
    if jobs is not None:
        return _refresh_these(list(jobs))
    done = 0
    while taken := refresh_piece():
        done += taken
    return done


@transaction.atomic
def refresh_piece(*, limit: int = PIECE) -> int:
    """Write the facts of up to limit stale answers that no other worker has; return of how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
        cursor.execute(TAKE_SOME, {"piece": limit})
        return _write(cursor)


def mark_all() -> None:
    """Make all answers stale: their facts will be written anew, those of one candidate after the other."""
    with connection.cursor() as cursor:
        cursor.execute(MARK_ALL)


@transaction.atomic
def _refresh_these(jobs: list[UUID]) -> int:
    """Take the way of the stale ones, which keeps out any worker that has one of them in hand."""
    with connection.cursor() as cursor:
        cursor.execute(MARK, {"jobs": jobs})
        cursor.execute(TAKE, {"jobs": jobs})
        return _write(cursor)


def _write(cursor: Any) -> int:
    """Write the facts of the jobs that cursor has just taken."""
    taken: dict[str, Any] = {"jobs": [job for (job,) in cursor.fetchall()], "example": EXAMPLE_EMAIL}
    cursor.execute(FORGET, taken)
    # Their number is told to the planner, which would take many more for granted and read whole tables.
    cursor.execute(CONCERNED, taken)
    candidates = [candidate for (candidate,) in cursor.fetchall()]
    if candidates:
        cursor.execute(WRITE, taken | {"candidates": candidates})
    return len(taken["jobs"])
