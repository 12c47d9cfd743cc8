"""The groups of the five roles, so that an administrator finds them on a fresh site."""

from django.db import migrations

ROLES = ["editor", "checker", "publisher", "scheduler", "subscriber admin"]


def make_groups(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    for name in ROLES:
        groups.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [
        ("glossary", "0002_desk"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
