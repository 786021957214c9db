"""Grades and reviews that stand already looked for the key points of the version that was asked."""

from django.db import migrations

# Checks of foreign keys that wait for the commit would stand in the way of switching the triggers on again.
FORWARD = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE grading_grade DISABLE TRIGGER grade_is_append_only;
UPDATE grading_grade SET version_id = job.version_id FROM grading_gradingjob job WHERE job.id = job_id;
ALTER TABLE grading_grade ENABLE TRIGGER grade_is_append_only;
ALTER TABLE grading_review DISABLE TRIGGER review_is_append_only;
UPDATE grading_review SET version_id = job.version_id FROM grading_gradingjob job WHERE job.id = job_id;
ALTER TABLE grading_review ENABLE TRIGGER review_is_append_only;
UPDATE grading_gradingjob job SET grade_id = grade.id FROM grading_grade grade WHERE grade.job_id = job.id;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("grading", "0007_workshop")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
