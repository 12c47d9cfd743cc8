"""The lexicon: the names of published terms under the keys by which running text finds them."""

import json
from collections.abc import Iterable

from django.db import connection, models
from django.db.models.expressions import RawSQL

from glossary.domain.link_policy import LinkPolicy
from glossary.domain.names import MAX_NAME
from glossary.models.name import MAX_KEY

# All keys go in as one value: a text has thousands of them, and a query takes only so many values. For PostgreSQL it is
# one string, as its driver writes each value of an array by itself, which takes longer than all the rest.
KEYS_OF = {
    "postgresql": "SELECT unnest(string_to_array(%s, E'\\n'))",
    "sqlite": "SELECT value FROM json_each(%s)",
}


def given_as_one(keys: Iterable[str]) -> str:
    """Return keys as the one value that `KEYS_OF` takes apart; none that holds a line break, as no name does."""
    wanted = [key for key in keys if "\n" not in key]
    return json.dumps(wanted) if connection.vendor == "sqlite" else "\n".join(wanted)


class LinkKeyQuerySet(models.QuerySet["LinkKey"]):
    """Names in the words of running text."""

    def under(self, keys: Iterable[str]) -> "LinkKeyQuerySet":
        """Names that stand under these keys: one look-up in the index for each key, however many names there are."""
        return self.filter(key__in=RawSQL(KEYS_OF[connection.vendor], [given_as_one(keys)]))


class LinkKey(models.Model):
    """One name of one published term, with what becomes of it in running text; derived from the term."""

    key = models.CharField(max_length=MAX_KEY)
    term = models.ForeignKey("glossary.Term", on_delete=models.CASCADE, related_name="link_keys")
    text = models.CharField(max_length=MAX_NAME)
    policy = models.CharField(
        max_length=10, choices=[(policy.value, policy.value) for policy in LinkPolicy], default=LinkPolicy.AUTO.value
    )
    ambiguous = models.BooleanField(default=False)

    objects = LinkKeyQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["term", "text"], name="a_name_is_linked_to_its_term_once")]
        indexes = [models.Index(fields=["key"])]

    def __str__(self) -> str:
        return self.text
