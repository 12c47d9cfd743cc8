"""The addresses that readers keep."""

from django.urls import path, re_path
from django.views.decorators.http import require_safe

from glossary.feeds import CorrectionFeed, DeckAtomFeed, DeckFeed, json_feed
from glossary.sitemaps import sitemap, sitemap_part
from glossary.views import (
    correction,
    deck,
    health,
    home,
    machine,
    mail_event,
    page,
    report,
    search,
    start,
    subscription,
    tag,
    term,
    version,
)
from glossary.views.ready_page import public_page

urlpatterns = [
    path("", home.home, name="home"),
    # /deck/
    path("deck/", deck.decks, name="decks"),
    path("deck/today/", deck.latest, name="deck-today"),
    path("deck/<str:day>/", deck.deck, name="deck"),
    path("deck/<str:day>/print/", deck.sheet, name="deck-print"),
    path("deck/<str:day>/card.png", machine.deck_picture, name="deck-picture"),
    # /terms/ and /tags/: the closing slash is optional, so that case, spelling and slash make one redirect together
    path("terms/", term.terms, name="terms"),
    path("terms/<slug:name>/", term.term, name="term"),
    path("terms/<slug:slug>/card.png", machine.term_picture, name="term-picture"),
    path("terms/<slug:slug>/v/", version.changes, name="changes"),
    path("terms/<slug:slug>/v/<str:digest>/", version.version, name="version"),
    path("terms/<slug:slug>/report/", report.report, name="report"),
    path("terms/<slug:slug>/report/thanks/", report.thanks, name="report-thanks"),
    path("terms/<slug:slug>/preview/", term.peek, name="term-peek"),
    # … in any other spelling
    re_path(r"^terms/(?P<slug>[^/]+)/card\.png/?$", machine.term_picture),
    re_path(r"^terms/(?P<slug>[^/]+)/v/?$", version.changes),
    re_path(r"^terms/(?P<slug>[^/]+)/v/(?P<digest>[^/]+)/?$", version.version),
    re_path(r"^terms/(?P<slug>[^/]+)/report/?$", report.report),
    re_path(r"^terms/(?P<slug>[^/]+)/report/thanks/?$", report.thanks),
    re_path(r"^terms/(?P<slug>[^/]+)/preview/?$", term.peek),
    re_path(r"^terms/(?P<name>.+?)/?$", term.term),
    path("tags/", tag.tags, name="tags"),
    path("tags/<slug:slug>/", tag.tag, name="tag"),
    re_path(r"^tags/(?P<slug>[^/]+)/?$", tag.tag),
    # search
    path("search/", search.results, name="search"),
    path("search/suggest/", search.suggestions, name="search-suggest"),
    path("search/ask/", search.ask, name="search-ask"),
    path("opensearch.xml", search.description, name="opensearch"),
    # trust
    path("corrections/", correction.corrections, name="corrections"),
    path("corrections/feed/", public_page(require_safe(CorrectionFeed())), name="corrections-feed"),
    path("how-we-check/", page.how_we_check, name="how-we-check"),
    path("about/", page.about, name="about"),
    # machines
    path("feed/", public_page(require_safe(DeckFeed())), name="feed"),
    path("feed/atom/", public_page(require_safe(DeckAtomFeed())), name="feed-atom"),
    path("feed.json", public_page(json_feed), name="feed-json"),
    path("sitemap.xml", public_page(sitemap), name="sitemap"),
    path("sitemap-<slug:section>-<int:page>.xml", public_page(sitemap_part), name="sitemap-part"),
    path("robots.txt", machine.robots, name="robots"),
    path("manifest.webmanifest", machine.manifest, name="manifest"),
    path("glossary.apkg", machine.anki, name="anki"),
    path("card.png", machine.site_picture, name="picture"),
    path("privacy/", page.privacy, name="privacy"),
    path("contact/", page.contact, name="contact"),
    path(".well-known/security.txt", page.security_txt, name="security-txt"),
    path(".well-known/change-password", page.change_password, name="change-password"),
    # the free brief
    path("start/", start.start, name="start"),
    path("start/confirm/<str:token>/", start.confirm, name="confirm"),
    path("unsubscribe/<str:token>/", subscription.unsubscribe, name="unsubscribe"),
    path("preferences/<str:token>/", subscription.preferences, name="preferences"),
    path("mail/events/", mail_event.mail_events, name="mail-events"),
    # operators
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
