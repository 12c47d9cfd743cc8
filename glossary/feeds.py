"""Feeds for readers' programs: the decks as RSS, Atom and JSON Feed, the corrections as Atom."""

from datetime import UTC, datetime, time
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.views.decorators.http import require_safe

from glossary.domain.origin import BORN, Origin
from glossary.models import Correction, Deck
from glossary.services.clock import today
from glossary.services.correction import Beside, corrections_of_decks
from glossary.services.installation import origin

ITEMS = 50  # the newest; the log itself keeps all
DECKS = 14  # the newest two weeks; the archive has all
EMPTY_SINCE = datetime.combine(BORN, time(), UTC)


class Steady(SyndicationFeed):
    """A feed that stays the same to the byte while nothing is added; Django's own dates an empty one as of now."""

    def latest_post_date(self) -> datetime:
        """Return when the newest item was changed; a day before every item while there is none."""
        return super().latest_post_date() if self.items else EMPTY_SINCE


class SteadyAtomFeed(Steady, Atom1Feed):
    """Atom that stays the same."""


class SteadyRssFeed(Steady, Rss201rev2Feed):
    """RSS that stays the same."""


class Told(NamedTuple):
    """A correction, and its id in the feed."""

    row: Correction
    tag: str


class CorrectionFeed(Feed):
    """Corrections, newest first: each an item of its own, whose id stays for life."""

    feed_type = SteadyAtomFeed
    item_guid_is_permalink = False

    def title(self) -> str:
        """Return the feed's name."""
        return f"{settings.SITE_NAME}: corrections"

    def subtitle(self) -> str:
        """Return what the feed is for."""
        return "Words that readers had and that were changed: what they were, what they are now, and why."

    def link(self) -> str:
        """Return the address of the log."""
        return f"{settings.SITE_URL}{reverse('corrections')}"

    def feed_url(self) -> str:
        """Return the feed's own address."""
        return f"{settings.SITE_URL}{reverse('corrections-feed')}"

    def get_object(self, request: HttpRequest) -> Origin:
        """Return how the site began, for the ids."""
        return origin()

    def feed_guid(self, began: Origin) -> str:
        """Return the feed's id."""
        return began.tag("corrections")

    def author_name(self) -> str:
        """Return who publishes it."""
        return settings.SITE_NAME

    def items(self, began: Origin) -> list[Told]:
        """Return the newest corrections."""
        rows = Correction.objects.public().for_readers()[:ITEMS]
        return [Told(row, began.tag(f"correction/{row.pk}")) for row in rows]

    def item_title(self, item: Told) -> str:
        """Return headword and kind."""
        return f"{item.row.headword}: {item.row.kind}"

    def item_description(self, item: Told) -> str:
        """Return what was, what is now, why, and what became of it since."""
        row = item.row
        said = [f"Was: {row.was}" if row.was else ""]
        if row.taken_back_on is not None:
            said.append(f"Now: since taken back, on {format_date(row.taken_back_on, settings.DATE_FORMAT)}.")
        elif row.now:
            said.append(f"Now: {row.now}")
        elif row.was:
            said.append("Taken out.")
        said += [f"Why: {row.why}" if row.why else "", row.sequel]
        return " ".join(text for text in said if text)

    def item_link(self, item: Told) -> str:
        """Return its place in the log."""
        return f"{settings.SITE_URL}{item.row.get_absolute_url()}"

    def item_guid(self, item: Told) -> str:
        """Return an id that stays for life."""
        return item.tag

    def item_pubdate(self, item: Told) -> datetime:
        """Return when it was published."""
        return item.row.at

    def item_updateddate(self, item: Told) -> datetime:
        """Return when it was last changed: what was taken back or put back since moves it."""
        return item.row.last_changed


class DeckFeed(Feed):
    """The decks, newest first, as RSS: each an item of its own, whose id stays for life.

    An item has the seven cards as they were dealt. What was corrected later stands beside the words and moves the
    item's moment of change; nothing is edited in silence.
    """

    feed_type: type[SyndicationFeed] = SteadyRssFeed
    item_guid_is_permalink = False
    name = "feed"

    def title(self) -> str:
        """Return the feed's name."""
        return settings.SITE_NAME

    def description(self) -> str:
        """Return what the feed is for."""
        return "Seven AI terms a day, in plain words, each fact-checked."

    def link(self) -> str:
        """Return the address of the decks."""
        return f"{settings.SITE_URL}{reverse('decks')}"

    def feed_url(self) -> str:
        """Return the feed's own address."""
        return f"{settings.SITE_URL}{reverse(self.name)}"

    def get_object(self, request: HttpRequest) -> Origin:
        """Return how the site began, for the ids."""
        return origin()

    def feed_guid(self, began: Origin) -> str:
        """Return the feed's id."""
        return began.tag("decks")

    def author_name(self) -> str:
        """Return who publishes it."""
        return settings.SITE_NAME

    def items(self, began: Origin) -> list[dict[str, Any]]:
        """Return the newest decks as items."""
        return deck_items(began)

    def item_title(self, item: dict[str, Any]) -> str:
        """Return the deck's title and day."""
        return str(item["title"])

    def item_description(self, item: dict[str, Any]) -> str:
        """Return the seven cards as HTML."""
        return str(item["html"])

    def item_link(self, item: dict[str, Any]) -> str:
        """Return the deck's address."""
        return str(item["link"])

    def item_guid(self, item: dict[str, Any]) -> str:
        """Return an id that stays for life."""
        return str(item["id"])

    def item_pubdate(self, item: dict[str, Any]) -> datetime:
        """Return when the deck was published."""
        published: datetime = item["published"]
        return published

    def item_updateddate(self, item: dict[str, Any]) -> datetime:
        """Return when the last correction came beside its words, or when it was published."""
        updated: datetime = item["updated"]
        return updated


class DeckAtomFeed(DeckFeed):
    """The decks as Atom."""

    feed_type = SteadyAtomFeed
    name = "feed-atom"

    def subtitle(self) -> str:
        """Return what the feed is for, in Atom's word for it."""
        return self.description()


@require_safe
def json_feed(request: HttpRequest) -> JsonResponse:
    """Answer with the decks as JSON Feed 1.1 (jsonfeed.org)."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": settings.SITE_NAME,
        "description": DeckFeed().description(),
        "home_page_url": f"{settings.SITE_URL}{reverse('home')}",
        "feed_url": f"{settings.SITE_URL}{reverse('feed-json')}",
        "language": "en",
        "authors": [{"name": settings.SITE_NAME, "url": f"{settings.SITE_URL}{reverse('about')}"}],
        "items": [
            {
                "id": item["id"],
                "url": item["link"],
                "title": item["title"],
                "content_html": item["html"],
                "date_published": item["published"].isoformat(),
                "date_modified": item["updated"].isoformat(),
            }
            for item in deck_items(origin())
        ],
    }
    return JsonResponse(feed, content_type="application/feed+json")


def deck_items(began: Origin) -> list[dict[str, Any]]:
    """Return the newest published decks, with their cards as HTML, in a number of queries that does not grow."""
    decks = list(Deck.objects.published().with_cards()[:DECKS])
    amended = corrections_of_decks(decks)
    items = []
    for deck in decks:
        notes = [row.last_changed for rows in amended[deck.pk].values() for row in rows]
        published = deck.published_at
        assert published is not None  # a constraint of the table
        day = format_date(deck.day, settings.DATE_FORMAT)
        context = {"deck": deck, "beside": Beside(frozenset(), amended[deck.pk], {}, {}), "today": today()}
        items.append(
            {
                "id": began.tag(f"deck/{deck.day.isoformat()}"),
                "link": f"{settings.SITE_URL}{deck.get_absolute_url()}",
                "title": f"{deck.title}, {day}" if deck.title else f"Seven cards, {day}",
                "html": render_to_string("glossary/feed_deck.html", context),
                "published": published,
                "updated": max([published, *notes]),
            }
        )
    return items
