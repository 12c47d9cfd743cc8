"""What a provider's news means for the reader."""

from datetime import UTC, datetime

import pytest

from glossary.domain.bounce import BounceKind
from glossary.domain.mail_event import PROVIDERS, anymail_settings, event_id, found_in, kind_of_event

HARD, SOFT, BLOCKED = BounceKind.HARD, BounceKind.SOFT, BounceKind.BLOCKED
COMPLAINT, LEFT = BounceKind.COMPLAINT, BounceKind.LEFT


@pytest.mark.parametrize(
    ("name", "what", "reason", "said", "raw", "kind"),
    [
        ("mailgun", "bounced", "bounced", "550 5.1.1 unknown", {}, HARD),
        ("mailgun", "bounced", "bounced", "552 5.2.2 full", {}, SOFT),
        ("mailgun", "bounced", "other", "", {"event-data": {"reason": "old"}}, SOFT),
        ("mailgun", "bounced", "bounced", "", {"event-data": {"reason": "suppress-bounce"}}, HARD),
        ("mailgun", "bounced", "other", "", {"event-data": {"reason": "suppress-complaint"}}, COMPLAINT),
        ("mailgun", "bounced", "other", "", {"event-data": {"reason": "suppress-unsubscribe"}}, LEFT),
        ("mailgun", "bounced", "other", "550 5.7.1 spam", {}, BLOCKED),
        ("mailgun", "bounced", "other", "no idea", {}, SOFT),
        ("mailgun", "deferred", "other", "450 4.2.0 later", {}, None),
        ("mailgun", "delivered", "", "250 ok", {}, None),
        ("mailgun", "complained", "", "", {}, COMPLAINT),
        ("mailgun", "unsubscribed", "", "", {}, LEFT),
        ("postmark", "bounced", "bounced", "", {"Type": "HardBounce"}, HARD),
        ("postmark", "bounced", "bounced", "", {"Type": "SoftBounce"}, SOFT),
        ("postmark", "rejected", "blocked", "", {"Type": "Blocked"}, BLOCKED),
        ("postmark", "rejected", "blocked", "", {"Type": "ManuallyDeactivated"}, LEFT),
        ("postmark", "rejected", "invalid", "", {"Type": "BadEmailAddress"}, HARD),
        ("brevo", "bounced", "bounced", "", {"event": "soft_bounce"}, SOFT),
        ("brevo", "bounced", "bounced", "", {"event": "hard_bounce"}, HARD),
        ("brevo", "bounced", "invalid", "", {"event": "invalid_email"}, HARD),
        ("sparkpost", "bounced", "bounced", "", {"msys": {"message_event": {"bounce_class": "22"}}}, SOFT),
        ("sparkpost", "bounced", "bounced", "", {"msys": {"message_event": {"bounce_class": "30"}}}, HARD),
        ("sparkpost", "bounced", "spam", "", {"msys": {"message_event": {"bounce_class": "51"}}}, BLOCKED),
        ("sparkpost", "unsubscribed", "unsubscribed", "", {}, LEFT),
    ],
)
def test_each_word_of_a_provider_has_its_meaning(name, what, reason, said, raw, kind):
    assert kind_of_event(PROVIDERS[name], what, reason=reason, said=said, raw=raw) == kind


def test_a_way_that_leads_nowhere_finds_nothing():
    assert found_in({"a": {"b": 1}}, ("a", "b")) == 1
    assert found_in({"a": {"x": {"b": 2}}}, ("a", "*", "b")) == 2
    for raw in ([], None, {"a": 1}, {"a": {}}, {}):
        assert found_in(raw, ("a", "*", "b")) is None
    assert found_in({"a": 1}, ()) is None


def test_an_event_without_a_name_is_named_by_what_it_is():
    what = {"provider": PROVIDERS["postmark"], "what": "bounced", "address": "a@b.org", "message_id": "<1>"}
    at = datetime(2026, 5, 29, tzinfo=UTC)
    assert event_id(given="", at=at, **what) == event_id(given="", at=at, **what) != event_id(given="", at=None, **what)
    assert event_id(given="7", at=at, **what) == event_id(given="7", at=None, **what)
    other = what | {"address": "c@b.org"}
    assert event_id(given="7", at=at, **what) != event_id(given="7", at=at, **other)
    signs = {"provider": PROVIDERS["mailgun"]}
    assert event_id(given="7", at=at, **what | signs) == event_id(given="7", at=at, **other | signs)


def test_settings_are_named_as_anymail_names_them_and_options_weigh_more():
    found = anymail_settings("mailgun", key="k", secret="s", options={"MAILGUN_SENDER_DOMAIN": "mg.example.org"})
    assert found["MAILGUN_API_KEY"] == "k" and found["MAILGUN_WEBHOOK_SIGNING_KEY"] == "s"
    assert found["MAILGUN_SENDER_DOMAIN"] == "mg.example.org" and "WEBHOOK_SECRET" not in found
    found = anymail_settings("postmark", key="k", secret="s", options={"POSTMARK_SERVER_TOKEN": "other"})
    assert found["WEBHOOK_SECRET"] == "mail:s" and found["POSTMARK_SERVER_TOKEN"] == "other"
    assert anymail_settings("", key="", secret="", options={}) == {}
    assert "WEBHOOK_SECRET" not in anymail_settings("brevo", key="k", secret="", options={})
