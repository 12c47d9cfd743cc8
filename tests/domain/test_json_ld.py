"""What search engines read of a page."""

from datetime import date

from glossary.domain.json_ld import Amended, Site, deck_page, term_page
from glossary.domain.term import AliasKind, AliasWords, Words

SITE = Site("Daily Deck", "https://deck.example/", "https://deck.example/terms/", "https://deck.example/how-we-check/")
ADDRESS = "https://deck.example/terms/qwen2/"
WORDS = Words(
    headword="Qwen2",
    definition="Qwen2 is a family of language models.",
    aliases=(AliasWords("Qwen 2", AliasKind.SPELLING), AliasWords("Tongyi 2", AliasKind.FORMER_NAME)),
)


def page(**over):
    given = {"site": SITE, "address": ADDRESS, "checked_on": date(2026, 5, 29), "changed_on": date(2026, 6, 3)}
    return term_page(over.pop("words", WORDS), **given | over)


def test_the_date_of_the_check_belongs_to_the_page_and_the_words_to_the_term():
    data = page()
    assert data["@type"] == "WebPage" and data["lastReviewed"] == "2026-05-29" and data["dateModified"] == "2026-06-03"
    assert data["reviewedBy"]["name"] == "Daily Deck"
    term = data["mainEntity"]
    assert set(term) == {"@type", "@id", "name", "alternateName", "description", "inDefinedTermSet"}
    assert term["@type"] == "DefinedTerm" and term["name"] == "Qwen2"
    assert term["alternateName"] == ["Qwen 2", "Tongyi 2"]
    assert term["inDefinedTermSet"]["@type"] == "DefinedTermSet"


def test_a_term_without_other_names_says_nothing_of_them():
    assert "alternateName" not in page(words=Words("Qwen2", "A family."))["mainEntity"]


def test_a_correction_is_named_with_its_place_in_the_log():
    told = Amended("The report lists six.", "https://deck.example/corrections/#correction-1", date(2026, 6, 3))
    assert page(amended=[told])["correction"] == [
        {
            "@type": "CorrectionComment",
            "text": "The report lists six.",
            "url": "https://deck.example/corrections/#correction-1",
            "datePublished": "2026-06-03",
        }
    ]
    assert "correction" not in page()


def test_nothing_is_marked_as_a_review_of_claims():
    assert "ClaimReview" not in str(page())


def test_a_deck_names_its_cards_in_order():
    data = deck_page([("A", "https://a"), ("B", "https://b")], address="https://d", title="Two")
    assert [(item["position"], item["name"]) for item in data["itemListElement"]] == [(1, "A"), (2, "B")]
    assert data["numberOfItems"] == 2
