"""The addresses that readers keep."""

from django.urls import path, re_path

from glossary.feeds import CorrectionFeed
from glossary.views import correction, deck, health, home, page, tag, term
from glossary.views.ready_page import public_page

urlpatterns = [
    path("", home.home, name="home"),
    # /deck/
    path("deck/", deck.decks, name="decks"),
    path("deck/today/", deck.latest, name="deck-today"),
    path("deck/<str:day>/", deck.deck, name="deck"),
    # /terms/ and /tags/: the closing slash is optional, so that case, spelling and slash make one redirect together
    path("terms/", term.terms, name="terms"),
    path("terms/<slug:name>/", term.term, name="term"),
    re_path(r"^terms/(?P<name>.+?)/?$", term.term),
    path("tags/", tag.tags, name="tags"),
    path("tags/<slug:slug>/", tag.tag, name="tag"),
    re_path(r"^tags/(?P<slug>[^/]+)/?$", tag.tag),
    # trust
    path("corrections/", correction.corrections, name="corrections"),
    path("corrections/feed/", public_page(CorrectionFeed()), name="corrections-feed"),
    path("how-we-check/", page.how_we_check, name="how-we-check"),
    path("about/", page.about, name="about"),
    path("start/", page.start, name="start"),
    # operators
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
