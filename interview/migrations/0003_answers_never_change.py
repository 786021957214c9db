"""A submitted answer never changes."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER answer_never_changes BEFORE UPDATE ON interview_answer
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
BACKWARD = "DROP TRIGGER answer_never_changes ON interview_answer;"


class Migration(migrations.Migration):
    dependencies = [("interview", "0002_initial"), ("people", "0002_audit_is_append_only")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
