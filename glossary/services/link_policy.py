"""The policies of a term's names: what was decided on each, what it has earned by that, and taking it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F

from glossary.domain.autolink import LinkName
from glossary.domain.errors import IllegalMove
from glossary.domain.keyphrase import Kind, Record, Tally, proposed_policy, shares_by_kind
from glossary.domain.link_policy import LinkPolicy
from glossary.domain.roles import Action
from glossary.models import Alias, LinkChoice, LinkKey, Term
from glossary.models.link_choice import LinkChoiceQuerySet
from glossary.services.clock import moment
from glossary.services.lexicon import BY_ITSELF, cards_naming
from glossary.services.names import sync_names
from glossary.services.roles import require
from glossary.services.trail import record

LATEST = 5_000  # choices of the whole desk from which the kinds of names are judged


@dataclass(frozen=True)
class NameRow:
    """A name of a term with its policy, how many cards have it, what editors said there, and what it has earned.

    `cards` are those that were read; `more` says that there may be others. `stands` are its links that nobody refused.
    """

    text: str
    policy: LinkPolicy
    cards: int
    more: bool
    accepted: int
    refused: int
    stands: int
    proposed: LinkPolicy

    @property
    def differs(self) -> bool:
        """Whether it has earned another policy than it has."""
        return self.proposed != self.policy


def name_rows(term: Term) -> list[NameRow]:
    """Return the names by which published cards may link to a term; three queries, whatever their number."""
    keys = list(LinkKey.objects.filter(term=term).order_by("text"))
    if not keys:
        return []
    names = [LinkName(key.text, term.pk, term.slug, LinkPolicy(key.policy)) for key in keys]
    cards, more = cards_naming(names, own=term.pk)
    said = _by_card(LinkChoice.objects.filter(term=term)).get(term.pk, {})
    shares = kind_shares()
    return [_row(name, cards.get(name.text, {}), more, said.get(name.text, {}), shares) for name in names]


def kind_shares() -> dict[Kind, float]:
    """Return what share of the links of each kind of name the desk accepts, by its latest choices; one query."""
    by_term = _by_card(LinkChoice.objects.made_last(LATEST))
    return shares_by_kind(_record(text, cards) for names in by_term.values() for text, cards in names.items())


@transaction.atomic
def take_policy(term: Term, text: str, policy: LinkPolicy, *, by: User, now: datetime | None = None) -> Term:
    """Give one name of a term another policy; pages that have the name read by it at once.

    Raises IllegalMove for a name that the term does not have in its working text.
    """
    require(by, Action.WRITE)
    term = Term.objects.select_for_update().get(pk=term.pk)
    before = term.link_policy if term.headword == text else None
    if before is None:
        before = term.aliases.filter(text=text).values_list("link_policy", flat=True).first()
        Alias.objects.filter(term=term, text=text).update(link_policy=policy)
    else:
        term.link_policy = policy
    if before is None:
        raise IllegalMove(f"“{text}” is no name of this term any more. Look at its names again.")
    if before == policy:
        raise IllegalMove(f"The links of “{text}” are “{policy}” already.")
    term.version = F("version") + 1
    term.save(update_fields=["link_policy", "version"])
    term = Term.objects.get(pk=term.pk)
    sync_names(term)
    record(by, "set the links of", str(term), now=moment(now), term=term, reason=f"“{text}”: {before} → {policy}")
    return term


# By term, name and card: whether the card links it by an editor's word, and whether it has the name's own capitals.
ByCard = dict[int, dict[str, dict[int, tuple[bool, bool]]]]


def _by_card(choices: LinkChoiceQuerySet) -> ByCard:
    """Return what was said, one answer a card: a card that links the name anywhere links it."""
    found: ByCard = defaultdict(lambda: defaultdict(dict))
    rows = choices.values_list("term_id", "text", "sentence__term_id", "accepted", "as_written")
    for term, text, card, accepted, as_written in rows:
        cards = found[term][text]
        if accepted or card not in cards:
            cards[card] = (accepted, as_written)
    return found


def _record(text: str, cards: dict[int, tuple[bool, bool]]) -> Record:
    return Record(text, _tally(cards.values(), as_written=True), _tally(cards.values(), as_written=False))


def _tally(said: Iterable[tuple[bool, bool]], *, as_written: bool) -> Tally:
    answers = [accepted for accepted, written in said if written == as_written]
    return Tally(sum(answers), len(answers) - sum(answers))


def _row(
    name: LinkName, cards: dict[int, bool], more: bool, said: dict[int, tuple[bool, bool]], shares: dict[Kind, float]
) -> NameRow:
    """Return one name's row; links that stand by themselves count as accepted, as their editors let them stand."""
    standing = {}
    if name.policy in BY_ITSELF:
        standing = {card: (True, written) for card, written in cards.items() if card not in said}
        if name.policy == LinkPolicy.EXACT:
            standing = {card: answer for card, answer in standing.items() if answer[1]}
    given = _record(name.text, said).all
    return NameRow(
        text=name.text,
        policy=name.policy,
        cards=len(cards),
        more=more,
        accepted=given.accepted,
        refused=given.refused,
        stands=len(standing),
        proposed=proposed_policy(_record(name.text, said | standing), shares) if said else name.policy,
    )
