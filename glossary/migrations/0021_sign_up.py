import django.db.models.deletion
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


def keep_the_links(apps, schema_editor):
    """Have the confirmation links that were mailed go on working."""
    ConfirmationLink = apps.get_model('glossary', 'ConfirmationLink')
    waiting = apps.get_model('glossary', 'Subscriber').objects.exclude(token_hash='')
    ConfirmationLink.objects.bulk_create(
        [
            ConfirmationLink(subscriber_id=pk, token_hash=token, expires=expires)
            for pk, token, expires in waiting.values_list('pk', 'token_hash', 'token_expires')
        ],
        batch_size=500,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('glossary', '0020_link_choices'),
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
        migrations.CreateModel(
            name='ConfirmationLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('expires', models.DateTimeField(db_index=True)),
                (
                    'subscriber',
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name='links', to='glossary.subscriber'
                    ),
                ),
            ],
            options={'ordering': ['pk']},
        ),
        migrations.RunPython(keep_the_links, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name='subscriber', name='a_confirmation_link_expires'),
        migrations.RemoveIndex(model_name='subscriber', name='subscriber_token'),
        migrations.RemoveField(model_name='subscriber', name='token_hash'),
        migrations.RemoveField(model_name='subscriber', name='token_expires'),
    ]
