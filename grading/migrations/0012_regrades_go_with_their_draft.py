import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("grading", "0011_calibration_previews"),
    ]
    operations = [
        migrations.AlterField(
            model_name="regrade",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="regrades",
                to="questionbank.questionversion",
            ),
        ),
    ]
