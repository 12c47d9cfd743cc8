"""Keeping the list of tags."""

import pytest
from django.core.exceptions import PermissionDenied
from taggit.models import Tag

from glossary.domain.roles import Role
from glossary.models import TrailEntry
from glossary.services.tag import keep_tag
from tests.factories import make_tag, make_user

pytestmark = pytest.mark.django_db


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


def test_others_do_not():
    with pytest.raises(PermissionDenied):
        keep_tag(make_tag(), by=make_user(Role.EDITOR, Role.CHECKER))
