"""Make the rival's database with one page in full, and say how many questions that page asks."""

import json
from pathlib import Path

from django.core.management import BaseCommand, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, Site

from tests.quality.wagtail_rival.models import OtherName, RelatedTerm, SectionPage, Statement, TermPage


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("words", type=Path, help="JSON: the words of the term, and of those beside it")

    def handle(self, *, words, **options):
        call_command("makemigrations", "wagtail_rival", verbosity=0)
        call_command("migrate", verbosity=0)
        given = json.loads(words.read_text())
        Site.objects.all().delete()
        Page.objects.filter(depth=2).delete()  # Wagtail's page of welcome
        home = Page.get_first_root_node().add_child(instance=SectionPage(title="Daily Deck", slug="home"))
        Site.objects.create(hostname="localhost", root_page=home, is_default_site=True, site_name="Daily Deck")
        sections = {
            slug: home.add_child(instance=SectionPage(title=title, slug=slug, show_in_menus=True))
            for slug, title in (("deck", "Decks"), ("terms", "Terms"), ("search", "Search"))
        }
        beside = [sections["terms"].add_child(instance=TermPage(**one)) for one in given["related"]]
        term = TermPage(**given["term"])
        term.other_names = [OtherName(text=text) for text in given["aliases"]]
        term.statements = [Statement(**one) for one in given["statements"]]
        term.related = [RelatedTerm(term=one) for one in beside]
        sections["terms"].add_child(instance=term)
        term.tags.add(*given["tags"])
        term.save_revision().publish()
        client = Client(headers={"host": "localhost"})
        client.get(term.url)  # what is asked once in the life of a process is not counted
        with CaptureQueriesContext(connection) as asked:
            client.get(term.url)
        self.stdout.write(str(len(asked)))
