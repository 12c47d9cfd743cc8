from django.db import migrations, models
from django.db.models import F, Q

from glossary.domain.address import address_key, mail_address


def name_domains_as_the_dns_does(apps, schema_editor):
    """Have mail go to the domain's name in the DNS; what no mail can go to stays as it is, for staff to see."""
    for name in ('Subscriber', 'SignUp'):
        model = apps.get_model('glossary', name)
        for row in model.objects.exclude(address__regex=r'^[!-~]+$').iterator():
            try:
                address, key = mail_address(row.address), address_key(row.address)
            except ValueError:
                continue
            if name == 'SignUp' or not model.objects.exclude(pk=row.pk).filter(key=key).exists():
                model.objects.filter(pk=row.pk).update(address=address, key=key)


def keep_the_last_three(apps, schema_editor):
    """Have each mail that was counted count as one of the last three, as late as it may have left."""
    counts = apps.get_model('glossary', 'ConfirmationCount').objects
    counts.filter(sent__gte=2).update(before_at=F('last_at'))
    counts.filter(sent__gte=3).update(first_at=F('last_at'))


def hold_what_staff_held(apps, schema_editor):
    """Have what staff held back stay so until they lift it."""
    apps.get_model('glossary', 'Suppression').objects.filter(reason='staff').update(held=True)


class Migration(migrations.Migration):

    dependencies = [
        ('glossary', '0017_ready_pages'),
    ]

    operations = [
        migrations.RunPython(name_domains_as_the_dns_does, migrations.RunPython.noop),
        migrations.AddField(
            model_name='confirmationcount',
            name='before_at',
            field=models.DateTimeField(help_text='The mail before the last.', null=True),
        ),
        migrations.AddField(
            model_name='confirmationcount',
            name='first_at',
            field=models.DateTimeField(help_text='The mail before that one.', null=True),
        ),
        migrations.RunPython(keep_the_last_three, migrations.RunPython.noop),
        migrations.RemoveField(model_name='confirmationcount', name='since'),
        migrations.RemoveField(model_name='confirmationcount', name='sent'),
        migrations.AddConstraint(
            model_name='confirmationcount',
            constraint=models.CheckConstraint(
                condition=Q(('first_at__isnull', True), ('before_at__isnull', False), _connector='OR'),
                name='counted_mails_have_no_gap',
            ),
        ),
        migrations.AddField(
            model_name='signup',
            name='network',
            field=models.CharField(blank=True, default='', max_length=22),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name='SignUpTally',
            fields=[
                ('key', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('count', models.IntegerField(default=0)),
                ('at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.AddField(
            model_name='suppression',
            name='held',
            field=models.BooleanField(
                default=False, help_text='Not even a confirmation goes there, until staff lift it.'
            ),
        ),
        migrations.RunPython(hold_what_staff_held, migrations.RunPython.noop),
    ]
