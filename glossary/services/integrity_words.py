"""Integrity of what was checked: editions, lines, sentences, verdicts and the dates they earned, of one term."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from glossary.domain.claim import ClaimKind, Line, LineState, Part, Verdict, lines_of, standing_verdict
from glossary.domain.digest import DIGEST_VERSION, digest_of, hash_of
from glossary.domain.fact_check import STANDS, Result
from glossary.domain.sentences import SPLITTER
from glossary.domain.term import Words
from glossary.domain.typo import typo_reason
from glossary.domain.volatility import Volatility
from glossary.models import Claim, ClaimCheck, Edition, Evidence, FactCheck, Sentence, Term
from glossary.models.claim import CARRIED_TO_RESPELT, ClaimLine, GivenCheck

RESTORE = "Restore the row from a backup, or withdraw the card and check it anew."
NAMES = frozenset({Part.HEADWORD, Part.ALIAS})


@dataclass(frozen=True)
class Fault:
    """One thing that is not as the services leave it. `says` states what is wrong and what to do, in a sentence."""

    kind: str
    subject: str
    says: str


@dataclass
class TermRows:
    """One term with the rows that belong to it, each under its key; nothing in here asks the database again."""

    term: Term
    editions: dict[int, Edition]
    claims: dict[int, list[Claim]]  # by edition, in their order
    sentences: dict[int, Sentence]
    authors: dict[int, dict[int, datetime]]  # by sentence: who wrote it, since when
    forebears: dict[int, list[int]]  # by sentence: those it was respelt from, the nearest first
    checks: dict[int, ClaimCheck]
    given: dict[int, list[GivenCheck]]  # by sentence, the newest first
    off: frozenset[str] = frozenset()  # wording rules that the desk has turned off


def with_rows(terms: QuerySet[Term]) -> QuerySet[Term]:
    """Return the terms with everything that `rows_of` needs, in a constant number of queries."""
    evidence = Prefetch("editions__claims__checks__evidence", Evidence.objects.only("check_row"))
    return terms.prefetch_related(
        "editions__fact_checks",
        "editions__claims__checks",
        evidence,
        "sentences__authors",
        "sentences__waivers",
        "aliases",
        "corrections",
    )


def rows_of(term: Term, off: frozenset[str] = frozenset()) -> TermRows:
    """Return the rows of a term that was read by `with_rows`; `off` are the wording rules that do not speak."""
    editions = {edition.pk: edition for edition in term.editions.all()}
    claims = {pk: sorted(edition.claims.all(), key=lambda claim: claim.place) for pk, edition in editions.items()}
    sentences = {sentence.pk: sentence for sentence in term.sentences.all()}
    checks = {check.pk: check for group in claims.values() for claim in group for check in claim.checks.all()}
    given: dict[int, list[GivenCheck]] = defaultdict(list)
    for _, check in sorted(checks.items(), reverse=True):
        if _is_known(check):
            row = GivenCheck(Verdict(check.verdict), check.claim.context, check.checked_on, check)
            given[check.sentence_id].append(row)
    return TermRows(
        term,
        editions,
        claims,
        sentences,
        {pk: {row.user_id: row.at for row in sentence.authors.all()} for pk, sentence in sentences.items()},
        {pk: _forebears(sentence, sentences) for pk, sentence in sentences.items()},
        checks,
        given,
        off,
    )


def words_of(edition: Edition) -> Words | None:
    """Return an edition's words; None if what is stored is not the words of any card."""
    try:
        words = edition.words
        digest_of(words)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    texts = [words.headword, words.definition, words.body, words.example, words.successor]
    texts += [alias.text for alias in words.aliases]
    return words if all(isinstance(text, str) for text in texts) else None


def lines_at(rows: TermRows, edition_id: int, at: datetime | None = None) -> list[ClaimLine]:
    """Return an edition's lines as `Claim.objects.lines` does; with `at`, as they stood at that moment."""
    found = []
    for claim in rows.claims[edition_id]:
        state, given = standing_verdict(claim.context, _given_by(rows, claim.sentence_id, at))
        chain = rows.forebears.get(claim.sentence_id, [])
        for forebear in chain if given is None else []:
            before, given = standing_verdict(claim.context, _given_by(rows, forebear, at))
            if given is not None:
                state = CARRIED_TO_RESPELT.get(before, LineState.OPEN)
                break
        row = given.row if given and state != LineState.OPEN else None
        found.append(ClaimLine(claim, state, row, frozenset(rows.authors.get(claim.sentence_id, {}))))
    return found


def word_faults(rows: TermRows) -> Iterator[Fault]:
    """Yield what is wrong with the editions, lines, sentences and verdicts of one term."""
    for sentence in rows.sentences.values():
        yield from _sentence_faults(rows, sentence)
    for edition in rows.editions.values():
        yield from _edition_faults(rows, edition)
        for check in edition.fact_checks.all():
            yield from _decision_faults(rows, edition, check)
        for claim in rows.claims[edition.pk]:
            for verdict in claim.checks.all():
                subject = f"{edition_name(rows, edition)}, line {claim.place}, verdict {verdict.pk}"
                for says in _verdict_faults(rows, claim, verdict):
                    yield Fault("verdict", subject, says)


def edition_name(rows: TermRows, edition: Edition) -> str:
    """Return how a fault names an edition."""
    return f"{rows.term.slug}, edition {edition.number}"


def _edition_faults(rows: TermRows, edition: Edition) -> Iterator[Fault]:
    name = edition_name(rows, edition)
    if edition.digest_version != DIGEST_VERSION:
        yield Fault("digest", name, f"Its digest is of version {edition.digest_version}, which nothing here can read.")
    words = words_of(edition)
    if words is None:
        yield Fault("digest", name, f"Its stored words are not those of a card. {RESTORE}")
        return
    if (digest := digest_of(words)) != edition.digest:
        yield Fault(
            "digest",
            name,
            f"Its words give the digest {digest[:12]} and not {edition.digest[:12]}, under which they were checked: "
            f"somebody changed them behind the desk. {RESTORE}",
        )
    hashes = {pk: sentence.hash for pk, sentence in rows.sentences.items()}
    origins = {hashes[pk]: hashes[chain[-1]] for pk, chain in rows.forebears.items() if chain}
    yield from _line_faults(rows, edition, lines_of(words, origins))


def _line_faults(rows: TermRows, edition: Edition, lines: list[Line]) -> Iterator[Fault]:
    """Compare the claims of an edition with the lines that its words are cut into now."""
    name = edition_name(rows, edition)
    claims = rows.claims[edition.pk]
    if [claim.place for claim in claims] != list(range(1, len(lines) + 1)):
        places = ", ".join(str(claim.place) for claim in claims) or "none"
        yield Fault(
            "lines",
            name,
            f"{SPLITTER} cuts its words into {len(lines)} lines; those kept for checking are {places}. {RESTORE}",
        )
        return
    for claim, line in zip(claims, lines, strict=True):
        sentence = rows.sentences.get(claim.sentence_id)
        subject = f"{name}, line {claim.place}"
        if sentence is None:
            yield Fault("lines", subject, f"It names a sentence of another term. {RESTORE}")
        elif (sentence.part, sentence.text, sentence.links, sentence.hash) != (
            line.part.value,
            line.text,
            list(line.links),
            line.hash,
        ):
            says = f"Readers get “{_short(line.text)}”, checkers were shown “{_short(sentence.text)}”. {RESTORE}"
            yield Fault("lines", subject, says)
        elif (claim.context, claim.block) != (line.context, line.block):
            yield Fault("lines", subject, f"What surrounds it in the words is not what was kept with it. {RESTORE}")


def _sentence_faults(rows: TermRows, sentence: Sentence) -> Iterator[Fault]:
    name = f"{rows.term.slug}, sentence {sentence.pk}"
    if hash_of([sentence.part, sentence.text, sentence.links]) != sentence.hash:
        says = f"Its text “{_short(sentence.text)}” is not the one its key was made from. {RESTORE}"
        yield Fault("sentence", name, says)
    if not rows.authors[sentence.pk]:
        says = f"Nobody is named as the author of “{_short(sentence.text)}”, so anybody could check their own words. "
        yield Fault("author", name, f"{says}Restore its authors from a backup.")
    chain = rows.forebears[sentence.pk]
    last = rows.sentences[chain[-1]] if chain else sentence
    if last.respelt_from_id is not None:
        says = "The sentences it was respelt from lead in a circle or to another term. Restore them from a backup."
        yield Fault("sentence", name, says)
    elif any(rows.sentences[pk].part != sentence.part for pk in chain):
        yield Fault("sentence", name, f"It is kept as a respelling of words in another part of the card. {RESTORE}")
    elif chain and typo_reason(rows.sentences[chain[0]].text, sentence.text) is None:
        yield Fault(
            "sentence", name, f"It differs in more than spelling from what it is kept as a respelling of. {RESTORE}"
        )


def _verdict_faults(rows: TermRows, claim: Claim, check: ClaimCheck) -> Iterator[str]:
    """Yield a sentence for everything that a verdict of the services could not be."""
    again = "Settle the line anew."
    if not _is_known(check):
        yield f"It says “{check.verdict}”, “{check.kind}”, “{check.volatility}”, which is no verdict. {RESTORE}"
        return
    if check.sentence_id != claim.sentence_id:
        yield f"It was given on another sentence than the one that stands in this line. {again}"
    sentence = rows.sentences.get(check.sentence_id)
    if sentence is not None and (check.kind == ClaimKind.NAME) != (sentence.part in NAMES):
        yield f"A line of the {sentence.part} is settled as a {check.kind}. {again}"
    if check.rests_on_id is not None:
        yield from _resting_faults(rows, check)
    elif check.checked_on not in days_on_earth(check.at):
        yield f"It is dated {check.checked_on} and was recorded at {check.at:%Y-%m-%d %H:%M} UTC. {again}"
    if check.verdict == Verdict.SUPPORTED and not settings.SINGLE_PERSON_DESK and not _has_four_eyes(rows, check):
        yield "It was given by somebody who had written these words before. Another person settles the line."
    origin = rows.checks.get(check.rests_on_id or check.pk)
    needed = check.verdict == Verdict.SUPPORTED and check.kind == ClaimKind.FACT
    if needed and (origin is None or not origin.evidence.all()):
        yield f"It calls the line a supported fact, and no passage of a source is kept for it. {again}"


def _resting_faults(rows: TermRows, check: ClaimCheck) -> Iterator[str]:
    origin = rows.checks.get(check.rests_on_id or 0)
    if origin is None or not _may_rest_on(rows, check, origin):
        yield "It rests on a verdict about other words. Settle the line anew, with a source."
    elif origin.rests_on_id is not None or origin.verdict != Verdict.SUPPORTED or origin.at > check.at:
        yield "It rests on a verdict that is itself carried, is no support, or came later. Settle the line anew."
    elif check.checked_on != origin.checked_on:
        yield f"It is dated {check.checked_on}; the check it rests on is of {origin.checked_on}. Settle the line anew."


def _may_rest_on(rows: TermRows, check: ClaimCheck, origin: ClaimCheck) -> bool:
    """Return whether the earlier verdict is on the same sentence, or on one from which it was respelt."""
    return origin.sentence_id in {check.sentence_id, *rows.forebears.get(check.sentence_id, [])}


def _has_four_eyes(rows: TermRows, check: ClaimCheck) -> bool:
    """Return whether somebody else wrote the words; who types them again after checking them is a later author.

    An accepted suggestion was worded by another person. A new spelling is confirmed by all but its typist.
    """
    own = rows.authors.get(check.sentence_id, {})
    if check.agreed:
        return any(user != check.by_id and at <= check.at for user, at in own.items())
    chain = [] if check.rests_on_id else rows.forebears.get(check.sentence_id, [])
    wrote = [since for pk in (check.sentence_id, *chain) if (since := rows.authors.get(pk, {}).get(check.by_id))]
    return all(since > check.at for since in wrote)


def _decision_faults(rows: TermRows, edition: Edition, check: FactCheck) -> Iterator[Fault]:
    name = f"{edition_name(rows, edition)}, fact check {check.pk}"
    if check.result not in set(Result):
        yield Fault("fact check", name, f"Its result is “{check.result}”, which is no decision. {RESTORE}")
        return
    if (check.digest, check.digest_version) != (edition.digest, edition.digest_version):
        says = f"It covers the words {check.digest[:12]}; the edition has {edition.digest[:12]}. {RESTORE}"
        yield Fault("fact check", name, says)
    if check.on not in days_on_earth(check.at):
        says = f"It is of {check.on} and was recorded at {check.at:%Y-%m-%d %H:%M} UTC. {RESTORE}"
        yield Fault("date", name, says)
    if check.result not in STANDS:
        return
    lines = lines_at(rows, edition.pk, check.at)
    good = {LineState.SETTLED, LineState.READ_AGAIN} if check.result == Result.CUT else {LineState.SETTLED}
    dates = [line.check.checked_on for line in lines if line.check is not None and line.state in good]
    if len(dates) != len(lines) or not dates:
        open_lines = ", ".join(str(line.number) for line in lines if line.check is None or line.state not in good)
        says = f"Its date {check.stamp_on} covers words that were not checked (lines: {open_lines or 'none kept'}). "
        yield Fault("date", name, f"{says}Withdraw the card and check it anew.")
    elif (check.stamp_on, check.newest_on) != (min(dates), max(dates)):
        earned, says = f"{min(dates)} to {max(dates)}", f"Its dates are {check.stamp_on} to {check.newest_on}; "
        yield Fault("date", name, f"{says}its lines earned {earned}. Withdraw the card and check it anew.")


def days_on_earth(at: datetime) -> set[date]:
    """Return the dates that were today somewhere at that moment: the desk may have moved to another time zone since."""
    return {(at.astimezone(UTC) + timedelta(hours=hours)).date() for hours in (-12, 0, 14)}


def _is_known(check: ClaimCheck) -> bool:
    return check.verdict in set(Verdict) and check.kind in set(ClaimKind) and check.volatility in set(Volatility)


def _forebears(sentence: Sentence, sentences: dict[int, Sentence]) -> list[int]:
    """Return the keys of the sentences this one was respelt from; a circle or a stranger ends the chain."""
    chain: list[int] = []
    at = sentence.respelt_from_id
    while at is not None and at in sentences and at != sentence.pk and at not in chain:
        chain.append(at)
        at = sentences[at].respelt_from_id
    return chain


def _given_by(rows: TermRows, sentence_id: int, at: datetime | None) -> list[GivenCheck]:
    return [given for given in rows.given.get(sentence_id, []) if at is None or given.row.at <= at]


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"
