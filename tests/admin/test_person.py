"""People of the desk in the admin."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from glossary.domain.roles import Role
from tests.factories import make_term, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    user = make_user(superuser=True)
    client.force_login(user)
    return user


def test_nobody_is_deleted_neither_by_the_page_nor_by_the_list(client, admin):
    author = make_user(Role.EDITOR)
    make_term(by=author)
    assert client.post(reverse("admin:auth_user_delete", args=[author.pk]), {"post": "yes"}).status_code == 403
    listed = reverse("admin:auth_user_changelist")
    assert "delete_selected" not in client.get(listed).content.decode()
    client.post(listed, {"action": "delete_selected", "_selected_action": [author.pk], "post": "yes"})
    assert User.objects.filter(pk=author.pk).exists()


def test_a_person_is_switched_off_and_is_out_at_once(client, admin):
    other = make_user(username="ada")
    page = client.get(reverse("admin:auth_user_change", args=[other.pk]))
    assert 'name="is_active"' in page.content.decode() and "Delete" not in page.content.decode()
    client.force_login(other)
    assert client.get("/admin/").status_code == 200
    User.objects.filter(pk=other.pk).update(is_active=False)
    assert client.get("/admin/").status_code == 302
