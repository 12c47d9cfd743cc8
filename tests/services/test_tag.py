"""Keeping the list of tags."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied
from taggit.models import Tag

from glossary.domain.roles import Role
from glossary.models import Term, TrailEntry
from glossary.services.tag import keep_tag
from tests.factories import make_published_term, make_tag, make_user

pytestmark = pytest.mark.django_db
JUNE = datetime(2026, 6, 3, 12, tzinfo=UTC)


def test_a_publisher_adds_and_renames_tags_and_the_trail_says_so():
    publisher = make_user(Role.PUBLISHER)
    tag = keep_tag(Tag(name="Models", slug="models"), by=publisher)
    tag.name = "Model families"
    keep_tag(tag, by=publisher)
    assert Tag.objects.get().name == "Model families"
    assert list(TrailEntry.objects.order_by("pk").values_list("verb", "subject")) == [
        ("added the tag", "Models"),
        ("changed the tag", "Model families"),
    ]


def test_a_new_name_moves_the_moment_at_which_its_terms_were_filed():
    topic, other = make_published_term("One", tag="Models"), make_published_term("Two", tag="Software")
    tag = topic.topic
    tag.name = "Model families"
    keep_tag(tag, by=make_user(Role.PUBLISHER), now=JUNE)
    assert dict(Term.objects.values_list("pk", "filed_at")) == {topic.pk: JUNE, other.pk: None}


def test_others_do_not():
    with pytest.raises(PermissionDenied):
        keep_tag(make_tag(), by=make_user(Role.EDITOR, Role.CHECKER))
