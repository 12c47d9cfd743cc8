"""How long the parts of a card are, and how long they should be at most."""

from collections.abc import Iterable
from dataclasses import dataclass

from glossary.domain.term import Words
from glossary.domain.wording.patterns import tokens_of
from glossary.domain.wording.rules import rules


@dataclass(frozen=True)
class Budget:
    """How long a part is and how long it should be at most; `unit` is characters or words."""

    part: str
    size: int
    most: int
    unit: str

    @property
    def exceeded(self) -> bool:
        """Whether the part is longer than it should be."""
        return self.size > self.most


def budgets_of(words: Words) -> tuple[Budget, ...]:
    """Return the lengths of a card: its definition, what a deck shows of it (name and definition), its whole page."""
    rule = rules()["W10.length"]
    card = [words.headword, words.definition]
    return (
        Budget("definition", len(words.definition), int(rule.limit("definition_characters")), "characters"),
        Budget("card", _words_in(card), int(rule.limit("card_words")), "words"),
        Budget("page", _words_in([*card, words.body, words.example]), int(rule.limit("page_words")), "words"),
    )


def _words_in(texts: Iterable[str]) -> int:
    return sum(len(tokens_of(text)) for text in texts)
