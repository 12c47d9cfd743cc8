"""What operators' programs ask for."""

import pytest

from glossary.services.health import beat


def test_healthz_answers_without_a_database(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_readyz_says_what_is_amiss_with_503(client):
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.text.startswith("manage.py tick has not ended well")
    beat()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (200, "ready\n") and "no-store" in answer["Cache-Control"]
