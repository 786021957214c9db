"""A guest's jobs may pass to the account they make: the candidate of a job changes then, and never otherwise."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change_of_job_inputs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.answer_id, NEW.version_id, NEW.text, NEW.engine_version, NEW.created_at)
        IS DISTINCT FROM
       (OLD.answer_id, OLD.version_id, OLD.text, OLD.engine_version, OLD.created_at)
       OR (NEW.candidate_id IS DISTINCT FROM OLD.candidate_id {unless})
    THEN
        RAISE EXCEPTION 'the inputs of job % cannot be changed', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""
FORWARD = FUNCTION.format(
    unless="AND NOT EXISTS (SELECT FROM people_user WHERE id = OLD.candidate_id AND is_guest)"
)
BACKWARD = FUNCTION.format(unless="")


class Migration(migrations.Migration):
    dependencies = [("grading", "0005_appeals_and_questions_to_mentors"), ("people", "0004_guests")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
