from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("questionbank", "0007_search")]
    operations = [
        migrations.AlterField(
            model_name="import",
            name="state",
            field=models.CharField(
                choices=[
                    ("uploaded", "Waiting for its columns"),
                    ("checking", "Being checked"),
                    ("checked", "Checked"),
                    ("applying", "Being imported"),
                    ("applied", "Imported"),
                    ("failed", "Cannot be read"),
                    ("cancelled", "Cancelled"),
                ],
                default="uploaded",
                max_length=16,
            ),
        ),
    ]
