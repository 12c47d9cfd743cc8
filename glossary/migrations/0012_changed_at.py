"""When readers last got something else of a term; until now only its first publication was kept."""

from django.db import migrations, models
from django.db.models import F


def fill(apps, schema_editor):
    """Begin with what is known: when it was first published."""
    apps.get_model("glossary", "Term").objects.filter(changed_at=None).update(changed_at=F("published_at"))


class Migration(migrations.Migration):
    dependencies = [("glossary", "0011_sign_up")]

    operations = [
        migrations.AddField(
            model_name="term",
            name="changed_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When readers last got something else of it: words, date, or nothing any more.",
                null=True,
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
