"""Terms as readers get them out of one written statement: for what is typed letter by letter, and for a term's page.

Django puts `Term.objects.for_readers()` together in a millisecond, which is longer than a search takes otherwise, and
longer than a database needs for all that stands on a page.
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
STATEMENT = """SELECT {columns} FROM glossary_term AS term
    LEFT JOIN glossary_edition AS edition ON edition.id = term.published_id
    LEFT JOIN glossary_factcheck AS fact_check ON fact_check.edition_id = edition.id
    WHERE {which} ORDER BY term.sort_key, term.slug, fact_check.id DESC"""
ADDRESSED = "SELECT id FROM glossary_term WHERE slug = %s"


def terms_for_readers(keys: Collection[int]) -> dict[int, Term]:
    """Return by key the published terms among `keys`, each with its edition and the checks of that at hand.

    As `Term.objects.for_readers()` has them, but for the topic; a term without any check is left out.
    """
    if not keys:
        return {}
    which = f"term.stage = %s AND fact_check.id IS NOT NULL AND term.id IN ({', '.join(['%s'] * len(keys))})"
    return {term.pk: term for term in _read(which, [Stage.PUBLISHED.value, *keys])}


def terms_around(slug: str) -> list[Term]:
    """Return the term of this address and those that its readers may want, in the order of the A-Z list.

    Each has its published edition and the checks of that at hand, and is marked by what it is to the first: `is_first`
    (to be read before it), `is_broader`, `is_related`, `is_contrast` (often taken for it), and by `was_corrected` where
    readers were ever told of a change of its words. Neither the first nor the others need to be published.
    """
    which, values, marks, of_marks = _around()
    return _read(which, [slug] * values, marks=marks, of_marks=[slug] * of_marks)


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

    def is_in(self, row: Sequence[Any]) -> bool:
        """Return whether something was joined."""
        return row[self.key_at] is not None

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


@cache
def _around() -> tuple[str, int, dict[str, str], int]:
    """Return the condition for `terms_around` and its number of values, the marks and theirs: each is the address."""
    tables = {
        "is_first": Term.prerequisites.through._meta.db_table,
        "is_broader": Term.broader.through._meta.db_table,
        "is_related": Term.related.through._meta.db_table,
    }
    near = {mark: f"SELECT to_term_id FROM {name} WHERE from_term_id = ({ADDRESSED})" for mark, name in tables.items()}
    near["is_contrast"] = (
        f"SELECT id FROM glossary_term WHERE contrast_id = ({ADDRESSED}) "
        "UNION ALL SELECT contrast_id FROM glossary_term WHERE slug = %s AND contrast_id IS NOT NULL"
    )
    which = f"term.id IN ({' UNION ALL '.join([ADDRESSED, *near.values()])})"
    marks = {mark: f"term.id IN ({sql})" for mark, sql in near.items()}
    marks["was_corrected"] = "EXISTS (SELECT 1 FROM glossary_correction WHERE term_id = term.id)"
    return which, which.count("%s"), marks, "".join(marks.values()).count("%s")


def _read(
    which: str, values: list[Any], *, marks: dict[str, str] | None = None, of_marks: Sequence[Any] = ()
) -> list[Term]:
    """Return the terms of a condition, each with what `marks` say of it; `values` and `of_marks` fill their blanks."""
    marks = marks or {}
    term_part, edition_part, check_part = parts = _parts()
    columns = ", ".join([*(part.columns for part in parts), *marks.values()])
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT.format(columns=columns, which=which), [*of_marks, *values])
        rows = cursor.fetchall()
    edition_at = len(term_part.names)
    check_at = edition_at + len(edition_part.names)
    marks_at = check_at + len(check_part.names)
    found: dict[int, Term] = {}
    checks: dict[int, list[FactCheck]] = {}
    for row in rows:
        key = row[term_part.key_at]
        if key not in found:
            term = found[key] = term_part.instance(row[:edition_at])
            edition = row[edition_at:check_at]
            term.published = edition_part.instance(edition) if edition_part.is_in(edition) else None
            checks[key] = []
            for mark, value in zip(marks, row[marks_at:], strict=True):
                setattr(term, mark, bool(value))
        if check_part.is_in(check := row[check_at:marks_at]):
            checks[key].append(check_part.instance(check))
    for key, term in found.items():
        if term.published is not None:
            _put_at_hand(term.published, checks[key])
    return list(found.values())


def _put_at_hand(edition: Edition, checks: list[FactCheck]) -> None:
    """Let an edition have its checks as `prefetch_related` leaves them."""
    for check in checks:
        check.edition = edition
    at_hand: QuerySet[FactCheck] = FactCheck.objects.all()
    at_hand._result_cache = checks
    vars(edition)["_prefetched_objects_cache"] = {"fact_checks": at_hand}
