from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("grading", "0009_versions_are_named"),
    ]
    operations = [
        migrations.AddField(
            model_name="benchrun",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="workerheartbeat",
            name="identity",
            field=models.JSONField(default=dict),
        ),
    ]
