"""Published terms out of one written statement, for what is asked at every letter that a reader types.

Django puts `Term.objects.for_readers()` together in a millisecond, which is longer than a search takes otherwise.
"""

from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models import QuerySet

from glossary.domain.term import Stage
from glossary.models.edition import Edition
from glossary.models.fact_check import FactCheck
from glossary.models.term import Term

M = TypeVar("M", bound=models.Model)
STATEMENT = """SELECT {term}, {edition}, {check} FROM glossary_term AS term
    JOIN glossary_edition AS edition ON edition.id = term.published_id
    JOIN glossary_factcheck AS fact_check ON fact_check.edition_id = edition.id
    WHERE term.stage = %s AND term.id IN ({keys})"""


def terms_for_readers(keys: Collection[int]) -> dict[int, Term]:
    """Return by key the published terms among `keys`, each with its edition and the checks of that at hand.

    As `Term.objects.for_readers()` has them, but for the topic; a term without any check is left out.
    """
    if not keys:
        return {}
    term_part, edition_part, check_part = _parts()
    statement = STATEMENT.format(
        term=term_part.columns,
        edition=edition_part.columns,
        check=check_part.columns,
        keys=", ".join(["%s"] * len(keys)),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [Stage.PUBLISHED.value, *keys])
        rows = cursor.fetchall()
    found: dict[int, Term] = {}
    checks: dict[int, list[FactCheck]] = {}
    middle, last = len(term_part.names), len(term_part.names) + len(edition_part.names)
    for row in rows:
        key = row[term_part.key_at]
        if key not in found:
            found[key] = term_part.instance(row[:middle])
            found[key].published = edition_part.instance(row[middle:last])
        checks.setdefault(key, []).append(check_part.instance(row[last:]))
    for key, term in found.items():
        _put_at_hand(term, checks[key])
    return found


class _Part(Generic[M]):
    """The columns of one model in the statement, and its instances out of their values."""

    def __init__(self, model: type[M], alias: str, *, without: Collection[str] = ()) -> None:
        fields = [field for field in model._meta.concrete_fields if field.attname not in without]
        self.model = model
        self.names = [field.attname for field in fields]
        self.key_at = self.names.index("id")
        self.columns = ", ".join(f'{alias}."{field.column}"' for field in fields)
        columns = [field.get_col(model._meta.db_table) for field in fields]
        self.converted: list[tuple[int, Any, list[Callable[..., Any]]]] = [
            (place, column, converters)
            for place, column in enumerate(columns)
            if (converters := connection.ops.get_db_converters(column) + column.get_db_converters(connection))
        ]

    def instance(self, row: Sequence[Any]) -> M:
        """Return the instance with these values, as the ORM makes it."""
        values = list(row)
        for place, column, converters in self.converted:
            for convert in converters:
                values[place] = convert(values[place], column, connection)
        return self.model.from_db(connection.alias, self.names, values)


@cache
def _parts() -> tuple[_Part[Term], _Part[Edition], _Part[FactCheck]]:
    long = ("body", "definition", "example")  # of the working text; what readers see is in the edition
    return _Part(Term, "term", without=long), _Part(Edition, "edition"), _Part(FactCheck, "fact_check")


def _put_at_hand(term: Term, checks: list[FactCheck]) -> None:
    """Let the term's edition have its checks as `prefetch_related` leaves them."""
    assert term.published is not None
    for check in checks:
        check.edition = term.published
    at_hand: QuerySet[FactCheck] = FactCheck.objects.all()
    at_hand._result_cache = checks
    vars(term.published)["_prefetched_objects_cache"] = {"fact_checks": at_hand}
