import django.db.models.deletion
from django.db import migrations, models

# Drawn into a migration of its own: PostgreSQL alters no table whose rows the same transaction has changed.
TRIGGERS = """
CREATE TRIGGER calibrationanswer_is_append_only BEFORE UPDATE OR DELETE ON grading_calibrationanswer
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("questionbank", "0003_workshop"),
        ("grading", "0008_grades_name_their_version"),
    ]
    operations = [
        migrations.AlterField(
            model_name="grade",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="questionbank.questionversion"
            ),
        ),
        migrations.AlterField(
            model_name="review",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="questionbank.questionversion"
            ),
        ),
        migrations.RunSQL(
            TRIGGERS, "DROP TRIGGER calibrationanswer_is_append_only ON grading_calibrationanswer;"
        ),
    ]
