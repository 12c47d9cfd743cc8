# What ids that stay for life are made from, when a term was last filed elsewhere, and the package for Anki

from datetime import date

from django.conf import settings
from django.db import migrations, models


FILED = ['tagged', 'changed the address of']
BORN = date(2026, 1, 1)  # in the tag URIs that sites gave out until now


def write_down_the_beginning(apps, schema_editor):
    """Keep the ids of a site that has published: so far they were made from the settings of the moment."""
    if not apps.get_model('glossary', 'Term').objects.filter(published_at__isnull=False).exists():
        return
    installation = apps.get_model('glossary', 'Installation').objects
    begun = {'first_url': settings.SITE_URL, 'first_name': settings.SITE_NAME[:100], 'first_on': BORN}
    if not installation.update(**begun):
        first = apps.get_model('glossary', 'Term').objects.aggregate(at=models.Min('published_at'))['at']
        installation.create(made_at=first, **begun)


def find_moments_of_filing(apps, schema_editor):
    """Take from the trail when a term got another tag or address; of a topic it did not tell."""
    terms = apps.get_model('glossary', 'Term').objects
    acts = apps.get_model('glossary', 'TrailEntry').objects.filter(verb__in=FILED, term__isnull=False)
    for term, at in acts.order_by().values_list('term').annotate(at=models.Max('at')):
        terms.filter(pk=term).update(filed_at=at)


class Migration(migrations.Migration):

    dependencies = [
        ('glossary', '0017_ready_pages'),
    ]

    operations = [
        migrations.CreateModel(
            name='AnkiPackage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('build', models.CharField(max_length=16, unique=True)),
                ('mark', models.BigIntegerField(default=-1)),
                ('valid_until', models.BigIntegerField(default=0, help_text='Seconds since 1970.')),
                ('making_until', models.BigIntegerField(default=0, help_text='Seconds since 1970.')),
                ('etag', models.CharField(blank=True, max_length=40)),
                ('body', models.BinaryField(default=b'')),
            ],
        ),
        migrations.AddField(
            model_name='installation',
            name='first_name',
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name='installation',
            name='first_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='installation',
            name='first_url',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name='term',
            name='filed_at',
            field=models.DateTimeField(blank=True, help_text='When its topic, its tags, a name of those, or its address last changed.', null=True),
        ),
        migrations.AddConstraint(
            model_name='installation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('first_on__isnull', True), ('first_url', '')), models.Q(models.Q(('first_url', ''), _negated=True), ('first_on__isnull', False)), _connector='OR'), name='a_first_address_has_its_day'),
        ),
        migrations.RunPython(write_down_the_beginning, migrations.RunPython.noop),
        migrations.RunPython(find_moments_of_filing, migrations.RunPython.noop),
    ]
