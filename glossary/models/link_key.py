"""The lexicon: the names of published terms under the keys by which running text finds them."""

import json
from collections.abc import Iterable

from django.db import connection, models

from glossary.domain.link_policy import LinkPolicy
from glossary.domain.names import MAX_NAME
from glossary.models.name import MAX_KEY

MOST_LONGER = 200  # longer names that are read along by their first words; of more than these, by their keys

# Written out, as every first render asks for it: Django takes longer to put it together than a database to answer.
# All keys go in as one value: a text has a thousand of them, and a query takes only so many values. For PostgreSQL it
# is one string, as its driver writes each value of an array by itself, which takes longer than all the rest. Each key
# is one look-up in the index, and so is each opening: the names that begin so stand side by side there.
COLUMNS = "name.key, name.text, name.term_id, term.slug, name.policy, name.ambiguous"
NAMES_OF = {
    "postgresql": f"""
        SELECT {COLUMNS}
        FROM string_to_table(%s, E'\n') AS given (key)
        JOIN glossary_linkkey name ON name.key = given.key JOIN glossary_term term ON term.id = name.term_id
    """,
    "sqlite": f"""
        SELECT {COLUMNS}
        FROM json_each(%s) given
        CROSS JOIN glossary_linkkey name ON name.key = given.value JOIN glossary_term term ON term.id = name.term_id
    """,
}
LONGER_NAMES_OF = {
    "postgresql": f"""
        SELECT * FROM (
            SELECT {COLUMNS}
            FROM string_to_table(%s, E'\n') AS given (opening)
            CROSS JOIN LATERAL (
                SELECT * FROM glossary_linkkey
                WHERE key ~>=~ (given.opening || ' ') AND key ~<~ (given.opening || '!')
                ORDER BY key USING ~<~ LIMIT {MOST_LONGER + 1}
            ) name JOIN glossary_term term ON term.id = name.term_id
            LIMIT {MOST_LONGER + 1}
        ) longer
    """,
    "sqlite": f"""
        SELECT * FROM (
            SELECT {COLUMNS}
            FROM json_each(%s) given
            CROSS JOIN glossary_linkkey name ON name.key >= given.value || ' ' AND name.key < given.value || '!'
            JOIN glossary_term term ON term.id = name.term_id
            LIMIT {MOST_LONGER + 1}
        )
    """,
}


def given_as_one(keys: Iterable[str]) -> str:
    """Return keys as the one value that these statements take apart; a key has no line break."""
    return json.dumps(list(keys)) if connection.vendor == "sqlite" else "\n".join(keys)


class LinkKey(models.Model):
    """One name of one published term, with what becomes of it in running text; derived from the term."""

    key = models.CharField(max_length=MAX_KEY)
    term = models.ForeignKey("glossary.Term", on_delete=models.CASCADE, related_name="link_keys")
    text = models.CharField(max_length=MAX_NAME)
    policy = models.CharField(
        max_length=10, choices=[(policy.value, policy.value) for policy in LinkPolicy], default=LinkPolicy.AUTO.value
    )
    ambiguous = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["term", "text"], name="a_name_is_linked_to_its_term_once")]
        # In the order of bytes, so that names that begin alike stand side by side, whatever the database's language
        indexes = [models.Index(fields=["key"], name="link_keys_in_order", opclasses=["varchar_pattern_ops"])]

    def __str__(self) -> str:
        return self.text
