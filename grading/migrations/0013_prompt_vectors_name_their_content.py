from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("grading", "0012_regrades_go_with_their_draft"),
    ]

    operations = [
        migrations.AddField(
            model_name="promptvector",
            name="content_hash",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
    ]
