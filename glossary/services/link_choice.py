"""Links on an editor's word: where a card names other terms, what may be said there, and saying it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from glossary.domain.autolink import LinkName, Mention, Why
from glossary.domain.errors import IllegalMove
from glossary.domain.keyphrase import is_as_written
from glossary.domain.link_choice import Answer, Place, places_in
from glossary.domain.markup import passages_of
from glossary.domain.roles import Action
from glossary.domain.running_text import spaced_key
from glossary.domain.term import Words
from glossary.models import LinkChoice, Sentence, Term
from glossary.services.clock import moment
from glossary.services.lexicon import PageMentions, mentions_on
from glossary.services.roles import require
from glossary.services.trail import record

ASKED = frozenset({Why.SUGGESTED, Why.AMBIGUOUS})
SAYABLE = ASKED | {Why.LINKED, Why.REFUSED}
CHANGED = "The sentence, or what its names mean, has changed since you opened the page. Look at it again."


@dataclass(frozen=True)
class Offer:
    """A name in a sentence of a card, of which an editor may say whether it is a link.

    `before` and `after` are the rest of the sentence. `can_say` is false for a sentence that is not saved yet, or a
    name that is not.
    """

    sentence: str
    before: str
    words: str
    after: str
    names: tuple[LinkName, ...]
    why: Why
    can_say: bool = True

    @property
    def asks(self) -> bool:
        """Whether it waits for an editor's word."""
        return self.why in ASKED

    @property
    def text(self) -> str:
        """The name as the button sends it."""
        return self.names[0].text


def offers_in(words: Words, mentions: PageMentions, *, saved: Collection[str] | None = None) -> list[Offer]:
    """Return where in these words an editor has a say, in the order of reading; no query.

    `saved` has the hashes of the sentences that are stored; None says that all are.
    """
    if not any(one.why in SAYABLE for one in mentions.every):
        return []
    texts = [*(passage.text for passage in passages_of(words.body)), words.example]
    offers = []
    for text, found, places in zip(texts, [*mentions.body, mentions.example], places_in(words), strict=True):
        for one in found:
            place = next((place for place in places if place.start <= one.start and one.end <= place.end), None)
            if one.why in SAYABLE and place is not None:
                offers.append(_offer(text, one, place, saved))
    return offers


@transaction.atomic
def say_of_link(page: Term, answer: Answer, *, by: User, now: datetime | None = None) -> None:
    """Link a name in a sentence of `page`, refuse the link, or take back what was said of it.

    Readers of published words get it at once, as links are no words. Raises IllegalMove where the sentence does not
    stand in the words at hand or the published ones any more, or the name means something else by now.
    """
    require(by, Action.WRITE)
    page = Term.objects.select_for_update(of=("self",)).select_related("working", "published").get(pk=page.pk)
    offer = _offered(page, answer)
    sentence = Sentence.objects.filter(term=page, hash=answer.sentence).first()
    if offer is None or sentence is None:
        raise IllegalMove(CHANGED)
    key = spaced_key(answer.text)
    said = LinkChoice.objects.filter(sentence=sentence)
    old = {(row.term_id, row.text): row for row in said if spaced_key(row.text) == key}
    LinkChoice.objects.filter(pk__in=[row.pk for row in old.values()]).delete()
    if answer.term is None:
        if not old:
            raise IllegalMove("Nothing was said of this link.")
        verb = "took back a word on a link in"
    else:
        names = {(name.term, name.text) for name in offer.names} | old.keys()
        if answer.term and answer.term not in {term for term, _ in names}:
            raise IllegalMove(CHANGED)
        LinkChoice.objects.bulk_create(
            LinkChoice(
                sentence=sentence,
                term_id=term,
                text=text,
                accepted=term == answer.term,
                as_written=is_as_written(text, offer.words),
                by=by,
                at=moment(now),
            )
            for term, text in sorted(names)
        )
        verb = "linked a name in" if answer.term else "refused a link in"
    to = next((f" → {name.slug}" for name in offer.names if name.term == answer.term), "")
    record(by, verb, str(page), now=moment(now), term=page, reason=f"“{offer.words}”{to}: {sentence.text}"[:500])


def carry_choices(origin: Sentence, respelt: Sentence) -> None:
    """Let what was said of a sentence's links count for the one that only mends its spelling."""
    LinkChoice.objects.bulk_create(
        LinkChoice(
            sentence=respelt,
            term_id=row.term_id,
            text=row.text,
            accepted=row.accepted,
            as_written=row.as_written,
            by_id=row.by_id,
            at=row.at,
        )
        for row in LinkChoice.objects.filter(sentence=origin)
    )


def move_choices(term: Term, *, into: Term) -> None:
    """Let what was said of a term's names count for the term that takes them over; where both were spoken of, that
    stays which was said of `into`.
    """
    said = set(LinkChoice.objects.filter(term=into).values_list("sentence_id", "text"))
    rows = LinkChoice.objects.filter(term=term)
    twice = [row.pk for row in rows if (row.sentence_id, row.text) in said]
    rows.filter(pk__in=twice).delete()
    rows.update(term=into)


def _offered(page: Term, answer: Answer) -> Offer | None:
    """Return the offer that the answer is about, in the words at hand or else in those that readers see."""
    for edition in dict.fromkeys(filter(None, (page.working, page.published))):
        words = edition.words
        for offer in offers_in(words, mentions_on(words, own=page.pk)):
            if offer.sentence == answer.sentence and any(name.text == answer.text for name in offer.names):
                return offer
    return None


def _offer(text: str, one: Mention, place: Place, saved: Collection[str] | None) -> Offer:
    start, end = one.start, one.end
    known = saved is None or (place.hash in saved and all(name.slug for name in one.names))
    before, after = text[place.start : start].lstrip(), text[end : place.end].rstrip()
    return Offer(place.hash, before, text[start:end], after, one.names, one.why, known)
