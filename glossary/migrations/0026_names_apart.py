# On SQLite, words of names in a full-text index of their own: in that of the whole card, a word or a beginning that
# many cards hold is looked through card by card before the names that hold it are known

from django.db import migrations

# The beginnings of three to five letters are kept ready, which is what a reader has typed when suggestions start
MAKE = """CREATE VIRTUAL TABLE glossary_searchnametext USING fts5(
    names, content='glossary_searchentry', content_rowid='term_id',
    tokenize="unicode61 remove_diacritics 0", prefix='3 4 5'
)"""
FILL = "INSERT INTO glossary_searchnametext (glossary_searchnametext) VALUES ('rebuild')"


def make_index(apps, schema_editor):
    if schema_editor.connection.vendor == 'sqlite':
        schema_editor.execute(MAKE)
        schema_editor.execute(FILL)


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == 'sqlite':
        schema_editor.execute('DROP TABLE glossary_searchnametext')


class Migration(migrations.Migration):

    dependencies = [
        ('glossary', '0025_link_keys_in_order'),
    ]

    operations = [
        migrations.RunPython(make_index, drop_index),
    ]
