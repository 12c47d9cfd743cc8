"""The brief as mail: the same words and dates as the frozen cards, whole, small, and each reader's own."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy

import pytest
from django.utils import timezone

from glossary.domain.correction import Fate
from glossary.domain.errors import IllegalMove
from glossary.domain.letter import MAX_BYTES
from glossary.domain.link_token import Purpose, new_handle, read_token
from glossary.domain.roles import Role
from glossary.models import Correction, CorrectionShown, Edition, Subscriber, Term
from glossary.services import brief_mail
from glossary.services.brief import queue_first_brief
from glossary.services.brief_mail import correction_line, deck_state, write_brief, write_letter
from glossary.services.delivery import send_due
from glossary.services.fact_check import pass_check, withdraw_check
from glossary.services.line import Server
from glossary.services.term import save_term, submit_term
from glossary.services.transport import SmtpTransport
from glossary.services.worker import Worker
from tests.factories import (
    details_of,
    make_brief_of,
    make_dealt_term,
    make_deck,
    make_published_term,
    make_readers,
    make_user,
    put_back,
    say_of_old_words,
    settle_all,
)
from tests.sink import Sink

pytestmark = pytest.mark.django_db
HANDLE = new_handle()


@pytest.fixture
def brief(settings):
    settings.SITE_URL = "https://dailydeck.example"
    settings.POSTAL_ADDRESS = "1 Example Street, Example City"
    return make_brief_of(1, title="From token to answer")


def parts(message):
    read = message_from_bytes(message, policy=policy.default)
    return read, *(read.get_body((kind,)).get_content().replace("\r\n", "\n") for kind in ("plain", "html"))


def test_text_and_html_have_the_words_and_dates_of_the_frozen_cards(brief):
    read, text, html = parts(write_brief(brief).fill("reader@example.org", HANDLE)[1])
    cards = list(brief.deck.cards.select_related("edition", "term"))
    assert len(cards) == 7 and read["Subject"] == "From token to answer"
    plain_html = html.replace("&quot;", '"').replace("&#x27;", "'")
    for card in cards:
        words, day = card.edition.words, card.checked_on
        for part in (text, plain_html):
            assert words.definition in part and f"/terms/{card.term.slug}/v/{card.edition.digest}/" in part
        assert words.headword in text.splitlines() and f">{words.headword}</h2>" in html
        assert f"Fact-checked {day:%B} {day.day}, {day.year}" in text
        assert (
            f"FACT-CHECKED</span><br>{day:%b} {day.day}, {day.year}".upper()
            in html.replace("</span><br>", "</SPAN><BR>").upper()
        )
    assert plain_html.index(cards[0].edition.words.definition) < plain_html.index("From token to answer</h1>")


def test_it_is_small_has_no_pixel_and_is_the_same_whenever_it_is_asked_for(brief):
    named, message = write_brief(brief).fill("reader@example.org", HANDLE)
    _, text, html = parts(message)
    assert len(message) < MAX_BYTES and "<img" not in html and "http://" not in html + text
    assert set(re.findall(r"https?://([^/\"\s]+)", html + text)) == {"dailydeck.example"}
    assert write_brief(brief).fill("reader@example.org", HANDLE) == (named, message)
    assert write_brief(brief).fill("other@example.org", new_handle())[0] != named


def test_each_link_is_the_readers_own_and_for_one_purpose(brief, settings):
    read, text, html = parts(write_brief(brief).fill("reader@example.org", HANDLE)[1])
    key = settings.LINK_KEY.encode()
    for part in (text, html, read["List-Unsubscribe"]):
        token = re.search(r"/unsubscribe/([^/]+)/", part)[1]
        assert read_token(key, Purpose.UNSUBSCRIBE, token) == HANDLE
    token = re.search(r"/preferences/([^/]+)/", text)[1]
    assert read_token(key, Purpose.PREFERENCES, token) == HANDLE != read_token(key, Purpose.UNSUBSCRIBE, token)
    assert "1 Example Street" in text and "1 Example Street" in html


def test_one_click_is_offered_over_https_only(brief, settings):
    settings.SITE_URL = "http://127.0.0.1:8000"
    read, text, _ = parts(write_brief(brief).fill("reader@example.org", HANDLE)[1])
    assert read["List-Unsubscribe"] is None and "/unsubscribe/" in text


def test_a_card_withdrawn_meanwhile_keeps_its_name_and_loses_its_words(brief):
    card = brief.deck.cards.select_related("edition").first()
    before = deck_state(brief.deck_id)
    Edition.objects.filter(pk=card.edition_id).update(withdrawn_at=timezone.now(), withdrawn_because="It was <wrong>.")
    assert deck_state(brief.deck_id) != before
    _, text, html = parts(write_brief(brief).fill("reader@example.org", HANDLE)[1])
    assert card.edition.words.definition not in text + html and card.edition.words.headword in html
    assert "Withdrawn, because: It was <wrong>." in text and "It was &lt;wrong&gt;." in html


def test_words_changed_behind_the_services_are_not_mailed(brief):
    card = brief.deck.cards.select_related("edition").first()
    forged = card.edition.words_json | {"definition": "Forged words.", "headword": "Forged"}
    Edition.objects.filter(pk=card.edition_id).update(words_json=forged)
    _, text, html = parts(write_brief(brief).fill("reader@example.org", HANDLE)[1])
    assert "orged" not in text.lower() + html.lower()


@pytest.mark.parametrize("name", ["Acme, Inc.", "Deck @ home", "A;B", "Cards: daily", "<b>", "Ünï, Deck"])
def test_a_site_of_any_name_is_named_in_from_beside_its_address(brief, settings, name):
    settings.SITE_NAME, settings.DEFAULT_FROM_EMAIL, settings.CONTACT_EMAIL = name, "brief@dailydeck.example", ""
    written = write_brief(brief)
    _, message = written.fill("ada@example.org", "h" * 22)
    read = message_from_bytes(message, policy=policy.default)
    for header in ("From", "Reply-To"):
        (one,) = read[header].addresses
        assert (one.display_name, one.addr_spec) == (name, "brief@dailydeck.example")
    assert written.sender == "brief@dailydeck.example"


def test_a_card_that_is_overdue_by_the_day_of_a_first_brief_says_so(brief):
    card = brief.deck.cards.select_related("term").first()
    for days, said in ((-1, False), (0, True)):
        at = datetime.combine(card.term.overdue_on, time(12), UTC) + timedelta(days=days)
        _, text, html = parts(write_brief(brief, now=at).fill("reader@example.org", HANDLE)[1])
        assert ("Re-check due." in text, "RE-CHECK DUE" in html) == (said, said)
    Term.objects.filter(pk=card.term_id).update(published=None, stage="retired")  # another edition's due date
    _, text, _ = parts(write_brief(brief, now=at).fill("reader@example.org", HANDLE)[1])
    assert text.count("Re-check due.") == 6


def test_a_first_brief_is_dated_when_its_reader_confirmed_and_any_other_when_the_deck_came_out(brief):
    came_out, written = brief.deck.published_at.replace(microsecond=0), write_brief(brief)
    dates = {}
    for since in (None, came_out - timedelta(days=3), came_out + timedelta(days=3)):
        read, _, _ = parts(written.fill("reader@example.org", HANDLE, since=since)[1])
        dates[since] = read["Date"].datetime
    assert list(dates.values()) == [came_out, came_out, came_out + timedelta(days=3)]


def test_the_sender_dates_a_first_brief_by_its_reader(brief, settings):
    settings.EMAIL_HOST = "127.0.0.1"
    later = brief.made_at.replace(microsecond=0) + timedelta(days=3)
    (reader,) = make_readers(1, confirmed_at=later)
    queue_first_brief(reader, now=brief.made_at)
    with Sink() as sink:
        worker = Worker(SmtpTransport(Server("127.0.0.1", sink.port)))
        send_due(worker)
        worker.transport.close()
    dates = {to: parts(message)[0]["Date"].datetime for to, message in sink.accepted}
    assert dates.pop(reader.address) == later and set(dates.values()) == {
        brief.deck.published_at.replace(microsecond=0)
    }


def many_corrections(brief, number):
    by = make_user(Role.CHECKER)
    term, made = make_dealt_term("Elsewhere", by=by), []
    for _ in range(number):
        row = Correction(term=term, kind="retraction", from_edition=term.published, why="W" * 200)
        row.by, row.at, row.on = by, brief.made_at, brief.made_at.date()
        row.save()
        made.append(row)
    return made


def test_a_mail_stays_small_however_much_is_to_be_corrected(brief):
    made = many_corrections(brief, 100)
    letter = write_brief(brief, corrections=made)
    few, many = (letter.fill("reader@example.org", HANDLE, [one.pk for one in made[:n]])[1] for n in (2, 100))
    assert len(many) < MAX_BYTES
    for part in parts(many)[1:]:
        assert "no room for all of it" in part and "/corrections/" in part
    assert "no room" not in parts(few)[1] and parts(few)[1].count("WE WERE WRONG") == 2
    assert parts(many)[1].count("WE WERE WRONG") > 50


def test_a_brief_that_mail_programs_would_cut_is_not_written(brief, monkeypatch):
    monkeypatch.setattr(brief_mail, "MAX_BYTES", 5000)
    with pytest.raises(IllegalMove, match="mail programs cut what is longer than 5,000"):
        write_brief(brief)


def test_replies_go_where_somebody_reads_them(brief, settings):
    settings.CONTACT_EMAIL = "desk@dailydeck.example"
    assert parts(write_brief(brief).fill("reader@example.org", HANDLE)[1])[0]["Reply-To"] == "desk@dailydeck.example"
    settings.CONTACT_EMAIL = ""
    read = parts(write_brief(brief).fill("reader@example.org", HANDLE)[1])[0]
    assert read["Reply-To"] == read["From"]


def test_without_its_key_nothing_is_written(brief, settings):
    settings.LINK_KEY = ""
    with pytest.raises(IllegalMove, match="LINK_KEY"):
        write_brief(brief)


def test_the_correction_comes_first_and_to_those_who_are_to_be_told(brief, settings):
    settings.EMAIL_HOST = "127.0.0.1"
    told = brief.deliveries.get().subscriber
    (other,) = make_readers(1)
    brief.deliveries.create(subscriber=other, not_before=brief.made_at, at=brief.made_at)
    card = brief.deck.cards.select_related("edition").last()
    day = brief.made_at - timedelta(days=1)
    row = Correction(term=card.term, kind="retraction", from_edition=card.edition, why="It was “wrong”.")
    row.by, row.at, row.on = make_user(Role.CHECKER), day, day.date()
    row.save()
    CorrectionShown.objects.create(correction=row, subscriber=told, brief=brief)
    with Sink() as sink:
        worker = Worker(SmtpTransport(Server("127.0.0.1", sink.port)))
        send_due(worker)
        worker.transport.close()
    mails = dict(sink.accepted)
    _, text, html = parts(mails[told.address])
    assert "It was “wrong”." in text and text.index("WE WERE WRONG") < text.index("1 of 7")
    assert (
        html.index("We were wrong.") < html.index("FACT-CHECKED")
        and f"/corrections/?at={row.pk}#correction-{row.pk}" in html
    )
    _, text, html = parts(mails[other.address])
    assert "WE WERE WRONG" not in text and "We were wrong" not in html


def test_no_line_of_a_mail_repeats_new_words_that_were_taken_back_since():
    author, checker = make_user(Role.EDITOR), make_user(Role.CHECKER, Role.PUBLISHER)
    may, june, july = (datetime(2026, month, 3, 12, tzinfo=UTC) for month in (5, 6, 7))
    term = make_published_term("Qwen2", author=author, checker=checker, now=may)
    terms = [term, *(make_published_term(f"Word {n}", author=author, checker=checker, now=may) for n in range(6))]
    deck = make_deck(date(2026, 5, 30), terms=terms)
    saved = save_term(
        term, replace(term.draft(), body="Six sizes exist."), details=details_of(term), by=author, now=june
    )
    edition = submit_term(saved, by=author, now=june)
    settle_all(edition, by=checker, now=june)
    said = say_of_old_words(edition, Fate.WAS_WRONG, "Miscounted.")
    pass_check(edition, by=checker, digest=edition.digest, whole_card=True, old_words=said, now=june)
    row = Correction.objects.filter(now="Six sizes exist.").first()
    assert "Now it says: Six sizes exist." in correction_line(row)
    withdraw_check(Term.objects.get(pk=term.pk), by=checker, reason="Six is wrong too.", now=july)
    line = correction_line(Correction.objects.get(pk=row.pk))
    assert line == f"Qwen2 said: {row.was} What stood in its place was taken back on July 3, 2026. Miscounted."
    notes = write_letter(deck, on=deck.day).cards[0].notes
    assert not any("Six sizes" in note for note in notes)
    told = Correction.objects.get(kind="retraction")
    assert notes[-1] == "Retraction of July 3, 2026: we took back what we said about Qwen2. Six is wrong too."
    before = deck_state(deck.pk)
    put_back(term, author=author, checker=checker, now=july + timedelta(days=1))
    assert deck_state(deck.pk) != before, "what is being sent is written anew"
    assert correction_line(Correction.objects.get(pk=told.pk)).endswith(
        "Six is wrong too. The same words were put back on July 4, 2026, after another check."
    )


def test_every_reader_has_a_handle_of_their_own():
    make_readers(20)
    assert len(set(Subscriber.objects.values_list("handle", flat=True))) == 20
