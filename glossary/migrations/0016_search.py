# The search index, what readers asked for, and the A-Z list by letter

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# SQLite: a full-text index beside the rows, kept by services/search_index.py. No triggers: Django drops them silently
# when it remakes a table. The words come folded and stemmed, so the tokenizer has only to cut at blanks.
SQLITE = [
    """CREATE VIRTUAL TABLE glossary_searchtext USING fts5(
        names, definition, body, content='glossary_searchentry', content_rowid='term_id',
        tokenize="unicode61 remove_diacritics 0"
    )""",
]
# PostgreSQL: the same three parts as one generated column, weighted A, B and D; and names in byte order, so that a
# range of the index finds what a name begins with, whatever the collation of the database.
POSTGRESQL = [
    """ALTER TABLE glossary_searchentry ADD COLUMN vector tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('simple'::regconfig, names), 'A')
        || setweight(to_tsvector('simple'::regconfig, definition), 'B')
        || setweight(to_tsvector('simple'::regconfig, body), 'D')
    ) STORED""",
    "CREATE INDEX search_entries_by_word ON glossary_searchentry USING gin (vector)",
    'ALTER TABLE glossary_searchname ALTER COLUMN key TYPE varchar(500) COLLATE "C"',
    'ALTER TABLE glossary_searchtypo ALTER COLUMN word TYPE varchar(20) COLLATE "C"',
]


def make_text_index(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == 'sqlite' else POSTGRESQL:
        schema_editor.execute(statement)


def drop_text_index(apps, schema_editor):
    if schema_editor.connection.vendor == 'sqlite':
        schema_editor.execute('DROP TABLE glossary_searchtext')  # PostgreSQL's goes with the table it belongs to


class Migration(migrations.Migration):

    dependencies = [
        ('glossary', '0015_link_keys'),
        ('taggit', '0006_rename_taggeditem_content_type_object_id_taggit_tagg_content_8fc721_idx'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Ask',
            fields=[
                ('key', models.CharField(max_length=500, primary_key=True, serialize=False)),
                ('text', models.CharField(max_length=120)),
                ('number', models.PositiveIntegerField(default=1)),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField(db_index=True)),
                ('dismissed_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('term', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='search_entry', serialize=False, to='glossary.term')),
                ('names', models.TextField()),
                ('definition', models.TextField()),
                ('body', models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name='SearchName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=500)),
                ('place', models.PositiveSmallIntegerField(choices=[(0, 'Headword'), (1, 'Alias'), (2, 'Hidden')])),
                ('text', models.CharField(blank=True, help_text='As readers see it; empty for a hidden name.', max_length=120)),
            ],
        ),
        migrations.CreateModel(
            name='SearchTypo',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('deletion', models.IntegerField()),
                ('word', models.CharField(max_length=20)),
            ],
        ),
        migrations.AddIndex(
            model_name='term',
            index=models.Index(fields=['stage', 'letter', 'sort_key', 'slug'], name='terms_by_letter'),
        ),
        migrations.AddField(
            model_name='ask',
            name='dismissed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='searchname',
            name='term',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='search_names', to='glossary.term'),
        ),
        migrations.AddConstraint(
            model_name='searchtypo',
            constraint=models.UniqueConstraint(fields=('deletion', 'word'), name='a_word_has_a_deletion_once'),
        ),
        migrations.AddConstraint(
            model_name='ask',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='an_ask_was_made_once_at_least'),
        ),
        migrations.AddIndex(
            model_name='searchname',
            index=models.Index(fields=['key', 'place', 'term'], name='search_names_by_key'),
        ),
        migrations.AddConstraint(
            model_name='searchname',
            constraint=models.UniqueConstraint(fields=('term', 'key'), name='a_term_has_a_name_once'),
        ),
        migrations.AddConstraint(
            model_name='searchname',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('place', 2), ('text', '')), models.Q(('place', 2), _negated=True), _connector='OR'), name='a_hidden_name_is_not_kept_for_printing'),
        ),
        migrations.RunPython(make_text_index, drop_text_index),
    ]
