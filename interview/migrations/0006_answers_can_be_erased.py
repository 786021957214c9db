"""A submitted answer never changes, but for its text's end when its writer is erased."""

from django.db import migrations

WRITER = """
SELECT i.candidate_id FROM interview_interviewquestion q JOIN interview_interview i ON i.id = q.interview_id
WHERE q.id = ($1).question_id
"""
TRIGGER = """
DROP TRIGGER answer_never_changes ON interview_answer;
CREATE TRIGGER answer_never_changes BEFORE UPDATE ON interview_answer
    FOR EACH ROW EXECUTE FUNCTION {function};
"""
FORWARD = TRIGGER.format(function=f"refuse_change_but_erasure('text', '', '{WRITER}')")
BACKWARD = TRIGGER.format(function="refuse_change()")


class Migration(migrations.Migration):
    dependencies = [("interview", "0005_assignments"), ("people", "0006_logins_and_erasing")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
