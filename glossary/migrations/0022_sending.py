

from django.db import migrations, models


def take_the_moment_of_the_mail(apps, schema_editor):
    """Say of mails that left before there was the column that their words were read when they left."""
    rows = apps.get_model("glossary", "Delivery").objects.filter(state__in=["sent", "in_doubt"])
    rows.update(written_at=models.F("at"))


class Migration(migrations.Migration):

    dependencies = [
        ('glossary', '0021_sign_up'),
    ]

    operations = [
        migrations.AddField(
            model_name='brief',
            name='trouble',
            field=models.CharField(blank=True, help_text='Why it does not go on by itself.', max_length=300),
        ),
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('assigned', 'assigned to you'), ('sent back', 'sent back to you'), ('passed', 'passed'), ('comment', 'said to you'), ('suggestion', 'wording suggested to you'), ('answered', 'your wording was answered'), ('cut', 'a sentence was cut'), ('deck', 'a deck needs you'), ('reserve', 'a reserve stepped in'), ('brief', 'the brief needs you')], max_length=10),
        ),
        migrations.AddField(
            model_name='installation',
            name='armed_nonce',
            field=models.CharField(blank=True, max_length=32),
        ),
        migrations.AddField(
            model_name='installation',
            name='runs',
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='delivery',
            name='written_at',
            field=models.DateTimeField(blank=True, help_text='When the words were read that the reader has, or may have.', null=True),
        ),
        migrations.RunPython(take_the_moment_of_the_mail, migrations.RunPython.noop),
        migrations.AddField(
            model_name='subscriber',
            name='soft_before',
            field=models.DateField(blank=True, help_text='The day before that on which mail came back.', null=True),
        ),
    ]
