"""Grades, their marks and reviews are only ever added; a job keeps the inputs it was made with."""

from django.db import migrations

APPEND_ONLY = ["grade", "keypointmark", "review", "reviewmark"]

FORWARD = """
CREATE FUNCTION refuse_change_of_job_inputs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.answer_id, NEW.candidate_id, NEW.version_id, NEW.text, NEW.engine_version, NEW.created_at)
        IS DISTINCT FROM
       (OLD.answer_id, OLD.candidate_id, OLD.version_id, OLD.text, OLD.engine_version, OLD.created_at)
    THEN
        RAISE EXCEPTION 'the inputs of job % cannot be changed', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER job_inputs_are_fixed BEFORE UPDATE ON grading_gradingjob
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_job_inputs();
""" + "".join(
    f"""
CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE ON grading_{table}
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
    for table in APPEND_ONLY
)
BACKWARD = (
    "".join(f"DROP TRIGGER {table}_is_append_only ON grading_{table};" for table in APPEND_ONLY)
    + """
DROP TRIGGER job_inputs_are_fixed ON grading_gradingjob;
DROP FUNCTION refuse_change_of_job_inputs();
"""
)


class Migration(migrations.Migration):
    dependencies = [("grading", "0002_initial"), ("people", "0002_audit_is_append_only")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
