"""Tags: the closed list of shelves that publishers keep."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from taggit.models import Tag

from glossary.domain.roles import Action
from glossary.domain.term import Stage
from glossary.models import Term
from glossary.services.clock import moment
from glossary.services.roles import require
from glossary.services.trail import record


@transaction.atomic
def keep_tag(tag: Tag, *, by: User, now: datetime | None = None) -> Tag:
    """Add a tag or give one that is there its new name or address; every page that names it is made anew.

    Raises PermissionDenied for others than publishers.
    """
    require(by, Action.KEEP_TAGS)
    at = moment(now)
    verb = "added the tag" if tag.pk is None else "changed the tag"
    tag.save()
    terms = Term.objects.filter(Q(topic=tag) | Q(tags=tag)).values("pk")
    Term.objects.filter(pk__in=terms).update(filed_at=at)
    record(by, verb, tag.name, now=at)
    return tag


def topics() -> QuerySet[Tag]:
    """Return the topics of published terms by name."""
    return Tag.objects.filter(Exists(Term.objects.published().filter(topic=OuterRef("pk")))).order_by("name")


def counted_topics() -> QuerySet[Tag]:
    """Return the topics of published terms, each with `n`, as many terms as its page lists, the fullest first."""
    return topics().annotate(n=Count("term", filter=Q(term__stage=Stage.PUBLISHED))).order_by("-n", "name")
