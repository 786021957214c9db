"""Whoever changes what is shown of an answer leaves a stale answer, in the same transaction (services/facts.py)."""

from django.db import migrations

# By the statement, not the row: a million answers come in one COPY. A job without a score to show has no facts, so
# nothing is stale before its first grade or review; the state of a job is none of theirs. What a review and a grade
# consist of is there before its own transaction ends.
FORWARD = """
CREATE FUNCTION answers_are_stale_after_answers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO analytics_staleanswer (job_id, since)
    SELECT j.id, now() FROM changed c JOIN grading_gradingjob j ON j.id = c.job_id WHERE j.grade_id IS NOT NULL
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER answers_are_stale AFTER INSERT ON interview_answer
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION answers_are_stale_after_answers();

CREATE FUNCTION answers_are_stale_after_reviews() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO analytics_staleanswer (job_id, since) SELECT DISTINCT job_id, now() FROM changed
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER answers_are_stale AFTER INSERT ON grading_review
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION answers_are_stale_after_reviews();

CREATE FUNCTION answers_are_stale_after_jobs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO analytics_staleanswer (job_id, since)
    SELECT n.id, now() FROM changed n JOIN before o ON o.id = n.id
    WHERE (n.grade_id, n.candidate_id) IS DISTINCT FROM (o.grade_id, o.candidate_id)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER answers_are_stale AFTER UPDATE ON grading_gradingjob
    REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION answers_are_stale_after_jobs();
"""
BACKWARD = """
DROP TRIGGER answers_are_stale ON interview_answer;
DROP TRIGGER answers_are_stale ON grading_review;
DROP TRIGGER answers_are_stale ON grading_gradingjob;
DROP FUNCTION answers_are_stale_after_answers();
DROP FUNCTION answers_are_stale_after_reviews();
DROP FUNCTION answers_are_stale_after_jobs();
"""
# What was graded before there were facts.
FILL = """
INSERT INTO analytics_staleanswer (job_id, since)
SELECT j.id, now() FROM grading_gradingjob j
WHERE j.grade_id IS NOT NULL OR EXISTS (SELECT FROM grading_review r WHERE r.job_id = j.id)
ORDER BY j.candidate_id, j.id
ON CONFLICT DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [("analytics", "0001_facts")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
