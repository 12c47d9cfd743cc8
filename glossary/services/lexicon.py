"""The lexicon: which names of published terms stand in a text, and on whose pages a name stands."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.db.models import Q

from glossary.domain.autolink import Lexicon, LinkName, Mention, Why, mentions_in, place_links
from glossary.domain.keyphrase import is_as_written
from glossary.domain.link_choice import Decision, choices_in
from glossary.domain.link_policy import LinkPolicy, starting_policy
from glossary.domain.markup import passages_of
from glossary.domain.names import squeezed_key
from glossary.domain.running_text import Passage, opening_of, spaced_key
from glossary.domain.term import AliasKind, CardDraft, Stage, Words
from glossary.models import DeskWord, LinkKey, Term
from glossary.models.desk_word import MAX_WORD
from glossary.models.link_key import LONGER_NAMES_OF, MOST_LONGER, NAMES_OF, given_as_one
from glossary.models.term import TermQuerySet
from glossary.services.desk_word import WORD

MAX_PAGES = 10  # pages that are named to an editor
MAX_READ = 60  # pages that are read to find them
BY_ITSELF = frozenset({LinkPolicy.AUTO, LinkPolicy.EXACT})
SAID = "said"  # in the place of a policy, what an editor said of a sentence


CHOICES_OF = """
    SELECT sentence.hash, choice.text, choice.term_id, '', %s, choice.accepted
    FROM glossary_linkchoice choice JOIN glossary_sentence sentence ON sentence.id = choice.sentence_id
    WHERE sentence.term_id = %s
"""


@dataclass(frozen=True)
class WantedLink:
    """How the lexicon should have one name of a term; `policy` is None where no editor's choice is at hand."""

    key: str
    policy: LinkPolicy | None
    ambiguous: bool


@dataclass(frozen=True)
class PageMentions:
    """The names on a term's page and what becomes of them: by paragraph of the body, and for the example."""

    body: list[list[Mention]]
    example: list[Mention]

    @property
    def every(self) -> list[Mention]:
        """Every mention in its order."""
        return [one for passage in [*self.body, self.example] for one in passage]

    @property
    def any_linked(self) -> bool:
        """Whether the page has a link of ours at all."""
        return any(one.why == Why.LINKED for one in self.every)


def mentions_on(words: Words, *, own: int | None, also: Collection[LinkName] = ()) -> PageMentions:
    """Return what becomes of the names in a card's running text; one query, however many names there are.

    A second one where more than MOST_LONGER names begin with the words of the text.

    `own` is the key of the term whose page it is: what editors said of its sentences counts. `also` are names that the
    lexicon does not have yet.
    """
    passages = [*passages_of(words.body), Passage(words.example)]
    lexicon, said = _lexicon_for(passages, own)
    for name in also:
        lexicon.add(name)
    *body, example = place_links(passages, lexicon, own=own, choices=choices_in(words, said) if said else ())
    return PageMentions(body, example)


def sync_links(term: Term) -> set[str]:
    """Make the lexicon agree with the term, and return the names that came, went or are treated in another way.

    The caller holds the term's lock and has brought the address book up to date. `pages_naming` of what is returned
    are the pages that read differently from now on.
    """
    words = term.published.words if term.published else None
    own_keys = set(term.names.values_list("key", flat=True))
    wanted = wanted_links(term, words, own_keys=own_keys, merged=term.merged.prefetch_related("aliases"))
    there = {row.text: row for row in LinkKey.objects.filter(term=term)}
    changed = there.keys() - wanted.keys()
    if changed:
        LinkKey.objects.filter(term=term, text__in=sorted(changed)).delete()
    made = []
    for text, want in sorted(wanted.items()):
        row = there.get(text)
        policy = want.policy or (LinkPolicy(row.policy) if row else starting_policy(text))
        if row is None:
            made.append(LinkKey(term=term, text=text, key=want.key, policy=policy, ambiguous=want.ambiguous))
        elif (row.policy, row.ambiguous, row.key) != (policy, want.ambiguous, want.key):
            row.policy, row.ambiguous, row.key = policy, want.ambiguous, want.key
            row.save()
        else:
            continue
        changed.add(text)
    LinkKey.objects.bulk_create(made)
    return changed


def wanted_links(
    term: Term, words: Words | None, *, own_keys: Collection[str], merged: Iterable[Term]
) -> dict[str, WantedLink]:
    """Return name → entry for every name by which running text may mean the term; {} while readers cannot find it.

    `words` are the published ones: their headword and aliases count, hidden aliases at once, and of the terms `merged`
    into this one the names whose keys are among `own_keys`, the term's own in the address book.
    """
    if term.stage != Stage.PUBLISHED or words is None:
        return {}
    aliases = list(term.aliases.all())
    chosen = {term.headword: LinkPolicy(term.link_policy)} | {a.text: LinkPolicy(a.link_policy) for a in aliases}
    chosen.setdefault(words.headword, LinkPolicy(term.link_policy))  # a new headword waits for its check
    marks = {squeezed_key(alias.text): alias.ambiguous for alias in aliases}
    marks[squeezed_key(term.headword)] = term.ambiguous
    names = [words.headword, *(alias.text for alias in words.aliases)]
    names += [alias.text for alias in aliases if not alias.shown or alias.kind == AliasKind.MISSPELLING]
    for old in merged:
        brought = {old.headword: old.link_policy} | {alias.text: alias.link_policy for alias in old.aliases.all()}
        names += [text for text in brought if squeezed_key(text) in own_keys]
        chosen = {text: LinkPolicy(policy) for text, policy in brought.items()} | chosen
    keys = {text: spaced_key(text) for text in names}
    return {
        text: WantedLink(key, chosen.get(text), marks.get(squeezed_key(text), False))
        for text, key in keys.items()
        if key
    }


def pages_naming(names: Iterable[str]) -> TermQuerySet:
    """Return the published terms in whose words one of these names may stand: none is missed, a few may be too many.

    Found through the desk's index of words: the work follows the number of pages with such words.
    """
    among = Q(pk__in=())
    for name in names:
        among |= _with_words_of(name)
    return Term.objects.published().filter(among)


def new_names(term: Term | None, draft: CardDraft) -> list[LinkName]:
    """Return the names of a draft by which no text is linked to its term yet; the term is 0 while there is none.

    They are new to the lexicon, or the draft lets them be linked by themselves, which they are not so far.
    """
    key, slug = (term.pk, term.slug) if term is not None else (0, "")
    policies = {draft.headword: draft.link_policy} | {alias.text: alias.link_policy for alias in draft.aliases}
    marks = {draft.headword: draft.ambiguous} | {alias.text: alias.ambiguous for alias in draft.aliases}
    rows = LinkKey.objects.filter(term=term) if term is not None else LinkKey.objects.none()
    known = dict(rows.values_list("text", "policy"))
    return [
        LinkName(text, key, slug, policy or starting_policy(text), marks[text])
        for text, policy in policies.items()
        if spaced_key(text) and (text not in known or (policy in BY_ITSELF and known[text] not in BY_ITSELF))
    ]


def pages_to_link(names: Sequence[LinkName], *, own: int = 0) -> tuple[list[Term], bool]:
    """Return up to MAX_PAGES published terms whose pages would link to one of these new names, and if more may follow.

    At most MAX_READ pages are read for it, in one query: this is a preview for an editor, no list to rely on.
    """
    rows = pages_naming(name.text for name in names).exclude(pk=own).select_related("published").in_order()
    read = list(rows[: MAX_READ + 1]) if names else []
    lexicon = Lexicon()
    for name in names:
        lexicon.add(name)
    pages = [term for term in read[:MAX_READ] if _links(term, lexicon)]
    return pages[:MAX_PAGES], len(read) > MAX_READ or len(pages) > MAX_PAGES


def cards_naming(names: Collection[LinkName], *, own: int) -> tuple[dict[str, dict[int, bool]], bool]:
    """Return for each of a term's names the published cards that have it, and whether there may be more.

    By the key of the card: whether it has the name in its own capitals. At most MAX_READ cards are read for it, in one
    query.
    """
    rows = pages_naming(name.text for name in names).exclude(pk=own).select_related("published").in_order()
    read = list(rows[: MAX_READ + 1]) if names else []
    lexicon = Lexicon()
    for name in names:
        lexicon.add(replace(name, policy=LinkPolicy.AUTO))
    found: dict[str, dict[int, bool]] = defaultdict(dict)
    for term in read[:MAX_READ]:
        for passage in _passages(term):
            for one in mentions_in(passage, lexicon):
                for name in one.names:
                    written = is_as_written(name.text, passage.text[one.start : one.end])
                    found[name.text].setdefault(term.pk, written)
    return found, len(read) > MAX_READ


def _passages(term: Term) -> list[Passage]:
    if term.published is None:
        return []
    words = term.published.words
    return [*passages_of(words.body), Passage(words.example)]


def _links(term: Term, lexicon: Lexicon) -> bool:
    return any(one.why == Why.LINKED for passage in _passages(term) for one in mentions_in(passage, lexicon))


def _lexicon_for(passages: Sequence[Passage], own: int | None) -> tuple[Lexicon, dict[str, list[Decision]]]:
    """Return the names that these passages may have, and what was said of the page's sentences, by hash.

    One query for both, as public pages have few.
    """
    keys = {run[0] for one in passages for run in one.short_runs}
    openings = {opening for one in passages for opening in one.openings}
    vendor = connection.vendor
    sql = f"{NAMES_OF[vendor]} UNION ALL {LONGER_NAMES_OF[vendor]} UNION ALL {CHOICES_OF}"
    rows = _read(sql, [given_as_one(keys), given_as_one(openings), SAID, own or 0])
    if sum(opening_of(row[0]) != "" for row in rows) > MOST_LONGER:
        longer = {run[0] for one in passages for run in one.runs(openings)} - keys
        rows = [row for row in rows if not opening_of(row[0])] + _read(NAMES_OF[vendor], [given_as_one(longer)])
    lexicon = Lexicon()
    said: dict[str, list[Decision]] = defaultdict(list)
    for key, text, term, slug, policy, yes in rows:
        if policy == SAID:
            said[key].append(Decision(term, text, bool(yes)))
        else:
            lexicon.add(LinkName(text, term, slug, LinkPolicy(policy), bool(yes)), key=key)
    return lexicon, said


def _read(sql: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _with_words_of(name: str) -> Q:
    """Return the condition that a term has every word of the name, the last one in any inflection."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    parts = [part[:MAX_WORD] for match in WORD.finditer(folded) for part in re.split(r"[.'’-]", match[0]) if part]
    if not parts:
        return Q(pk__in=())
    *first, last = parts
    among = Q(pk__in=DeskWord.objects.beginning(last.removesuffix("y")).values("term_id"))
    for word in dict.fromkeys(first):
        among &= Q(pk__in=DeskWord.objects.filter(word=word).values("term_id"))
    return among
