"""The words by which the desk finds a term: of its names, its sentences and the addresses of its sources."""

from django.db import connection, models
from django.db.models import Q

MAX_WORD = 40  # characters; longer ones are found by their beginning


class DeskWordQuerySet(models.QuerySet["DeskWord"]):
    """Words as an index has them."""

    def beginning(self, start: str) -> "DeskWordQuerySet":
        """Words that begin so; a range of the index on either database."""
        rows = self.filter(word__startswith=start)
        if connection.vendor == "sqlite":  # LIKE with ESCAPE uses no index there; the range does
            rows = rows.filter(Q(word__gte=start) & Q(word__lt=start + "\U0010ffff"))
        return rows


class DeskWord(models.Model):
    """One word of one term; derived, and made anew whenever the term is saved."""

    term = models.ForeignKey("glossary.Term", on_delete=models.CASCADE, related_name="desk_words")
    word = models.CharField(max_length=MAX_WORD, db_index=True)

    objects = DeskWordQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["term", "word"], name="one_row_per_word_of_a_term")]

    def __str__(self) -> str:
        return self.word
