# On PostgreSQL, words of names by an index of their own: that of the whole card cannot tell in which part a word stands

from django.db import migrations

MAKE = (
    "CREATE INDEX search_names_by_word ON glossary_searchentry USING gin (to_tsvector('simple'::regconfig, names))"
)


def make_index(apps, schema_editor):
    if schema_editor.connection.vendor == 'postgresql':
        schema_editor.execute(MAKE)


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == 'postgresql':
        schema_editor.execute('DROP INDEX search_names_by_word')


class Migration(migrations.Migration):

    dependencies = [
        ('glossary', '0023_letters'),
    ]

    operations = [
        migrations.RunPython(make_index, drop_index),
    ]
