"""Whatever raw SQL changes behind the services is found, and the row is named."""

import json

import pytest
from django.db import connection, transaction

from glossary.domain.deck import DeckState
from glossary.models import ClaimCheck, Correction, Edition, Sentence, Term
from glossary.services.integrity import check_integrity
from glossary.services.term import submit_term
from tests.factories import make_deck
from tests.services.test_integrity import NOON, make_people, make_well_worn_term

pytestmark = pytest.mark.django_db


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def put(table, change, where):
    """Return a corruption that changes one column; both parts may name {keys} of the desk."""
    return lambda keys: sql(f"UPDATE glossary_{table} SET {change} WHERE {where}".format(**keys))


def drop(table, where):
    return lambda keys: sql(f"DELETE FROM glossary_{table} WHERE {where}".format(**keys))


def add(table, columns, values):
    return lambda keys: sql(f"INSERT INTO glossary_{table} ({columns}) VALUES ({values})".format(**keys))


def reword(**changed):
    """Return a corruption of the words that readers see."""

    def change(keys):
        words = Edition.objects.get(pk=keys["published"]).words_json | changed
        sql("UPDATE glossary_edition SET words_json = %s WHERE id = %s", json.dumps(words), keys["published"])

    return change


def key_of(rows, **where):
    return rows.objects.filter(**where).values_list("pk", flat=True)[0]


@pytest.fixture
def keys():
    """The keys of rows that the damage is done to: of a term with a long life, its neighbours, and a locked deck."""
    people = make_people()
    term = make_well_worn_term(people)
    author = people["author"]
    waiting = submit_term(Term.objects.get(slug="kiwi-bird"), by=author, now=NOON)
    six = term.published.claims.get(sentence__text="Six sizes exist.")
    deck = make_deck(state=DeckState.LOCKED)
    return {
        "author": author.pk,
        "term": term.pk,
        "published": term.published_id,
        "fruit": key_of(Edition, term__slug="kiwi-fruit"),
        "merged": key_of(Term, slug="qianwen"),
        "waiting": waiting.pk,
        "claim": six.pk,
        "sentence": six.sentence_id,
        "verdict": key_of(ClaimCheck, claim=six),
        "carried": key_of(ClaimCheck, rests_on__isnull=False),
        "misspelt": key_of(Sentence, text__startswith="Peple"),
        "respelt": key_of(Sentence, respelt_from__isnull=False),
        "check": term.published.fact_checks.all()[0].pk,
        "correction": key_of(Correction, now="Six sizes exist."),
        "deck": deck.pk,
        "day": deck.day,
    }


TERM, EDITION, LINE = "qwen-2", "qwen-2, edition 3", "qwen-2, edition 3, line 8"
SENTENCE, VERDICT, CARRIED = "qwen-2, sentence {sentence}", LINE + ", verdict {verdict}", "verdict {carried}"
TOLD = "qwen-2, correction {correction}"
CHECK, CARD = EDITION + ", fact check {check}", "deck {day}, card 3"
THE_TERM, THE_EDITION, THE_CLAIM, THE_SENTENCE, THE_VERDICT, THE_CHECK = (
    f"id = {{{key}}}" for key in ("term", "published", "claim", "sentence", "verdict", "check")
)
THE_CARRIED, THE_CARD, BIRD = "id = {carried}", "deck_id = {deck} AND position = 3", "slug = 'kiwi-bird'"
DAMAGE = {
    # what readers see
    "a word": ("digest", EDITION, reword(example="A shop sells fish with it.")),
    "words that are no words": ("digest", EDITION, reword(aliases=5)),
    "words that are numbers": ("digest", EDITION, reword(body=5)),
    "a digest": ("digest", EDITION, put("edition", "digest = '00ff'", THE_EDITION)),
    "a version": ("digest", EDITION, put("edition", "digest_version = 9", THE_EDITION)),
    "a word without its date": ("published", EDITION, reword(example="A shop sells fish with it.")),
    "a withdrawal": (
        "withdrawn",
        EDITION,
        put("edition", f"withdrawn_at = '{NOON}', withdrawn_because = 'x'", THE_EDITION),
    ),
    # what readers are told of words they had
    "words they had not": ("correction", TOLD, put("correction", "was = 'Nine.'", "id = {correction}")),
    "words that nobody checked": ("correction", TOLD, put("correction", "now = 'Nine.'", "id = {correction}")),
    "another term's words": ("correction", TOLD, put("correction", "to_edition_id = {fruit}", "id = {correction}")),
    # lines and sentences
    "a lost line": ("lines", "kiwi-bird, edition 1", drop("claim", "edition_id = {waiting} AND place = 2")),
    "a moved line": ("lines", LINE, put("claim", "block = 9", THE_CLAIM)),
    "a context": ("lines", LINE, put("claim", "context = 'x'", THE_CLAIM)),
    "another line": ("lines", LINE, put("claim", "sentence_id = {respelt}", THE_CLAIM)),
    "a sentence": ("sentence", SENTENCE, put("sentence", "text = 'Ten sizes exist.'", THE_SENTENCE)),
    "a key": ("sentence", SENTENCE, put("sentence", "hash = '00ff'", THE_SENTENCE)),
    "a lost author": ("author", SENTENCE, drop("sentenceauthor", "sentence_id = {sentence}")),
    "no respelling": ("sentence", SENTENCE, put("sentence", "respelt_from_id = {misspelt}", THE_SENTENCE)),
    "a circle": (
        "sentence",
        "qwen-2, sentence {misspelt}",
        put("sentence", "respelt_from_id = {respelt}", "id = {misspelt}"),
    ),
    # verdicts
    "an anchor": ("verdict", VERDICT, put("claimcheck", "sentence_id = {respelt}", THE_VERDICT)),
    "no verdict": ("verdict", VERDICT, put("claimcheck", "kind = 'guess'", THE_VERDICT)),
    "a kind": ("verdict", VERDICT, put("claimcheck", "kind = 'name'", THE_VERDICT)),
    "a date to come": ("verdict", VERDICT, put("claimcheck", "checked_on = '2026-09-09'", THE_VERDICT)),
    "a date gone by": ("verdict", VERDICT, put("claimcheck", "checked_on = '2026-05-20'", THE_VERDICT)),
    "a carried date": ("verdict", CARRIED, put("claimcheck", "checked_on = '2026-06-01'", THE_CARRIED)),
    "other words' support": ("verdict", CARRIED, put("claimcheck", "rests_on_id = {verdict}", THE_CARRIED)),
    "own words": ("verdict", VERDICT, put("claimcheck", "by_id = {author}", THE_VERDICT)),
    "evidence": ("verdict", VERDICT, drop("evidence", "check_row_id = {verdict}")),
    # decisions
    "a stamp": ("date", CHECK, put("factcheck", "stamp_on = '2026-05-28'", THE_CHECK)),
    "the newest date": ("date", CHECK, put("factcheck", "newest_on = '2026-05-30'", THE_CHECK)),
    "a day": ("date", CHECK, put("factcheck", "\"on\" = '2026-07-01'", THE_CHECK)),
    "a pass before its verdicts": ("date", CHECK, put("factcheck", "at = '2026-05-31 12:00Z'", THE_CHECK)),
    "other words passed": ("fact check", CHECK, put("factcheck", "digest = '00ff'", THE_CHECK)),
    "no decision": ("fact check", CHECK, put("factcheck", "result = 'guess'", THE_CHECK)),
    "a lost decision": ("trail", TERM, drop("factcheck", THE_CHECK)),
    "a lost entry": ("trail", TERM, drop("trailentry", "term_id = {term} AND verb = 'passed'")),
    # the term
    "a stage": ("stage", "kiwi-bird", put("term", "stage = 'x'", BIRD)),
    "an address": ("stage", "Kiwi Bird", put("term", "slug = 'Kiwi Bird'", BIRD)),
    "another's edition": ("stage", TERM, put("term", "published_id = {fruit}", THE_TERM)),
    "a chain": ("merged", "kiwi-bird", put("term", "stage = 'merged', merged_into_id = {merged}", BIRD)),
    "a submission": (
        "submitted",
        "qwen-2, edition 1",
        put("edition", f"submitted_at = '{NOON}'", "term_id = {term} AND number = 1"),
    ),
    "a due date": ("due", TERM, put("term", "due_on = '2099-01-01'", THE_TERM)),
    "an overdue date": ("due", TERM, put("term", "overdue_on = '2099-01-01'", THE_TERM)),
    "an old date": ("due", TERM, put("term", "stale_on = '2025-01-01'", THE_TERM)),
    "an old date without words": ("due", "kiwi-bird", put("term", "stale_on = '2025-01-01'", BIRD)),
    "a due date without words": ("due", "kiwi-bird", put("term", "due_on = '2099-01-01'", BIRD)),
    "a class": ("due", TERM, put("term", "volatility = 'X'", THE_TERM)),
    "a sort key": ("shelf", TERM, put("term", "sort_key = 'zebra'", THE_TERM)),
    "a letter": ("shelf", TERM, put("term", "letter = 'Z'", THE_TERM)),
    "working text": ("working", TERM, put("term", "body = 'Typed past the desk.'", THE_TERM)),
    "no edition": ("working", TERM, put("term", "working_id = NULL", THE_TERM)),
    "an alias": ("working", TERM, put("alias", "text = 'Tong'", "text = 'Tongyi 2'")),
    "a kind of alias": ("working", TERM, put("alias", "kind = 'guess'", "text = 'Tongyi 2'")),
    "the desk's index": ("search", TERM, drop("deskword", "term_id = {term}")),
    "a name to search for": ("search", TERM, drop("searchname", "key = 'kwen2'")),
    "a name printed otherwise": ("search", TERM, put("searchname", "text = 'Quen'", "place = 0 AND term_id = {term}")),
    "words to search for": ("search", TERM, put("searchentry", "body = 'fish'", "term_id = {term}")),
    "no words to search for": ("search", TERM, drop("searchentry", "term_id = {term}")),
    "a draft to search for": (
        "search",
        "kiwi-bird",
        add(
            "searchname",
            "term_id, key, place, text",
            "(SELECT id FROM glossary_term WHERE slug = 'kiwi-bird'), 'x', 0, 'x'",
        ),
    ),
    "a misspelt name": ("search", TERM, drop("searchtypo", "word IN ('qwen', 'qwen2', 'kwen2')")),
    # names and addresses
    "a lost name": ("name", TERM, drop("name", "key = 'qwen2'")),
    "a hidden name": ("name", TERM, put("name", "public = FALSE", "key = 'kwen2'")),
    "a merged term's name": ("name", TERM, drop("name", "key = 'qianwen'")),
    "a public draft": ("name", "kiwi-bird", put("meaning", "public = TRUE", "term_id <> {term} AND NOT public")),
    "a lost meaning": ("name", "kiwi-fruit", drop("meaning", "public")),
    "a name of nobody": ("name", "name void", add("name", "key, ambiguous, public", "'void', TRUE, FALSE")),
    "another's name": ("name", TERM, add("name", "key, ambiguous, public, term_id", "'fish', FALSE, TRUE, {term}")),
    "a public name": ("name", "name kiwi", put("name", "public = FALSE", "key = 'kiwi'")),
    "a second meaning": ("name", "name qwen2", add("meaning", "name_id, term_id, public", "'qwen2', {term}, TRUE")),
    "an old address of a merged term": (
        "redirect",
        "address qwen2",
        put("oldslug", "term_id = {merged}", "slug = 'qwen2'"),
    ),
    "an old address in use": ("redirect", "address kiwi-bird", put("oldslug", "slug = 'kiwi-bird'", "slug = 'qwen2'")),
    "an old address of nonsense": ("redirect", "address Qwen 2", put("oldslug", "slug = 'Qwen 2'", "slug = 'qwen2'")),
    # decks
    "a lost card": ("deck", "deck {day}", drop("card", THE_CARD)),
    "a lost lock": ("deck", "deck {day}", put("deck", "locked_at = NULL", "id = {deck}")),
    "a state": ("deck", "deck {day}", put("deck", "state = 'x'", "id = {deck}")),
    "a frozen draft": ("deck", CARD, put("deck", "state = 'draft'", "id = {deck}")),
    "a thawed card": ("freeze", CARD, put("card", "edition_id = NULL, checked_on = NULL", THE_CARD)),
    "a card with other words": ("freeze", CARD, put("card", "edition_id = {fruit}", THE_CARD)),
    "a card with another date": ("freeze", CARD, put("card", "checked_on = '2026-05-01'", THE_CARD)),
}


def test_all_damage_is_caught_and_named_and_nothing_else_is(keys):
    missed, unclear = [], []
    for what, (kind, subject, damage) in DAMAGE.items():
        with transaction.atomic():
            damage(keys)
            faults = list(check_integrity())
            transaction.set_rollback(True)
        ending = subject.format(**keys)
        if not [fault for fault in faults if fault.kind == kind and fault.subject.endswith(ending)]:
            missed.append((what, faults))
        if not all(fault.says.endswith(".") for fault in faults):
            unclear.append((what, faults))
    assert (missed, unclear) == ([], [])
    assert list(check_integrity()) == []
