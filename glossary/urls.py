"""The addresses that readers keep."""

from django.urls import path, re_path

from glossary.feeds import CorrectionFeed, DeckAtomFeed, DeckFeed, json_feed
from glossary.sitemaps import sitemap, sitemap_part
from glossary.views import correction, deck, home, machine, page, tag, term

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
    re_path(r"^terms/(?P<name>.+?)/?$", term.term),
    path("tags/", tag.tags, name="tags"),
    path("tags/<slug:slug>/", tag.tag, name="tag"),
    re_path(r"^tags/(?P<slug>[^/]+)/?$", tag.tag),
    # trust
    path("corrections/", correction.corrections, name="corrections"),
    path("corrections/feed/", CorrectionFeed(), name="corrections-feed"),
    path("how-we-check/", page.how_we_check, name="how-we-check"),
    path("about/", page.about, name="about"),
    path("start/", page.start, name="start"),
    # machines
    path("feed/", DeckFeed(), name="feed"),
    path("feed/atom/", DeckAtomFeed(), name="feed-atom"),
    path("feed.json", json_feed, name="feed-json"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("sitemap-<slug:section>-<int:page>.xml", sitemap_part, name="sitemap-part"),
    path("robots.txt", machine.robots, name="robots"),
    path("manifest.webmanifest", machine.manifest, name="manifest"),
    path("glossary.apkg", machine.anki, name="anki"),
    path("card.png", machine.site_picture, name="picture"),
]
