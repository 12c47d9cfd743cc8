"""Applying the wording rules to a card: what may go stale, what is fluff, and where exactly it stands."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from glossary.domain.interval import Volatility
from glossary.domain.term import Words
from glossary.domain.wording.budget import budgets_of
from glossary.domain.wording.dates import ages_on
from glossary.domain.wording.hits import Hit, hits_in, is_dated, named_in
from glossary.domain.wording.patterns import is_increasing, tokens_of, zones_of
from glossary.domain.wording.places import Place, places_of
from glossary.domain.wording.plain import rare_words, undefined_acronyms
from glossary.domain.wording.rules import Rule, RuleKind, Severity, rules

LOUDNESS = [Severity.OFF, Severity.DATED, Severity.HINT, Severity.WARN]
DEFINING = frozenset({"is", "are", "was", "were", "means", "refers", "describes", "turns", "names"})


@dataclass(frozen=True)
class Context:
    """What the rules are told besides the words.

    `names` are the names and aliases of the glossary and `linked` those of them that lead somewhere in this text;
    `others` are the definitions of other terms by name; `waivers` are (hash of the sentence, rule id) of findings that
    somebody has answered; `levels` overrides the level of a rule by its id; `chosen` is the class of the card.
    """

    names: frozenset[str] = frozenset()
    linked: frozenset[str] = frozenset()
    others: Mapping[str, str] = field(default_factory=dict)
    waivers: frozenset[tuple[str, str]] = frozenset()
    levels: Mapping[str, Severity] = field(default_factory=dict)
    chosen: Volatility = Volatility.SLOW

    @property
    def quiet(self) -> frozenset[str]:
        """The rules that do not warn, as the desk turned them down or off."""
        return frozenset(rule for rule, level in self.levels.items() if level != Severity.WARN)


@dataclass(frozen=True)
class Finding:
    """What a rule says of one place in a card.

    `part` is the part of the card (as claim.Part has it), `sentence` the whole sentence as it is cut for checking and
    `hash` its identity (as Line.hash); `start` and `end` lie within the sentence, `field_start` and `field_end` within
    the text of the part, None where Markdown stands between. `fix` replaces the words found ("" cuts them); None offers
    nothing. `volatility` is the class the sentence has at least, "" for none. A finding on a whole part
    has no sentence.
    """

    rule: str
    severity: Severity
    part: str
    sentence: str
    hash: str
    start: int
    end: int
    text: str
    message: str
    why: str
    fix: str | None = None
    volatility: str = ""
    gate: bool = False
    field_start: int | None = None
    field_end: int | None = None


def findings(words: Words, *, context: Context = Context(), today: date) -> tuple[Finding, ...]:
    """Return what the rules say of a card, in reading order; waived findings and rules that are off are left out.

    `today` is the day of reading. Nothing here stops a save; findings with `gate` stop a pass.
    """
    own = {words.headword, *(alias.text for alias in words.aliases)}
    names = frozenset(context.names | own)
    found: list[Finding] = []
    counted: dict[str, list[tuple[Place, Hit]]] = defaultdict(list)
    length = 0
    for place in places_of(words):
        length += len(tokens_of(place.text))
        for hit in hits_in(place.text, names, place.code):
            if hit.rule.kind == RuleKind.OCCURRENCE:
                counted[hit.rule.id].append((place, hit))
            elif hit.rule.kind != RuleKind.DATE or _is_old(place.text[hit.start : hit.end], context.chosen, today):
                found.append(_finding(place, hit, context))
    found += _long_sentences(words)
    found += _acronyms(words, own, context)
    found += [one for id, hits in counted.items() if (one := _counted(rules()[id], hits, length, context))]
    found += _rare(words, names)
    found += _unlinked(words, own, context)
    found += _definition(words, own)
    found += _copies(words, context)
    found += _budgets(words)
    found += _missing_example(words)
    kept = [_levelled(one, context) for one in found if (one.hash, one.rule) not in context.waivers]
    return tuple(one for one in kept if one.severity != Severity.OFF)


def _is_old(text: str, chosen: Volatility, today: date) -> bool:
    day = ages_on(text, chosen)
    return day is not None and day <= today


def _finding(place: Place, hit: Hit, context: Context) -> Finding:
    rule, text = hit.rule, place.text[hit.start : hit.end]
    level = context.levels.get(rule.id, rule.level)
    dated = level in {Severity.WARN, Severity.HINT} and is_dated(place.text, hit)
    field_span = place.places[hit.start : hit.end]
    whole = is_increasing(field_span)
    better = hit.better
    if better and text[:1].isupper():
        better = better[:1].upper() + better[1:]
    return Finding(
        rule=rule.id,
        severity=Severity.DATED if dated else level,
        part=place.part,
        sentence=place.text,
        hash=place.hash,
        start=hit.start,
        end=hit.end,
        text=text,
        message=rule.say.format(word=text, better=better, count="", limit="", words=""),
        why=rule.why,
        fix=better,
        volatility="C" if dated and rule.volatility else rule.volatility,
        gate=rule.gate and not dated,
        field_start=field_span[0] if whole else None,
        field_end=field_span[-1] + 1 if whole else None,
    )


def _measured(place: Place, rule: Rule, start: int, end: int, *, word: str = "") -> Finding:
    return Finding(
        rule=rule.id,
        severity=rule.level,
        part=place.part,
        sentence=place.text,
        hash=place.hash,
        start=start,
        end=end,
        text=place.text[start:end],
        message=rule.say.format(word=word, count="", limit="", words="", better=""),
        why=rule.why,
    )


def _long_sentences(words: Words) -> list[Finding]:
    """Return a warning for each sentence of over 25 words, and one hint for all those of over 20."""
    rule = rules()["W2.sentence"]
    found: list[Finding] = []
    rather: list[Place] = []
    for place in places_of(words):
        count = len(tokens_of(place.text))
        if count > rule.limit("words"):
            advice = " Make two of it." if count > rule.limit("split") else ""
            found.append(_whole(place, rule, f"The sentence has {count} words;", int(rule.limit("words")), advice))
        elif count > rule.limit("hint"):
            rather.append(place)
    if rather:
        many = f"{len(rather)} sentences have" if len(rather) > 1 else "A sentence has"
        limit = int(rule.limit("hint"))
        one = _whole(rather[0], rule, f"{many} over {limit} words;", limit)
        found.append(replace(one, severity=_hint(rule)))
    return found


def _whole(place: Place, rule: Rule, words: str, limit: int, advice: str = "") -> Finding:
    message = rule.say.format(words=words, limit=limit) + advice
    return replace(_measured(place, rule, 0, len(place.text)), message=message)


def _hint(rule: Rule) -> Severity:
    """Return the level of a finding that is advice: a hint, or less where the rule is."""
    return min(rule.level, Severity.HINT, key=LOUDNESS.index)


def _acronyms(words: Words, own: Collection[str], context: Context) -> list[Finding]:
    rule, places = rules()["W3.acronym"], places_of(words)
    known = {*context.names, *own, *rule.exceptions}
    found = undefined_acronyms([place.text for place in places], known, _skipped(places))
    return [_measured(places[at], rule, start, end, word=places[at].text[start:end]) for at, start, end in found]


def _skipped(places: Sequence[Place]) -> list[list[tuple[int, int]]]:
    """Return for each sentence the places of its quotations and of its inline code."""
    return [[*((a, b) for kind, a, b in zones_of(one.text) if kind == "quote"), *one.code] for one in places]


def _rare(words: Words, names: Collection[str]) -> list[Finding]:
    """Return one finding that lists the rare words: a warning for two or more, or for one in the first sentence."""
    rule, places = rules()["W4.rare"], places_of(words)
    listed: dict[str, int] = {}
    first: tuple[Place, int, int] | None = None
    known = frozenset({*names, *rule.exceptions})
    for number, place in enumerate(places):
        for start, end in rare_words(place.text, known, place.code):
            listed.setdefault(place.text[start:end].casefold(), number)
            first = first or (place, start, end)
    if first is None:
        return []
    one = _measured(first[0], rule, first[1], first[2])
    one = replace(one, message=rule.say.format(words=_listed(listed), count=_plural(len(listed), "rare word")))
    few = len(listed) < rule.limit("least") and min(listed.values()) > 0
    return [replace(one, severity=_hint(rule)) if few else one]


def _unlinked(words: Words, own: Collection[str], context: Context) -> list[Finding]:
    """Return one finding that lists the names of the glossary that the card uses without leading to them."""
    rule = rules()["W4.unlinked"]
    names = frozenset(context.names - context.linked - frozenset(own))
    listed: dict[str, tuple[Place, int, int]] = {}
    for place in places_of(words):
        for _, start, end in named_in(tokens_of(place.text), names):
            if not any(a <= start and end <= b for a, b in place.code):
                listed.setdefault(place.text[start:end].casefold(), (place, start, end))
    if not listed:
        return []
    place, start, end = next(iter(listed.values()))
    return [replace(_measured(place, rule, start, end), message=rule.say.format(words=_listed(listed)))]


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"“{word}”" for word in words)


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _copies(words: Words, context: Context) -> list[Finding]:
    """Return the other terms whose definition shares most runs of five words with this one (Jaccard index)."""
    rule = rules()["W9.copy"]
    mine = _runs(words.definition)
    found = []
    for name, definition in context.others.items() if mine else ():
        theirs = _runs(definition)
        if len(mine & theirs) > rule.limit("jaccard") * len(mine | theirs):
            message = rule.say.format(word=name, words="", count="", better="", limit="")
            found.append(Finding(rule.id, rule.level, "definition", "", "", 0, 0, "", message, rule.why))
    return found


def _runs(text: str) -> set[tuple[str, ...]]:
    norms = [token.norm for token in tokens_of(text)]
    return {tuple(norms[at : at + 5]) for at in range(len(norms) - 4)}


def _definition(words: Words, own: Collection[str]) -> list[Finding]:
    """Return what is wrong with the shape of the definition: no verb that defines, or its own name after the verb."""
    places = [place for place in places_of(words) if place.part == "definition"]
    if not places:
        return []
    place = places[0]
    tokens = tokens_of(place.text)
    verb = next((n for n, token in enumerate(tokens) if token.norm in DEFINING and n > 0), None)
    if verb is None:
        return [_measured(place, rules()["W1.shape"], 0, len(place.text), word=words.headword)]
    after = tokens[verb + 1 :]
    for _, start, end in named_in(after, own):
        return [_measured(place, rules()["W9.circular"], start, end, word=place.text[start:end])]
    return []


def _counted(rule: Rule, hits: list[tuple[Place, Hit]], length: int, context: Context) -> Finding | None:
    if len(hits) < rule.limit("least") or len(hits) * 100 < rule.limit("per_100_words") * length:
        return None
    listed = ", ".join(f"“{place.text[hit.start : hit.end]}”" for place, hit in hits[:6])
    place, first = hits[0]
    one = _finding(place, first, context)
    message = rule.say.format(count=len(hits), words=listed, word=one.text, better="", limit="")
    return replace(one, message=message)


def _budgets(words: Words) -> list[Finding]:
    rule = rules()["W10.length"]
    found = []
    for one in budgets_of(words):
        if one.exceeded:
            message = rule.say.format(word=one.part, count=f"{one.size} {one.unit}", limit=one.most)
            part = "body" if one.part == "page" else "definition"
            found.append(Finding(rule.id, rule.level, part, "", "", 0, 0, "", message, rule.why))
    return found


def _missing_example(words: Words) -> list[Finding]:
    """Return the advice to give an example; a card with a definition alone is short on purpose."""
    rule = rules()["W10.example"]
    if words.example.strip() or not words.body.strip():
        return []
    return [Finding(rule.id, rule.level, "example", "", "", 0, 0, "", rule.say, rule.why)]


def _levelled(one: Finding, context: Context) -> Finding:
    """Return a finding at the level that the desk chose for its rule, or at its own where that is quieter."""
    chosen = context.levels.get(one.rule)
    if chosen is None or one.severity == chosen:
        return one
    own = rules()[one.rule].level
    quieter = one.severity == Severity.DATED or one.severity != own
    return one if quieter and chosen != Severity.OFF else replace(one, severity=chosen)
