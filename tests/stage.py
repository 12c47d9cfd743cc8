"""A site with everything on it that readers can meet, made of starter cards: for the proofs of pages."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from glossary.domain.claim import ClaimKind, LineState, Verdict
from glossary.domain.correction import Fate
from glossary.domain.deck import DeckState
from glossary.domain.roles import Role
from glossary.domain.starter import StarterCard
from glossary.domain.term import AliasDraft, AliasKind
from glossary.models import Claim, Deck, Edition, Subscriber, Term
from glossary.services.claim import EvidenceDraft, confirm_line, settle_line
from glossary.services.clock import today
from glossary.services.closing import retire_term
from glossary.services.confirmation import token_hash
from glossary.services.deck import create_deck, move_deck, set_cards
from glossary.services.fact_check import pass_check, withdraw_check
from glossary.services.gate import publish_due
from glossary.services.starter import Desk, bring_in, relate_starter, starter_cards
from glossary.services.term import save_term, submit_term
from tests.factories import arm_machine, details_of, make_published_term, make_readers, make_user, say_of_old_words

CARDS = [
    *("qwen2", "large-language-model", "open-weights", "token", "tokenizer", "context-window", "transformer"),
    *("attention", "embedding", "fine-tuning", "hallucination", "retrieval-augmented-generation", "gpu", "lora"),
    *("mixture-of-experts", "quantization", "benchmark", "inference", "machine-learning", "neural-network"),
    *("reinforcement-learning-from-human-feedback", "ai-watermark", "bert", "utf-8"),
]
DEALT = [
    "token context-window open-weights fine-tuning hallucination embedding tokenizer",
    "qwen2 ai-watermark inference lora quantization gpu attention",
    "token large-language-model neural-network transformer mixture-of-experts utf-8 retrieval-augmented-generation",
]
TITLES = ["From token to answer", "", "What is inside a model"]
TOKEN = "t" * 43
LONG_WORD = "Pneumonoultramicroscopicsilicovolcanoconiosis"  # the longest in English dictionaries, wider than a phone
WRONG = ("more than 7 trillion tokens", "more than 3 trillion tokens")  # as the card should be, as it once was


def days_ago(number: int) -> datetime:
    """Return noon at the desk, so many days ago."""
    return datetime.combine(today() - timedelta(days=number), time(12), settings.EDITORIAL_TIME_ZONE)


@dataclass
class Stage:
    """The people of a desk, and what they have put before readers so far."""

    people: dict[str, Any] = field(default_factory=dict)
    terms: dict[str, Term] = field(default_factory=dict)
    old: dict[str, Edition] = field(default_factory=dict)  # what readers had before the card was changed
    decks: list[Deck] = field(default_factory=list)

    @property
    def desk(self) -> Desk:
        """Return the people through whose hands starter cards go."""
        return Desk(self.people["editor"], self.people["checker"], self.people["checker"])

    def term(self, slug: str) -> Term:
        """Return a term as it stands now."""
        return Term.objects.get(slug=slug)

    def bring_in_cards(self) -> None:
        """Publish the cards: one with words that turn out wrong, one so long ago that another look at it is due."""
        editor, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
        self.people = {"editor": editor, "checker": checker, "scheduler": make_user(Role.SCHEDULER)}
        cards = {card.slug: card for card in starter_cards()}
        for place, slug in enumerate(CARDS):
            card, days = cards[slug], 20 + place % 6
            if slug == "qwen2":
                card = _with_body(card, *WRONG)
            if slug == "lora":
                card = replace(card, draft=replace(card.draft, ambiguous=True))
            if slug in {"benchmark", "embedding"}:
                days = {"benchmark": 4 * 365, "embedding": 300}[slug]
            self.terms[slug] = bring_in(card, desk=self.desk, now=days_ago(days))
        relate_starter([cards[slug] for slug in CARDS], by=editor, now=days_ago(19))
        self._bring_in_namesakes()

    def _bring_in_namesakes(self) -> None:
        """Publish terms that the starter glossary has not: a name for two things, a former name, a newer version."""
        people = {"author": self.people["editor"], "checker": self.people["checker"], "now": days_ago(18)}
        bot = AliasDraft("Bot", ambiguous=True)
        words = {
            "Chatbot": "A chatbot is a program with which people talk in writing or aloud.",
            "Crawler": "A crawler is a program that visits web pages one after another and notes what they say.",
        }
        for name, says in words.items():
            make_published_term(name, definition=says, body="", example="", aliases=[bot], tag="Software", **people)
        make_published_term(
            "LoRa",
            slug="lora-radio",
            ambiguous=True,
            definition="LoRa is a way to send a few bytes by radio over some kilometers with little power.",
            body="",
            example="A water meter in a cellar reports its count once a day.",
            aliases=[AliasDraft("Cycleo radio", AliasKind.FORMER_NAME)],
            tag="Networks",
            **people,
        )
        illness = f"{LONG_WORD} is an illness of the lungs, and a name that no line of a phone holds."
        make_published_term(LONG_WORD, definition=illness, body="", example="", tag="Text", **people)
        newer = "Qwen2.5 is a family of AI language models in seven sizes, published in September 2024."
        make_published_term("Qwen2.5", definition=newer, body="", example="", tag="Model families", **people)

    def deal(self) -> None:
        """Publish the decks of the last three days, the newest one today's."""
        for days, (slugs, title) in enumerate(zip(reversed(DEALT), reversed(TITLES), strict=True)):
            self.decks.insert(0, self._deal(len(DEALT) - 1 - days, slugs.split(), title))

    def _deal(self, days: int, slugs: Iterable[str], title: str) -> Deck:
        day, by = today() - timedelta(days=days), self.people["scheduler"]
        early = datetime.combine(day, time(0, 1), settings.EDITORIAL_TIME_ZONE)
        deck = create_deck(day, by=by, title=title, now=early)
        terms = [self.term(slug) for slug in slugs]
        set_cards(deck, terms, by=by, version=deck.version, reason="They go together.", now=early)
        for step in (DeckState.READY, DeckState.LOCKED):
            deck.refresh_from_db()
            move_deck(deck, step, by=by, version=deck.version, now=early)
        publish_due(now=early.replace(hour=23, minute=30))
        deck.refresh_from_db()
        assert deck.state == DeckState.PUBLISHED
        return deck

    def change_words(self) -> None:
        """Correct, update, clarify and reword cards that readers had, re-check one in part, take two back."""
        report = "The report says that the models were trained on over 7 trillion tokens."
        self.edit("qwen2", *reversed(WRONG), fate=Fate.WAS_WRONG, why=report, successor=self.term("qwen2-5"))
        self.edit(
            "inference",
            "Training is done once or a few times, while inference happens with each question that anybody asks.",
            "Training is done a few times, while inference happens with each question that anybody asks.",
            fate=Fate.NO_LONGER_TRUE,
            why="Models are trained further after they came out.",
        )
        self.edit("fine-tuning", "Fine-tuning picks up", "It picks up", fate=Fate.COULD_MISLEAD, why="The name misled.")
        self.edit("token", "The answer is made", "An answer is made")
        self.edit("embedding", "A computer cannot compare", "A program cannot compare")
        checker = self.people["checker"]
        self.old["ai-watermark"] = self.term("ai-watermark").published
        withdraw_check(self.term("ai-watermark"), by=checker, reason="Two of its studies do not say what it tells.")
        retire_term(
            self.term("bert"),
            by=checker,
            reason="What it said stands under the design that it uses.",
            successor=self.term("transformer"),
        )

    def edit(self, slug: str, was: str, now: str, *, fate: Fate = Fate.STILL_TRUE, why: str = "", **over: Any) -> None:
        """Change words of a card's body; another person checks them, and readers get them at once."""
        editor, checker, term = self.people["editor"], self.people["checker"], self.term(slug)
        self.old[slug], draft = term.published, term.draft()
        assert was in draft.body
        draft = replace(draft, body=draft.body.replace(was, now))
        edition = submit_term(save_term(term, draft, details=details_of(term, **over), by=editor), by=editor)
        source = term.sources.first()
        for line in Claim.objects.lines(edition.pk):
            if line.state in {LineState.READ_AGAIN, LineState.RESPELT}:
                confirm_line(line.claim, by=checker)
            elif line.state != LineState.SETTLED:
                given = {"verdict": Verdict.SUPPORTED, "kind": ClaimKind.FACT}
                settle_line(line.claim, by=checker, evidence=[EvidenceDraft(source, "It says so.")], **given)
        said = say_of_old_words(edition, fate, why)
        pass_check(edition, by=checker, digest=edition.digest, whole_card=True, old_words=said)


def _with_body(card: StarterCard, was: str, now: str) -> StarterCard:
    assert was in card.draft.body
    return replace(card, draft=replace(card.draft, body=card.draft.body.replace(was, now)))


def open_the_brief() -> None:
    """Let this machine send the brief, without which nobody can sign up."""
    arm_machine()


def make_reader(**over: Any) -> Subscriber:
    """Return a reader of the brief whose link for confirming is TOKEN, if they have not confirmed yet."""
    return make_readers(1, **over)[0]


def waiting_reader() -> Subscriber:
    """Return a reader who has signed up and not confirmed."""
    reader = make_reader(state="unconfirmed", confirmed_at=None)
    reader.links.create(token_hash=token_hash(TOKEN), expires=timezone.now() + timedelta(days=1))
    return reader


def in_days(number: int) -> date:
    """Return the day so many days from today."""
    return today() + timedelta(days=number)
