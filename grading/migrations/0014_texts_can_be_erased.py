"""When a person is erased, what they wrote and what was written of it goes; scores, marks and times stay."""

from django.db import migrations

OF_JOB = "SELECT candidate_id FROM grading_gradingjob WHERE id = ($1).job_id"
# The column that goes, and what it becomes (a review has a reason).
ERASABLE = {"review": ("reason", "(erased)"), "calibrationanswer": ("text", "")}

JOBS = """
CREATE OR REPLACE FUNCTION refuse_change_of_job_inputs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.answer_id, NEW.version_id, NEW.engine_version, NEW.created_at)
        IS DISTINCT FROM
       (OLD.answer_id, OLD.version_id, OLD.engine_version, OLD.created_at)
       OR (NEW.candidate_id IS DISTINCT FROM OLD.candidate_id
           AND NOT EXISTS (SELECT FROM people_user WHERE id = OLD.candidate_id AND is_guest))
       OR (NEW.text IS DISTINCT FROM OLD.text {unless})
    THEN
        RAISE EXCEPTION 'the inputs of job % cannot be changed', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""
FORWARD = JOBS.format(
    unless="AND NOT (NEW.text = '' AND OLD.candidate_id IS NOT DISTINCT FROM erasing())"
) + "".join(
    f"""
DROP TRIGGER {table}_is_append_only ON grading_{table};
CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE ON grading_{table}
    FOR EACH ROW EXECUTE FUNCTION refuse_change_but_erasure('{column}', '{word}', '{OF_JOB}');
"""
    for table, (column, word) in ERASABLE.items()
)
BACKWARD = JOBS.format(unless="") + "".join(
    f"""
DROP TRIGGER {table}_is_append_only ON grading_{table};
CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE ON grading_{table}
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
    for table in ERASABLE
)


class Migration(migrations.Migration):
    dependencies = [
        ("grading", "0013_prompt_vectors_name_their_content"),
        ("people", "0006_logins_and_erasing"),
    ]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
