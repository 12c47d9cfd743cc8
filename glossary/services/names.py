"""The address book: which names are taken, which lead readers to which term."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction

from glossary.domain.errors import IllegalMove
from glossary.domain.names import MAX_NAME, slug_for, squeezed_key
from glossary.domain.term import Stage
from glossary.models import Meaning, Name, OldSlug, Term
from glossary.services.lexicon import pages_naming, sync_links
from glossary.services.ready_page import drop_pages


class NameTaken(IllegalMove):
    """A name belongs to another term; `other` is that term."""

    def __init__(self, name: str, other: Term) -> None:
        super().__init__(
            f"“{name}” already belongs to “{other.headword}”. Choose another name, "
            "or mark the name as ambiguous in both terms."
        )
        self.other = other


def sync_names(term: Term) -> None:
    """Make the address book and the lexicon agree with the term as it stands.

    Raises NameTaken if a name is another live term's.
    """
    wanted = wanted_names(term)
    _check_addresses(term, {key: text for key, (text, ambiguous, _) in wanted.items() if not ambiguous})
    for name in Name.objects.filter(term=term).exclude(key__in=wanted):
        name.delete()
    for meaning in Meaning.objects.filter(term=term).exclude(name__in=wanted).select_related("name"):
        _drop_meaning(meaning)
    for key, (text, ambiguous, public) in sorted(wanted.items()):  # in one order, so that two savers never deadlock
        try:
            with transaction.atomic():
                _claim(term, key, text, ambiguous=ambiguous, public=public)
        except IntegrityError as error:
            raise IllegalMove(
                f"“{text}” was taken by somebody else a moment ago. Save again to see by whom."
            ) from error
    if changed := sync_links(term):
        drop_pages(terms=pages_naming(changed))


def find_public(name: str) -> Term | None:
    """Return the published term that readers know under this name; None if there is none, or several."""
    key = squeezed_key(name)
    found = Name.objects.public().filter(key=key, term__isnull=False).select_related("term").first()
    return found.term if found else None


def find_addressed(name: str, *, merged: bool) -> Term | None:
    """Return the term that readers find, or once found, under `name` in an address: its slug, an old one, any name.

    `merged` says whether a term that was merged into another stands for itself, as its versions do; otherwise the
    other one is returned.
    """
    if "\x00" in name:  # PostgreSQL refuses to be asked for it
        return None
    slug = name.strip().lower()
    found = Term.objects.select_related("merged_into").filter(slug=slug).first()
    if found is None and (old := OldSlug.objects.filter(slug=slug).select_related("term__merged_into").first()):
        found = old.term
    if found is not None and found.merged_into is not None and not merged:
        found = found.merged_into
    if found is not None and (found.published_at is not None or found.stage == Stage.RETIRED):
        return found
    return find_public(name) if len(name) <= MAX_NAME else None


def address_of_meanings(name: str, printed: Iterable[str]) -> str:
    """Return the one way of writing an ambiguous name in an address, which is no term's own address.

    `printed` are the ways in which cards print it.
    """
    key = squeezed_key(name)
    ways = [key, *sorted(one for one in printed if squeezed_key(one) == key), key.capitalize(), key.upper()]
    taken = set(Term.objects.filter(slug__in=ways).values_list("slug", flat=True))
    return next((way for way in ways if way not in taken), name)


def meanings(name: str) -> list[Term]:
    """Return the published terms that an ambiguous name stands for, as readers see them; empty for any other name."""
    if len(name) > MAX_NAME or "\x00" in name:  # PostgreSQL refuses to be asked for it
        return []
    named = Meaning.objects.filter(name_id=squeezed_key(name), name__public=True, public=True)
    terms = Term.objects.for_readers().filter(pk__in=named.values("term_id")).in_order()
    return [term for term in terms if term.shown()]


def wanted_names(term: Term) -> dict[str, tuple[str, bool, bool]]:
    """Return key → (name, ambiguous, public) for every name the term goes by."""
    if term.stage not in {Stage.DRAFT, Stage.PUBLISHED} or term.binned_at is not None:
        return {}
    aliases = list(term.aliases.all())
    marks = {squeezed_key(alias.text): alias.ambiguous for alias in aliases}
    marks[squeezed_key(term.headword)] = term.ambiguous
    wanted: dict[str, tuple[str, bool, bool]] = {}

    def want(names: Iterable[str], *, public: bool) -> None:
        for name in names:
            key = squeezed_key(name)
            known = wanted.get(key, (name, marks.get(key, False), False))
            wanted[key] = (known[0], known[1], known[2] or public)

    want([term.headword, *(alias.text for alias in aliases)], public=False)
    if term.stage == Stage.PUBLISHED and term.published is not None:
        words = term.published.words
        want([words.headword, *(alias.text for alias in words.aliases)], public=True)
        want([alias.text for alias in aliases if not alias.shown or alias.kind == "misspelling"], public=True)
        for merged in term.merged.prefetch_related("aliases"):
            free = [n for n in [merged.headword, *(a.text for a in merged.aliases.all())] if _is_free(n, term)]
            want(free, public=True)
    return wanted


def _check_addresses(term: Term, names: dict[str, str]) -> None:
    """Raise NameTaken where a name, written as an address, is the address of another term that readers may find."""
    slugs = {slug: key for key, text in names.items() for slug in (slug_for(text), key) if squeezed_key(slug) == key}
    others = Term.objects.exclude(pk=term.pk).filter(slug__in=slugs, stage__in=[Stage.DRAFT, Stage.PUBLISHED])
    for other in others.filter(binned_at__isnull=True):
        raise NameTaken(names[slugs[other.slug]], other)


def _is_free(name: str, term: Term) -> bool:
    row = Name.objects.filter(key=squeezed_key(name)).first()
    return row is None or row.term_id == term.pk


def _claim(term: Term, key: str, text: str, *, ambiguous: bool, public: bool) -> None:
    row = Name.objects.select_for_update(of=("self",)).filter(key=key).select_related("term").first()
    if row is None:
        row = Name(key=key, ambiguous=ambiguous, term=None if ambiguous else term, public=public)
        row.save(force_insert=True)
    elif row.term is not None and row.term_id != term.pk:
        if not (ambiguous and _marks_ambiguous(row.term, key)):
            raise NameTaken(text, row.term)
        Meaning.objects.create(name=row, term=row.term, public=row.public)
        row.term, row.ambiguous = None, True
        row.save()
    elif row.ambiguous and not ambiguous:
        others = [meaning.term for meaning in row.meanings.exclude(term=term).select_related("term")]
        if others:
            raise NameTaken(text, others[0])
        row.meanings.all().delete()
        row.term, row.ambiguous, row.public = term, False, public
        row.save()
    elif row.term_id == term.pk:
        row.public, row.ambiguous, row.term = public, ambiguous, None if ambiguous else term
        row.save()
    if row.ambiguous:
        Meaning.objects.update_or_create(name=row, term=term, defaults={"public": public})
        Name.objects.filter(pk=row.pk).update(public=row.meanings.filter(public=True).exists())


def _marks_ambiguous(term: Term, key: str) -> bool:
    if squeezed_key(term.headword) == key:
        return term.ambiguous
    return any(alias.ambiguous for alias in term.aliases.all() if squeezed_key(alias.text) == key)


def _drop_meaning(meaning: Meaning) -> None:
    name = meaning.name
    meaning.delete()
    if not name.meanings.exists():
        name.delete()
    else:
        Name.objects.filter(pk=name.pk).update(public=name.meanings.filter(public=True).exists())
