"""Ready pages: answers kept beforehand, what they were made from, and how often public words changed."""

from django.db import models

from glossary.domain.ready_page import MAX_PATH


class PublicChange(models.Model):
    """How often what readers get has changed: the sum over the rows is the mark, and moves with every change.

    Whoever changes something adds one to any row that nobody else holds, or adds a row: so changes never wait for each
    other. A few rows at most.
    """

    moves = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.moves} changes"


class ReadyPage(models.Model):
    """An answer as it is sent, by address. `deckproject/ready_pages.py` reads it before Django is asked."""

    path = models.CharField(max_length=MAX_PATH)
    build = models.CharField(max_length=16, help_text="The templates, code and settings that it was rendered by.")
    valid_until = models.BigIntegerField(help_text="Seconds since 1970.")
    status = models.PositiveSmallIntegerField()
    etag = models.CharField(max_length=40)
    headers = models.TextField(help_text="A JSON list of pairs: as on every answer, without length and ETag.")
    terms = models.TextField(help_text="The keys of the terms it shows, with a comma before and after each.")
    any_term = models.BooleanField(help_text="Any public change drops it.")
    any_deck = models.BooleanField(help_text="A change of any deck drops it.")
    packed = models.BinaryField(help_text="The page, packed by gzip.")
    body = models.BinaryField()
    later = models.BinaryField(help_text="The page as of the next day, where that differs; packed by gzip.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["path", "build"], name="one_ready_page_per_address")]
        indexes = [
            models.Index(fields=["valid_until"]),
            models.Index(fields=["any_term"], condition=models.Q(any_term=True), name="ready_pages_of_any_term"),
            models.Index(fields=["any_deck"], condition=models.Q(any_deck=True), name="ready_pages_of_any_deck"),
        ]

    def __str__(self) -> str:
        return self.path


class PageDependency(models.Model):
    """That a ready page shows something of a term.

    No constraint binds the term's key: checking it would lock the term's row against whoever is changing it, and that
    person waits for the page to be kept.
    """

    page = models.ForeignKey("glossary.ReadyPage", on_delete=models.CASCADE, related_name="dependencies")
    term = models.ForeignKey("glossary.Term", on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "term"], name="a_page_depends_on_a_term_once")]

    def __str__(self) -> str:
        return f"{self.page_id} shows {self.term_id}"


class DroppedPage(models.Model):
    """That a ready page is not to be served, though somebody else held its row when it was dropped.

    No foreign key: the page may be gone at the next moment.
    """

    page = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"page {self.page} is dropped"


class AnkiPackage(models.Model):
    """The glossary as a file for Anki, for one build: good while `mark` is the mark of all public changes.

    So a change of public words ends it at the moment of its commit, without touching the row. `making_until` is the
    claim of whoever makes it anew, in seconds since 1970; a claim that ran out is nobody's.
    """

    build = models.CharField(max_length=16, unique=True)
    mark = models.BigIntegerField(default=-1)
    valid_until = models.BigIntegerField(default=0, help_text="Seconds since 1970.")
    making_until = models.BigIntegerField(default=0, help_text="Seconds since 1970.")
    etag = models.CharField(max_length=40, blank=True)
    body = models.BinaryField(default=b"")

    def __str__(self) -> str:
        return f"package of {self.build}"


class Heartbeat(models.Model):
    """When a job last ended well."""

    job = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.job} at {self.at:%Y-%m-%d %H:%M:%S}"


# Rows that are made from others and may be dropped at any time: a GET may write them, a comparison of what the desk
# keeps leaves them out.
CACHE_TABLES: tuple[type[models.Model], ...] = (PublicChange, ReadyPage, PageDependency, DroppedPage, AnkiPackage)
