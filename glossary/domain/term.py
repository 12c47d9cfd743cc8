"""A card's words: what an edition freezes, how long each part may be, and how a pasted card falls into its parts."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.link_policy import LinkPolicy
from glossary.domain.markup import blocks_of, foreign_links, wordless_links
from glossary.domain.names import MAX_NAME, clean_line, clean_text, squeezed_key
from glossary.domain.sentences import sentences_of

MAX_DEFINITION = 200  # characters that may be published
MAX_DEFINITION_DRAFT = 1_000  # characters that may be saved while writing
MAX_BODY = 20_000
MAX_EXAMPLE = 600
MAX_ALIASES = 40


class Stage(StrEnum):
    """Where a term stands with its readers."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"
    MERGED = "merged"


class Level(StrEnum):
    """How much a card asks of its reader."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class AliasKind(StrEnum):
    """What another name is to the headword. A misspelling is found but never printed."""

    SPELLING = "spelling"
    ACRONYM = "acronym"
    FULL_FORM = "full form"
    FORMER_NAME = "former name"
    MISSPELLING = "misspelling"


@dataclass(frozen=True)
class AliasWords:
    """A shown alias as readers get it."""

    text: str
    kind: AliasKind


@dataclass(frozen=True)
class Words:
    """Everything of a term that readers may be told: exactly what a fact check covers."""

    headword: str
    definition: str = ""
    body: str = ""
    example: str = ""
    aliases: tuple[AliasWords, ...] = ()
    successor: str = ""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Words":
        """Return the words kept in an edition's JSON; raises KeyError or ValueError if it is not an edition's."""
        return cls(
            headword=data["headword"],
            definition=data["definition"],
            body=data["body"],
            example=data["example"],
            aliases=tuple(AliasWords(alias["text"], AliasKind(alias["kind"])) for alias in data["aliases"]),
            successor=data["successor"],
        )

    def to_json(self) -> dict[str, Any]:
        """Return the words as plain data, the form an edition stores and the digest is made from."""
        return {
            "headword": self.headword,
            "definition": self.definition,
            "body": self.body,
            "example": self.example,
            "aliases": [{"text": alias.text, "kind": alias.kind.value} for alias in self.aliases],
            "successor": self.successor,
        }

    @property
    def also_called(self) -> list[str]:
        """Other names in use, in their order; former names are told apart by `formerly`."""
        return [alias.text for alias in self.aliases if alias.kind != AliasKind.FORMER_NAME]

    @property
    def formerly(self) -> list[str]:
        """Names that the thing no longer goes by, in their order."""
        return [alias.text for alias in self.aliases if alias.kind == AliasKind.FORMER_NAME]


@dataclass(frozen=True)
class AliasDraft:
    """An alias as an editor types it; hidden ones belong to the address book, not to the words."""

    text: str
    kind: AliasKind = AliasKind.SPELLING
    shown: bool = True
    ambiguous: bool = False
    link_policy: LinkPolicy | None = None  # None: what the name starts with

    @property
    def is_public_word(self) -> bool:
        """Whether readers see this alias printed."""
        return self.shown and self.kind != AliasKind.MISSPELLING


@dataclass(frozen=True)
class CardDraft:
    """The working text of a term: the parts an editor fills in."""

    headword: str
    definition: str = ""
    body: str = ""
    example: str = ""
    aliases: tuple[AliasDraft, ...] = ()
    ambiguous: bool = False
    link_policy: LinkPolicy | None = None  # of the headword

    def cleaned(self) -> "CardDraft":
        """Return the draft fit to be stored; raises BadText naming the part that is not."""
        headword = clean_line(self.headword, limit=MAX_NAME, what="The headword")
        if not headword:
            raise BadText("The headword is empty. Type the term that this card explains.")
        body = clean_text(self.body, limit=MAX_BODY, what="The text")
        if foreign := foreign_links(body):
            raise BadText(f"A link leads to “{foreign[0][:80]}”. Links must begin with https:// or http://.")
        if wordless := wordless_links(body):
            raise BadText(f"The link to “{wordless[0][:80]}” has no words. Write what it leads to, or remove it.")
        return CardDraft(
            headword=headword,
            definition=clean_line(self.definition, limit=MAX_DEFINITION_DRAFT, what="The definition"),
            body=body,
            example=clean_line(self.example, limit=MAX_EXAMPLE, what="The example"),
            aliases=_cleaned_aliases(headword, self.aliases),
            ambiguous=self.ambiguous,
            link_policy=self.link_policy,
        )

    def words(self, *, successor: str = "") -> Words:
        """Return what readers would get: the hidden aliases left out."""
        return Words(
            headword=self.headword,
            definition=self.definition,
            body=self.body,
            example=self.example,
            aliases=tuple(AliasWords(alias.text, alias.kind) for alias in self.aliases if alias.is_public_word),
            successor=successor,
        )


def check_complete(words: Words) -> None:
    """Raise IllegalMove with the first thing that keeps these words from going to a checker."""
    if not words.definition:
        raise IllegalMove("The definition is empty. A card needs at least its one-sentence definition.")
    if len(words.definition) > MAX_DEFINITION:
        over = len(words.definition) - MAX_DEFINITION
        raise IllegalMove(f"The definition is {over} characters too long: at most {MAX_DEFINITION} fit on a card.")
    sentences = [s for block in blocks_of(words.definition) for s in sentences_of(block)]
    if len(sentences) > 2:
        raise IllegalMove(f"The definition has {len(sentences)} sentences. One is best; two are the most.")


def _cleaned_aliases(headword: str, aliases: tuple[AliasDraft, ...]) -> tuple[AliasDraft, ...]:
    if len(aliases) > MAX_ALIASES:
        raise BadText(f"The term has {len(aliases)} aliases; at most {MAX_ALIASES} fit.")
    cleaned = []
    seen = {headword}
    for alias in aliases:
        text = clean_line(alias.text, limit=MAX_NAME, what="An alias")
        if not text:
            raise BadText("An alias is empty. Type the name, or remove the row.")
        if not squeezed_key(text):
            raise BadText(f"The alias “{text}” has no letter, digit or sign to be found by.")
        if text in seen:
            raise BadText(f"“{text}” stands twice among the names of this term. Remove one.")
        seen.add(text)
        cleaned.append(AliasDraft(text, AliasKind(alias.kind), alias.shown, alias.ambiguous, alias.link_policy))
    return tuple(cleaned)
