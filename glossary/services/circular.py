"""Loops of definitions: A explained by B, and B by A. They are reported with the way round, and block nothing."""

from collections.abc import Collection, Iterable

from glossary.domain.circular import STEPS, after_verb
from glossary.domain.relations import circle
from glossary.domain.term import Words
from glossary.domain.wording.patterns import names_by_key
from glossary.models import Name, Term


def definition_loop(words: Words, term: Term | None) -> list[str]:
    """Return the headwords along which the definition leads back to its own term, from it round to it; [] for none.

    Published definitions are followed, for a term without one its draft: two queries a step, at most STEPS steps. A
    definition that uses its own name is the rules' to say (W9.circular).
    """
    if term is None:
        return []
    steps = iter(range(STEPS))

    def further(terms: Collection[int]) -> dict[int, list[int]]:
        if next(steps, None) is None:
            return {}
        rows = Term.objects.live().filter(pk__in=terms).select_related("published")
        texts = {one.pk: one.published.words_json["definition"] if one.published else one.definition for one in rows}
        return _terms_in(texts)

    first = _terms_in({term.pk: words.definition}).get(term.pk, [])
    way = circle(term.pk, [one for one in first if one != term.pk], further)
    names = {one.pk: str(one) for one in Term.objects.filter(pk__in=way)}
    return [names[one] for one in way]


def _terms_in(definitions: dict[int, str]) -> dict[int, list[int]]:
    """Return for each term the terms that its definition names after the verb; one query."""
    keys = {term: names_by_key([after_verb(text)]) for term, text in definitions.items()}
    known = _owners({key for found in keys.values() for key in found})
    return {term: sorted({known[key] for key in found if key in known}) for term, found in keys.items()}


def _owners(keys: Iterable[str]) -> dict[str, int]:
    rows = Name.objects.filter(key__in=list(keys), term__isnull=False).values_list("key", "term")
    return {key: term for key, term in rows if term is not None}
