"""Where the phrases of the rules stand in one sentence, exceptions and skipped zones left out."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from glossary.domain.wording.patterns import Phrases, Token, tokens_of, zones_of
from glossary.domain.wording.rules import Rule, rules, word_classes

KEPT_SENTENCES = 4096


@dataclass(frozen=True)
class Hit:
    """A phrase of a rule in a sentence: its words from `start` to `end`, and what stands better there."""

    rule: Rule
    start: int
    end: int
    better: str | None


@lru_cache(maxsize=KEPT_SENTENCES)
def hits_in(text: str, names: frozenset[str] = frozenset(), code: tuple[tuple[int, int], ...] = ()) -> tuple[Hit, ...]:
    """Return where the rules' phrases stand in one sentence, exceptions and skipped zones left out, in order.

    `names` are those of the glossary and `code` the (start, end) of inline code. Kept for the sentences asked last: one
    page asks for the same ones several times.
    """
    tokens = tokens_of(text)
    hits: list[tuple[Rule, int, int, str | None]] = []
    excepted: dict[str, list[tuple[int, int]]] = defaultdict(list)
    silenced: set[str] = set()
    met: set[str] = set()
    for (role, rule_id, better), first, past in phrases().find(tokens):
        start, end = tokens[first].start, tokens[past - 1].end
        if role == "except":
            excepted[rule_id].append((start, end))
        elif role == "unless":
            silenced.add(rule_id)
        elif role == "needs":
            met.add(rule_id)
        elif rules()[rule_id].capitals or not text[start].isupper() or first == 0:
            hits.append((rules()[rule_id], start, end, better))
    if not hits:
        return ()
    silenced |= {rule.id for rule, *_ in hits if rule.needs and rule.id not in met}
    zones = [*zones_of(text), *(("code", a, b) for a, b in code), *named_in(tokens, names)]
    kept: dict[str, Hit] = {}
    found = []
    for rule, start, end, better in sorted(hits, key=lambda hit: (hit[1], -hit[2])):
        last = kept.get(rule.id)
        covered = any(a <= start and end <= b for a, b in excepted[rule.id]) or any(
            kind in rule.skip and a <= start and end <= b for kind, a, b in zones
        )
        if covered or rule.id in silenced or (last and start < last.end):
            continue
        kept[rule.id] = Hit(rule, start, end, better)
        found.append(kept[rule.id])
    return tuple(found)


def is_dated(text: str, hit: Hit) -> bool:
    """Return whether a year stands near enough to a hit to answer it."""
    within = hit.rule.dated_within
    near = text[max(0, hit.start - within) : hit.end + within] if within else ""
    return any(token.is_year for token in tokens_of(near))


@cache
def phrases() -> Phrases[tuple[str, str, str | None]]:
    """Return all phrases of all rules under (role, rule id, better words)."""
    table: dict[tuple[str, str, str | None], tuple[str, ...]] = {}
    for rule in rules().values():
        table["hit", rule.id, rule.fix] = rule.tokens
        table["except", rule.id, None] = rule.exceptions
        table["unless", rule.id, None] = rule.unless
        table["needs", rule.id, None] = rule.needs
        for old, better in rule.swap:
            table["hit", rule.id, better] = (*table.get(("hit", rule.id, better), ()), old)
    return Phrases(table, word_classes())


def named_in(tokens: Sequence[Token], names: Collection[str]) -> Iterator[tuple[str, int, int]]:
    """Yield the places of names of the glossary: "robust statistics" is no praise where it is a term."""
    rows = _rows(frozenset(names))
    norms = [token.norm for token in tokens]
    for place, norm in enumerate(norms):
        for row in rows.get(norm, ()):
            if tuple(norms[place : place + len(row)]) == row:
                yield "name", tokens[place].start, tokens[place + len(row) - 1].end


@lru_cache(maxsize=8)
def _rows(names: frozenset[str]) -> dict[str, set[tuple[str, ...]]]:
    """Return names as rows of words under their first word; kept, as every sentence asks for the same names."""
    rows: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for name in names:
        if row := tuple(token.norm for token in tokens_of(name)):
            rows[row[0]].add(row)
    return dict(rows)
