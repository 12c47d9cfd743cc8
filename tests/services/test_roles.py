"""Who may do what: asked of the roles, once for each person."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.core.exceptions import PermissionDenied

from glossary.domain.roles import Action, Role
from glossary.services.roles import checkers, ensure_groups, may, require
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_a_role_allows_its_acts_and_no_others_and_is_read_once(django_assert_num_queries):
    person = make_user(Role.EDITOR)
    with django_assert_num_queries(1):
        assert may(person, Action.WRITE) and not may(person, Action.CHECK)
    require(person, Action.WRITE)
    with pytest.raises(PermissionDenied, match="You may not"):
        require(person, Action.CHECK)


def test_nobody_and_whoever_left_may_do_nothing():
    gone = make_user(Role.EDITOR, superuser=True)
    gone.is_active = False
    for person in (AnonymousUser(), gone):
        assert not any(may(person, action) for action in Action)


def test_the_checkers_are_the_active_staff_who_may_check_by_name():
    make_user(Role.EDITOR, username="an-editor")
    make_user(Role.CHECKER, username="zoe")
    make_user(username="boss", superuser=True)
    for field, name in (("is_active", "gone"), ("is_staff", "guest")):
        person = make_user(Role.CHECKER, username=name)
        setattr(person, field, False)
        person.save()
    assert [person.username for person in checkers()] == ["boss", "zoe"]


def test_each_role_has_one_group_however_often_it_is_asked_for():
    first, again = ensure_groups(), ensure_groups()
    assert first == again and set(first) == set(Role)
    assert Group.objects.filter(name__in=[role.value for role in Role]).count() == len(Role)
