from django.db import migrations, models

from glossary.domain.interval import Volatility
from glossary.domain.term import Words
from glossary.domain.wording.time_words import stale_on


def find_old_dates(apps, schema_editor):
    """Give the terms that readers see the day from which a date in their words is too old."""
    Term = apps.get_model("glossary", "Term")
    published = Term.objects.filter(published__isnull=False).select_related("published")
    for term in published.order_by("pk").iterator(chunk_size=200):
        day = stale_on(Words.from_json(term.published.words_json), Volatility(term.volatility))
        if day is not None:
            Term.objects.filter(pk=term.pk).update(stale_on=day)


class Migration(migrations.Migration):
    dependencies = [("glossary", "0013_doubts")]

    operations = [
        migrations.AddField(
            model_name="term",
            name="stale_on",
            field=models.DateField(
                blank=True,
                help_text="From this day a date in the published words, “As of July 2024”, is too old.",
                null=True,
            ),
        ),
        migrations.AddIndex(
            model_name="term",
            index=models.Index(fields=["stage", "stale_on"], name="glossary_te_stage_b0cf37_idx"),
        ),
        migrations.RunPython(find_old_dates, migrations.RunPython.noop),
    ]
