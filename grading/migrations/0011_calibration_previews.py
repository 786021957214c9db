import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("questionbank", "0004_versions_come_back_from_review"),
        ("grading", "0010_bench_attempts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="CalibrationPreview",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("reviews", models.JSONField()),
                ("created_at", models.DateTimeField()),
                ("rung_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("error_before", models.FloatField(null=True)),
                ("error_after", models.FloatField(null=True)),
                ("nearer", models.PositiveIntegerField(null=True)),
                ("trouble", models.TextField(blank=True)),
                (
                    "calibration",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="preview",
                        to="grading.questioncalibration",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="questionbank.questionversion",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
                "indexes": [
                    models.Index(
                        condition=models.Q(finished_at__isnull=True),
                        fields=["rung_at"],
                        name="calibration_preview_open",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(finished_at__isnull=True)
                        | ~models.Q(trouble="")
                        | models.Q(error_before__isnull=False, error_after__isnull=False, nearer__isnull=False),
                        name="calibration_preview_done_says_what",
                    ),
                ],
            },
        ),
    ]
