from django.db import migrations

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


class Migration(migrations.Migration):

    dependencies = [
        ('glossary', '0017_ready_pages'),
    ]

    operations = [
        migrations.RunPython(name_domains_as_the_dns_does, migrations.RunPython.noop),
    ]
