from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0003_untimed_and_mail")]
    operations = [
        migrations.AddField(
            model_name="user",
            name="is_guest",
            field=models.BooleanField(default=False, help_text="Tries Greenroom without an account."),
        ),
    ]
