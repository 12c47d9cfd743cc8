"""The search index: under which names and words readers find a published term. Derived; made anew by the services."""

from django.db import connection, models
from django.db.models import IntegerChoices

from glossary.domain.names import MAX_NAME
from glossary.domain.search import MAX_TYPO_WORD
from glossary.models.name import MAX_KEY

TEXT, NAMES_TEXT = "glossary_searchtext", "glossary_searchnametext"  # SQLite's full-text indexes
LAST = "\U0010ffff"  # sorts after every character that a key can hold


class NamePlace(IntegerChoices):
    """What a name is to its term; a hidden one finds it and is printed nowhere."""

    HEADWORD = 0
    ALIAS = 1
    HIDDEN = 2


class SearchName(models.Model):
    """One name of one published term. On PostgreSQL the key is kept in byte order (see the migration)."""

    term = models.ForeignKey("glossary.Term", on_delete=models.CASCADE, related_name="search_names")
    key = models.CharField(max_length=MAX_KEY)
    place = models.PositiveSmallIntegerField(choices=NamePlace.choices)
    text = models.CharField(max_length=MAX_NAME, blank=True, help_text="As readers see it; empty for a hidden name.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["term", "key"], name="a_term_has_a_name_once"),
            models.CheckConstraint(
                condition=models.Q(place=NamePlace.HIDDEN, text="") | ~models.Q(place=NamePlace.HIDDEN),
                name="a_hidden_name_is_not_kept_for_printing",
            ),
        ]
        indexes = [models.Index(fields=["key", "place", "term"], name="search_names_by_key")]

    def __str__(self) -> str:
        return self.key


class SearchEntry(models.Model):
    """The words of one published card as `domain.search.Entry` has them.

    SQLite keeps full-text indexes beside it, of all three columns in glossary_searchtext and of the names alone in
    glossary_searchnametext; PostgreSQL has the generated column `vector` and an index of the names. All are made by
    migrations.
    """

    term = models.OneToOneField(
        "glossary.Term", on_delete=models.CASCADE, primary_key=True, related_name="search_entry"
    )
    names = models.TextField()
    definition = models.TextField()
    body = models.TextField()

    def __str__(self) -> str:
        return f"words of {self.term_id}"


class SearchTypo(models.Model):
    """A word of a published name under one of the numbers that it shares with its misspellings.

    A word stays when its last term goes: it is never printed, and leads to nothing then. A rebuild sweeps it out.
    """

    deletion = models.IntegerField()
    word = models.CharField(max_length=MAX_TYPO_WORD)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deletion", "word"], name="a_word_has_a_deletion_once")]

    def __str__(self) -> str:
        return self.word


def has_text_table() -> bool:
    """Return whether the database keeps full-text indexes in tables of their own, which the services write."""
    return connection.vendor == "sqlite"
