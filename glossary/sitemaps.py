"""The list of addresses for search engines, with the day on which what readers get there last changed."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.core.paginator import Paginator
from django.db.models import Max, QuerySet
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.decorators.http import require_safe
from taggit.models import Tag

from glossary.domain.term import Stage
from glossary.models import Correction, Deck, Term
from glossary.services.clock import moment
from glossary.services.last_change import deck_changes, list_change, tag_changes

LIMIT = 50_000  # addresses in one file (sitemaps.org, protocol 0.9)


class OwnSitemap(Sitemap):
    """A list under the site's own address, whatever name the request came by."""

    limit = LIMIT

    def get_domain(self, site: Any = None) -> str:
        """Return the host of `SITE_URL`."""
        return settings.SITE_URL.partition("://")[2]

    def get_protocol(self, protocol: str | None = None) -> str:
        """Return the scheme of `SITE_URL`."""
        return settings.SITE_URL.partition("://")[0]


class TermSitemap(OwnSitemap):
    """Published terms; a save of a draft moves nothing."""

    def items(self) -> QuerySet[Term]:
        """Return the published terms."""
        return Term.objects.published().only("slug", "changed_at", "overdue_on").in_order()

    def lastmod(self, item: Term) -> datetime | None:
        """Return when readers last got something else: words, date, or that a check is overdue."""
        return item.last_change(moment())


class DeckSitemap(OwnSitemap):
    """Published decks."""

    def items(self) -> QuerySet[Deck]:
        """Return the published decks, newest first."""
        return Deck.objects.published().only("day", "published_at")

    def lastmod(self, item: Deck) -> datetime | None:
        """Return when it was published, or when something last came beside its cards: they stay as they were dealt."""
        return max(filter(None, [item.published_at, self.changes.get(item.pk)]), default=None)

    @cached_property
    def changes(self) -> dict[int, datetime]:
        """What came beside the cards of all decks, for the one answer that this list is made for."""
        return deck_changes()


class TagSitemap(OwnSitemap):
    """Tags that published terms carry."""

    def items(self) -> QuerySet[Tag]:
        """Return the tags that have a page."""
        return Tag.objects.filter(term__stage=Stage.PUBLISHED).distinct().order_by("slug")

    def location(self, item: Tag) -> str:
        """Return the path of the tag's page."""
        return reverse("tag", args=[item.slug])

    def lastmod(self, item: Tag) -> datetime | None:
        """Return when the terms on its page last changed, or their being there."""
        return self.changes.get(item.pk)

    @cached_property
    def changes(self) -> dict[int, datetime]:
        """When the pages of all tags last changed, for the one answer that this list is made for."""
        return tag_changes(moment())


class PageSitemap(OwnSitemap):
    """The other pages. Those that lists make have the moment of the newest change in them."""

    plain = ("how-we-check", "about", "start", "privacy", "contact")
    lists = ("terms", "tags")

    def items(self) -> list[str]:
        """Return the names of the pages."""
        return ["home", "decks", "corrections", *self.lists, *self.plain]

    def location(self, item: str) -> str:
        """Return the page's path."""
        return reverse(item)

    def lastmod(self, item: str) -> datetime | None:
        """Return when what the page lists last changed; none for a page of plain words."""
        return self.changes.get(item)

    @cached_property
    def changes(self) -> dict[str, datetime | None]:
        """When each page that lists something last changed, for the one answer that this list is made for."""
        latest = Deck.objects.published().only("published_at").first()
        terms = list_change(moment())
        dealt = latest.published_at if latest is not None else None
        beside = deck_changes().get(latest.pk) if latest is not None else terms
        newest = Term.objects.published().aggregate(at=Max("published_at"))["at"]  # the home page shows new cards
        return {
            "home": max(filter(None, [dealt, beside, newest]), default=None),
            "decks": dealt,
            "corrections": Correction.objects.public().aggregate(at=Max("at"))["at"],
            **dict.fromkeys(self.lists, terms),
        }


SECTIONS: dict[str, type[OwnSitemap]] = {
    "pages": PageSitemap,
    "decks": DeckSitemap,
    "tags": TagSitemap,
    "terms": TermSitemap,
}


@require_safe
def sitemap(request: HttpRequest) -> TemplateResponse:
    """List every address in one file, or the files of each section where one file would be too long."""
    lists = {name: section() for name, section in SECTIONS.items()}
    if sum(one.paginator.count for one in lists.values()) <= LIMIT:
        urls = [url for one in lists.values() for url in one.get_urls()]
        return _xml(request, "sitemap.xml", {"urlset": urls})
    files = [
        {"location": f"{settings.SITE_URL}{reverse('sitemap-part', args=[name, page])}"}
        for name, one in lists.items()
        for page in one.paginator.page_range
    ]
    return _xml(request, "sitemap_index.xml", {"sitemaps": files})


@require_safe
def sitemap_part(request: HttpRequest, section: str, page: int) -> TemplateResponse:
    """List the addresses of one section, 50,000 to a file."""
    if section not in SECTIONS:
        raise Http404
    one = SECTIONS[section]()
    paginator: Paginator = one.paginator
    if page not in paginator.page_range:
        raise Http404
    return _xml(request, "sitemap.xml", {"urlset": one.get_urls(page)})


def _xml(request: HttpRequest, template: str, context: dict[str, Any]) -> TemplateResponse:
    return TemplateResponse(request, template, context, content_type="application/xml")
