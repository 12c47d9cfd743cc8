"""Integrity of a term: its stage, what readers get of it, its working text, its names and its trail."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from glossary.domain.claim import LineState
from glossary.domain.digest import digest_of
from glossary.domain.fact_check import Result
from glossary.domain.names import is_slug, letter_of, sort_key, squeezed_key
from glossary.domain.term import AliasKind, Stage
from glossary.domain.volatility import Volatility, due_on, overdue_on
from glossary.domain.wording.time_words import stale_on
from glossary.models import Edition, Name
from glossary.services.desk_word import words_in
from glossary.services.integrity_words import RESTORE, Fault, TermRows, edition_name, lines_at, words_of
from glossary.services.lexicon import wanted_links

OPEN_STAGES = frozenset({Stage.DRAFT, Stage.PUBLISHED})
VERBS = {  # the trail's word for a decision
    Result.PASSED: "passed",
    Result.SENT_BACK: "sent back",
    Result.WITHDRAWN: "withdrew",
    Result.CUT: "cut a sentence from",
}
SAVE = "Save the term again."


@dataclass(frozen=True)
class WantedName:
    """How the address book should have one name of a term; `public` is None where both are right."""

    ambiguous: bool
    public: bool | None
    inherited: bool = False  # of a term that was merged into this one: it may belong to a third by now
    needed: bool = True


def term_faults(
    rows: TermRows, *, trail: Counter[tuple[str, str]], names: Mapping[str, WantedName] | None, book: Mapping[str, Name]
) -> Iterator[Fault]:
    """Yield what is wrong with a term besides its checked words.

    `trail` counts its entries by verb and digest, `names` are its `wanted_names` and `book` the rows that have them.
    """
    yield from _trail_faults(rows, trail)
    yield from _stage_faults(rows)
    yield from _reader_faults(rows)
    yield from _correction_faults(rows)
    yield from _working_faults(rows)
    yield from _search_faults(rows)
    yield from _link_faults(rows)
    if names is not None:
        yield from _name_faults(rows, names, book)


def _correction_faults(rows: TermRows) -> Iterator[Fault]:
    """Yield the corrections that tell readers of words which were not checked, or not theirs."""
    for row in rows.term.corrections.all():
        name = f"{rows.term.slug}, correction {row.pk}"
        before, after = rows.editions.get(row.from_edition_id), rows.editions.get(row.to_edition_id or 0)
        if before is None or (after is None) != (row.to_edition_id is None):
            yield Fault("correction", name, f"It names an edition of another term. {RESTORE}")
            continue
        sentence = rows.sentences.get(row.sentence_id or 0)
        if row.was and (sentence is None or sentence.text != row.was):
            yield Fault("correction", name, f"It says that readers had “{row.was[:60]}”, which they had not. {RESTORE}")
        lines = [rows.sentences.get(claim.sentence_id) for claim in rows.claims[after.pk]] if after else []
        if row.now and row.now not in {line.text for line in lines if line is not None}:
            yield Fault("correction", name, f"It says “{row.now[:60]}”, which stands in no checked words. {RESTORE}")


def wanted_names(rows: TermRows) -> dict[str, WantedName] | None:
    """Return key → entry for every name the term goes by; None where its published words cannot be read."""
    term = rows.term
    if term.stage not in OPEN_STAGES or term.binned_at is not None:
        return {}
    aliases = list(term.aliases.all())
    marks = {squeezed_key(alias.text): alias.ambiguous for alias in aliases}
    marks[squeezed_key(term.headword)] = term.ambiguous
    public: set[str] = set()
    inherited: dict[str, bool] = {}  # whether it must be there
    if term.stage == Stage.PUBLISHED:
        published = rows.editions.get(term.published_id or 0)
        words = words_of(published) if published else None
        if words is None:
            return None
        public = {squeezed_key(name) for name in [words.headword, *(alias.text for alias in words.aliases)]}
        public |= {squeezed_key(a.text) for a in aliases if not a.shown or a.kind == AliasKind.MISSPELLING}
        for merged in term.merged.all():
            inherited[squeezed_key(merged.headword)] = not merged.ambiguous
            inherited |= {squeezed_key(alias.text): not alias.ambiguous for alias in merged.aliases.all()}
    wanted = {key: WantedName(False, True, inherited=True, needed=needed) for key, needed in inherited.items()}
    for key in marks.keys() | public:
        visible = True if key in public else None if key in inherited else False
        wanted[key] = WantedName(marks.get(key, False), visible)
    return wanted


def _trail_faults(rows: TermRows, entries: Counter[tuple[str, str]]) -> Iterator[Fault]:
    """Compare the decisions of a term with its entries, which are counted by verb and digest."""
    decisions = [check for edition in rows.editions.values() for check in edition.fact_checks.all()]
    made = Counter((VERBS[Result(c.result)], c.digest) for c in decisions if c.result in set(Result))
    for verb, digest in sorted(made.keys() | entries.keys()):
        there, known = made[verb, digest], entries[verb, digest]
        if there != known:
            says = f"Decisions “{verb}” on the words {digest[:12]}: {there}; entries in the trail: {known}. "
            yield Fault("trail", rows.term.slug, f"{says}Compare with a backup: a row was written or deleted by hand.")


def _stage_faults(rows: TermRows) -> Iterator[Fault]:
    term, slug = rows.term, rows.term.slug
    if term.stage not in set(Stage):
        yield Fault("stage", slug, f"Its stage is “{term.stage}”, which does not exist. {RESTORE}")
    if not is_slug(slug):
        yield Fault("stage", slug, f"“{slug}” cannot be an address. Change it at the desk.")
    if term.merged_into is not None and term.merged_into.stage == Stage.MERGED:
        says = f"It is merged into “{term.merged_into}”, which is merged itself: its address leads nowhere. "
        yield Fault("merged", slug, f"{says}Merge it into the term that took the other's place.")
    for name, key in (("working", term.working_id), ("published", term.published_id)):
        if key is not None and key not in rows.editions:
            yield Fault("stage", slug, f"Its {name} edition belongs to another term. {RESTORE}")
    for edition in rows.editions.values():
        if edition.submitted_at is None:
            continue
        if edition.pk != term.working_id or term.stage not in OPEN_STAGES or term.binned_at is not None:
            says = "It waits for a checker, but it is not what the desk works on. Recall it and send the card again."
            yield Fault("submitted", edition_name(rows, edition), says)


def _reader_faults(rows: TermRows) -> Iterator[Fault]:
    """Check what readers get of a term: words whose check stands, their due date, their shelf; and withdrawals."""
    for edition in rows.editions.values():
        results = [c.result for c in sorted(edition.fact_checks.all(), key=lambda c: c.pk) if c.result != "sent back"]
        if (edition.withdrawn_at is not None) != (results[-1:] == [Result.WITHDRAWN]):
            says = "Its mark “withdrawn” and its last decision contradict each other. Restore them from a backup."
            yield Fault("withdrawn", edition_name(rows, edition), says)
    published = rows.editions.get(rows.term.published_id or 0)
    if published is not None and published.check_standing() is None:
        says = "It is published, but no fact check covers its words as they stand: readers get no date for them. "
        yield Fault("published", edition_name(rows, published), f"{says}{RESTORE}")
    yield from _due_faults(rows, published)
    yield from _shelf_faults(rows, published)


def _shelf_faults(rows: TermRows, published: Edition | None) -> Iterator[Fault]:
    """A published term is shelved by its published headword, any other by one that it has or had."""
    term = rows.term
    words = [words_of(edition) for edition in ([published] if published else rows.editions.values())]
    heads = {found.headword for found in words if found} | (set() if published else {term.headword})
    letters = {letter_of(head) for head in heads} if term.published_at else {""}
    if heads and (term.sort_key not in {sort_key(head) for head in heads} or term.letter not in letters):
        says = f"It stands under “{term.letter}” as “{term.sort_key}”, which no headword of it gives. "
        yield Fault("shelf", term.slug, f"{says}{SAVE}")


def _due_faults(rows: TermRows, published: Edition | None) -> Iterator[Fault]:
    term = rows.term
    if published is None:
        if not (term.due_on is term.overdue_on is term.stale_on is None):
            yield Fault("due", term.slug, f"It has a due date and no words before readers. {SAVE}")
        return
    if term.volatility not in set(Volatility):
        yield Fault("due", term.slug, f"“{term.volatility}” is no class of change. Choose one and save the term.")
        return
    chosen = Volatility(term.volatility)
    yield from _old_date_faults(rows, published, chosen)
    lines = [line for line in lines_at(rows, published.pk) if line.check is not None]
    days = [(line.check.checked_on, line.volatility(chosen)) for line in lines if line.check is not None]
    if not days:
        return  # what is published without any check is a fault of its own
    due, overdue = min(due_on(*day) for day in days), min(overdue_on(*day) for day in days)
    # a line found wrong makes the card due on the day on which that was written down, or a later one
    stopped = [line.check.checked_on for line in lines if line.check is not None and line.state == LineState.STOPPED]
    earliest = min([due, *stopped])
    if term.due_on is None or not earliest <= term.due_on <= due or term.overdue_on != overdue:
        says = f"It is due on {term.due_on}, overdue from {term.overdue_on}; its lines say {earliest} and {overdue}. "
        yield Fault("due", term.slug, f"{says}{SAVE}")


def _old_date_faults(rows: TermRows, published: Edition, chosen: Volatility) -> Iterator[Fault]:
    """The day from which a date in the words is too old; what was answered and rules that are off do not count."""
    words = words_of(published)
    waived = {(s.hash, waiver.rule) for s in rows.sentences.values() for waiver in s.waivers.all()}
    if words and rows.term.stale_on != (wanted := stale_on(words, chosen, waived, rows.off)):
        says = f"A date in its words is taken to be too old from {rows.term.stale_on}; its words say {wanted}. "
        yield Fault("due", rows.term.slug, f"{says}{SAVE}")


def _working_faults(rows: TermRows) -> Iterator[Fault]:
    """Compare the working text with its edition, but for the successor's name: that is as it was when saved."""
    term = rows.term
    if term.working_id is None:
        yield Fault("working", term.slug, f"Its working text has no edition. {SAVE}")
    edition = rows.editions.get(term.working_id or 0)
    if edition is None:
        return
    if unknown := [alias.kind for alias in term.aliases.all() if alias.kind not in set(AliasKind)]:
        yield Fault("working", term.slug, f"“{unknown[0]}” is no kind of alias. {SAVE}")
        return
    frozen = words_of(edition)
    if digest_of(term.draft().words(successor=frozen.successor if frozen else "")) != edition.digest:
        says = f"Its working text is not that of edition {edition.number}, which it was saved as. {SAVE}"
        yield Fault("working", term.slug, says)


def _search_faults(rows: TermRows) -> Iterator[Fault]:
    """Compare the desk's index of words with what `wanted_words` finds in a term."""
    term = rows.term
    texts = [term.headword, term.definition, term.body, term.example, term.slug]
    texts += [alias.text for alias in term.aliases.all()]
    texts += [text for source in term.sources.all() for text in (source.url, source.title)]
    published = rows.editions.get(term.published_id or 0)
    words = words_of(published) if published and published.pk != term.working_id else None
    if words:
        texts += [words.headword, words.definition, words.body, words.example]
    if set().union(*(words_in(text) for text in texts)) != {row.word for row in term.desk_words.all()}:
        yield Fault("search", term.slug, f"The desk does not find it under its words, or finds it under others. {SAVE}")


def _name_faults(rows: TermRows, wanted: Mapping[str, WantedName], book: Mapping[str, Name]) -> Iterator[Fault]:
    term = rows.term
    meanings = {meaning.name_id: meaning for meaning in term.meanings.all()}
    for key, want in wanted.items():
        row = book.get(key)
        mine = row is not None and row.term_id == term.pk and not row.ambiguous
        if want.inherited and not mine and (row is not None or not want.needed):
            continue  # another term has it, or never gave it away
        meaning = meanings.get(key) if row is not None and row.ambiguous else None
        entry = meaning if want.ambiguous else row if mine else None
        if entry is None:
            says = f"“{key}” is a name of this term, and the address book does not say so. {SAVE}"
            yield Fault("name", term.slug, says)
        elif want.public is not None and entry.public != want.public:
            found = "find it under the name" if entry.public else "do not find it under the name"
            yield Fault("name", term.slug, f"Readers {found} “{key}”, which is wrong. {SAVE}")
    for key in sorted(({name.pk for name in term.names.all()} | meanings.keys()) - wanted.keys()):
        yield Fault("name", term.slug, f"The address book gives it the name “{key}”, which it does not have. {SAVE}")


def _link_faults(rows: TermRows) -> Iterator[Fault]:
    """Compare the lexicon with the names by which running text may mean the term."""
    term = rows.term
    published = rows.editions.get(term.published_id or 0)
    own_keys = {name.pk for name in term.names.all()}
    words = words_of(published) if published else None
    wanted = wanted_links(term, words, own_keys=own_keys, merged=term.merged.all())
    there = {row.text: row for row in term.link_keys.all()}
    for text in sorted(wanted.keys() | there.keys()):
        want, row = wanted.get(text), there.get(text)
        if want is None:
            yield Fault("link", term.slug, f"Texts are linked to it by “{text}”, which is no name of it. {SAVE}")
        elif row is None:
            yield Fault("link", term.slug, f"Texts are not linked to it by its name “{text}”. {SAVE}")
        elif (row.key, row.ambiguous, row.policy) != (want.key, want.ambiguous, want.policy or row.policy):
            yield Fault("link", term.slug, f"Its name “{text}” is linked by another rule than was chosen. {SAVE}")
