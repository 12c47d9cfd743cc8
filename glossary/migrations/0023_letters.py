# Names whose first letter has a stroke or is joined stand under the letter it is sorted with, capitals too

from django.db import migrations

from glossary.domain.names import letter_of, sort_key


def sort_again(apps, schema_editor):
    """Compute letter and sort key of every term anew, from the name that readers see, or else the working one."""
    Term = apps.get_model('glossary', 'Term')
    changed = []
    for term in Term.objects.select_related('published').iterator(chunk_size=500):
        name = term.published.words_json.get('headword', term.headword) if term.published else term.headword
        found = (letter_of(name) if term.letter else '', sort_key(name))
        if (term.letter, term.sort_key) != found:
            term.letter, term.sort_key = found
            changed.append(term)
    Term.objects.bulk_update(changed, ['letter', 'sort_key'], batch_size=500)


class Migration(migrations.Migration):

    dependencies = [
        ('glossary', '0022_sending'),
    ]

    operations = [
        migrations.RunPython(sort_again, migrations.RunPython.noop),
    ]
