from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("questionbank", "0005_imports")]

    operations = [
        migrations.AddField(
            model_name="import",
            name="versions",
            field=models.ManyToManyField(related_name="imports", to="questionbank.questionversion"),
        ),
    ]
