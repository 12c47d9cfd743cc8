

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('glossary', '0017_ready_pages'),
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
    ]
