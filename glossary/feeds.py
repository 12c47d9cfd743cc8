"""Feeds for readers' programs."""

from datetime import UTC, datetime

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed

from glossary.models import Correction

ITEMS = 50  # the newest; the log itself keeps all
BORN = 2026  # the year in which the site's tag URIs were first given out (RFC 4151)


class SteadyAtomFeed(Atom1Feed):
    """A feed that stays the same to the byte while nothing is added; Django's own dates an empty one as of now."""

    def latest_post_date(self) -> datetime:
        """Return when the newest item was changed; the beginning of the site's tag URIs while there is none."""
        return super().latest_post_date() if self.items else datetime(BORN, 1, 1, tzinfo=UTC)


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

    def feed_guid(self) -> str:
        """Return the feed's id."""
        return f"tag:{_host()},{BORN}:corrections"

    def author_name(self) -> str:
        """Return who publishes it."""
        return settings.SITE_NAME

    def items(self) -> list[Correction]:
        """Return the newest corrections."""
        return list(Correction.objects.public().for_readers()[:ITEMS])

    def item_title(self, item: Correction) -> str:
        """Return headword and kind."""
        return f"{item.headword}: {item.kind}"

    def item_description(self, item: Correction) -> str:
        """Return what was, what is now, and why."""
        said = [f"Was: {item.was}" if item.was else "", f"Now: {item.now}" if item.now else ""]
        if item.was and not item.now:
            said.append("Taken out.")
        said.append(f"Why: {item.why}" if item.why else "")
        return " ".join(text for text in said if text)

    def item_link(self, item: Correction) -> str:
        """Return its place in the log."""
        return f"{settings.SITE_URL}{item.get_absolute_url()}"

    def item_guid(self, item: Correction) -> str:
        """Return an id that stays for life."""
        return f"tag:{_host()},{BORN}:correction/{item.pk}"

    def item_pubdate(self, item: Correction) -> datetime:
        """Return when it was published."""
        return item.at

    def item_updateddate(self, item: Correction) -> datetime:
        """Return when it was last changed: a correction is never changed."""
        return item.at


def _host() -> str:
    return settings.SITE_URL.split("://", 1)[-1].split("/", 1)[0].split(":", 1)[0]
