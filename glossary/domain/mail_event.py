"""Mail providers that tell by themselves what became of a mail, and what their news means for the reader."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from glossary.domain.bounce import ENHANCED, BounceKind, kind_of_refusal

SIGNED_FOR = timedelta(days=1)  # a signature that names its moment is no proof any more after that
NEWS_FOR = timedelta(days=14)  # what happened before that changes nothing
WEBHOOK_USER = "mail"  # of the providers that prove themselves by name and password
TIMEOUT = (10, 30)  # seconds: to reach a provider, and to wait for its answer


@dataclass(frozen=True)
class Provider:
    """A service that takes mails by an interface of its own, as django-anymail knows it.

    `key` and `secret` are anymail's names for what is proved to it and by it; without a `secret` of its own, it calls
    with name and password. `word` is the way to its own word for an event, of which `words` are those that say more
    than anymail passes on; a star stands for the only value. `signed` is the way to the moment that it signs, where
    its signature covers only that moment and the name of the event.
    """

    name: str
    key: str
    view: str
    secret: str = ""
    untracks: bool = True  # can be asked to leave links and pictures alone
    word: tuple[str, ...] = ()
    words: Mapping[str, BounceKind] = field(default_factory=dict)
    signed: tuple[str, ...] = ()


PROVIDERS = {
    "mailgun": Provider(
        "Mailgun",
        key="MAILGUN_API_KEY",
        view="anymail.webhooks.mailgun.MailgunTrackingWebhookView",
        secret="MAILGUN_WEBHOOK_SIGNING_KEY",
        word=("event-data", "reason"),
        words={
            "old": BounceKind.SOFT,  # tried for hours
            "suppress-bounce": BounceKind.HARD,
            "suppress-complaint": BounceKind.COMPLAINT,
            "suppress-unsubscribe": BounceKind.LEFT,
        },
        signed=("signature", "timestamp"),
    ),
    "postmark": Provider(
        "Postmark",
        key="POSTMARK_SERVER_TOKEN",
        view="anymail.webhooks.postmark.PostmarkTrackingWebhookView",
        word=("Type",),
        words={"SoftBounce": BounceKind.SOFT, "HardBounce": BounceKind.HARD, "ManuallyDeactivated": BounceKind.LEFT},
    ),
    "brevo": Provider(
        "Brevo",
        key="BREVO_API_KEY",
        view="anymail.webhooks.brevo.BrevoTrackingWebhookView",
        untracks=False,
        word=("event",),
        words={"soft_bounce": BounceKind.SOFT, "hard_bounce": BounceKind.HARD},
    ),
    "sparkpost": Provider(
        "SparkPost",
        key="SPARKPOST_API_KEY",
        view="anymail.webhooks.sparkpost.SparkPostTrackingWebhookView",
        word=("msys", "*", "bounce_class"),
        words=dict.fromkeys(("20", "21", "22", "23", "40", "70"), BounceKind.SOFT) | {"30": BounceKind.HARD},
    ),
}


@dataclass(frozen=True)
class MailEvent:
    """One thing that a provider told: `id` names it, so that telling it twice counts once."""

    id: str
    address: str
    kind: BounceKind
    at: datetime


def anymail_settings(name: str, *, key: str, secret: str, options: Mapping[str, str]) -> dict[str, Any]:
    """Return what django-anymail reads as its settings; `options` are by its own names and weigh more.

    Without a name there is nothing for it to read.
    """
    if not name:
        return {}
    provider = PROVIDERS[name]
    found: dict[str, Any] = {provider.key: key, "REQUESTS_TIMEOUT": TIMEOUT}
    if secret:
        found[provider.secret or "WEBHOOK_SECRET"] = secret if provider.secret else f"{WEBHOOK_USER}:{secret}"
    if provider.untracks:
        found["SEND_DEFAULTS"] = {"track_opens": False, "track_clicks": False}
    return found | dict(options)


def kind_of_event(provider: Provider, what: str, *, reason: str, said: str, raw: Any) -> BounceKind | None:
    """Return what an event means for the reader; None where it means nothing, as a delay or an opened mail.

    `what` and `reason` are anymail's words, `said` is the sentence of the server at the other end, `raw` is the event
    as the provider told it. What nobody can tell counts as a mail that came back for now.
    """
    if what == "complained":
        return BounceKind.COMPLAINT
    if what == "unsubscribed" or (what in {"bounced", "rejected"} and reason == "unsubscribed"):
        return BounceKind.LEFT
    if what not in {"bounced", "rejected"}:
        return None
    own = provider.words.get(str(found_in(raw, provider.word)))
    if own is not None:
        return own
    if reason == "invalid":
        return BounceKind.HARD
    if reason in {"blocked", "spam"}:  # by the server at the other end, or by a rule of the provider
        return BounceKind.BLOCKED
    if ENHANCED.search(said):
        return kind_of_refusal(0, said)
    return BounceKind.HARD if reason == "bounced" else BounceKind.SOFT


def found_in(raw: Any, way: tuple[str, ...]) -> Any:
    """Return the value at the end of a way through nested objects; None where there is none."""
    for step in way:
        if not isinstance(raw, Mapping):
            return None
        raw = next(iter(raw.values()), None) if step == "*" else raw.get(step)
    return raw if way else None


def event_id(provider: Provider, given: str, *, what: str, address: str, message_id: str, at: datetime | None) -> str:
    """Return what names an event: the provider's own name for it where it has one, and else what it is made of.

    Kind and address are part of it, as some providers tell of many readers under one name; but not where the provider
    signs the name and nothing else, or whoever saw one signature could tell other things with it.
    """
    if given and provider.signed:
        return given
    own = given or f"{message_id}|{at.isoformat() if at else ''}"
    return f"{what}|{address}|{own}"
