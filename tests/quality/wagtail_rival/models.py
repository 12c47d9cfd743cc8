"""Sections and terms as pages, with child rows for what a term has several of."""

from django.db import models
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import TaggedItemBase
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.models import Orderable, Page, Site


class GlossaryPage(Page):
    """What all pages know: the site, their own address, and the sections of the menu."""

    class Meta:
        abstract = True

    def get_context(self, request, *args, **kwargs):
        site = Site.find_for_request(request)
        return super().get_context(request, *args, **kwargs) | {
            "site": site,
            "home": site.root_page,
            "home_address": site.root_page.get_full_url(request),
            "canonical": self.get_full_url(request),
            "sections": site.root_page.get_children().live().in_menu(),
        }


class SectionPage(GlossaryPage):
    """The home page, and those that the menu names."""


class TermTag(TaggedItemBase):
    content_object = ParentalKey("TermPage", on_delete=models.CASCADE, related_name="tagged_items")


class TermPage(GlossaryPage):
    """A term with its words; the sentences of its parts are statements."""

    definition = models.TextField()
    fact_checked_on = models.DateField()
    tags = ClusterTaggableManager(through=TermTag, blank=True)

    content_panels = [
        *Page.content_panels,
        FieldPanel("definition"),
        FieldPanel("fact_checked_on"),
        FieldPanel("tags"),
        InlinePanel("other_names"),
        InlinePanel("statements"),
        InlinePanel("related"),
    ]

    def get_context(self, request, *args, **kwargs):
        statements = list(self.statements.all())  # shown twice: in the words, and with their sources
        return super().get_context(request, *args, **kwargs) | {
            "statements": statements,
            "in_definition": [one for one in statements if one.part == "definition"],
            "in_body": [one for one in statements if one.part == "body"],
            "in_example": [one for one in statements if one.part == "example"],
            "sources": len({one.source_url for one in statements}),
            "related": [row.term for row in self.related.select_related("term")],
        }


class OtherName(Orderable):
    page = ParentalKey(TermPage, on_delete=models.CASCADE, related_name="other_names")
    text = models.CharField(max_length=120)

    def __str__(self):
        return self.text


class Statement(Orderable):
    """A checked sentence: where it stands, and what it rests on."""

    page = ParentalKey(TermPage, on_delete=models.CASCADE, related_name="statements")
    number = models.PositiveSmallIntegerField()
    part = models.CharField(max_length=20)
    paragraph = models.PositiveSmallIntegerField()
    text = models.TextField()
    checked_on = models.DateField()
    source_url = models.URLField()
    source_title = models.CharField(max_length=200)
    publisher = models.CharField(max_length=120)
    published_on = models.DateField()
    passage = models.TextField()

    def __str__(self):
        return self.text


class RelatedTerm(Orderable):
    page = ParentalKey(TermPage, on_delete=models.CASCADE, related_name="related")
    term = models.ForeignKey(TermPage, on_delete=models.CASCADE, related_name="+")

    def __str__(self):
        return str(self.term)
