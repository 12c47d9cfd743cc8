"""Static files as whitenoise sends them."""

import gzip

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db  # the end of an answer looks after connections that other tests left open


@pytest.fixture
def reader(settings, tmp_path):
    """A client of a site whose one style sheet lies there plain and packed, as collectstatic leaves it."""
    words = b"p { color: black; }" * 50
    (tmp_path / "site.css").write_bytes(words)
    (tmp_path / "site.css.gz").write_bytes(gzip.compress(words))
    settings.STATIC_ROOT, settings.WHITENOISE_AUTOREFRESH, settings.WHITENOISE_USE_FINDERS = tmp_path, False, False
    return Client()


def ask(client, **headers):
    """Return status, headers and bytes."""
    answer = client.get("/static/site.css", headers={name.replace("_", "-"): value for name, value in headers.items()})
    body = b"".join(answer.streaming_content)
    answer.close()
    return answer.status_code, answer.headers, body


def test_a_file_sent_plain_and_packed_has_a_weak_validator_by_which_it_is_known_again(reader):
    _, plain, body = ask(reader)
    _, packed, fewer = ask(reader, accept_encoding="gzip")
    assert packed["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain
    assert gzip.decompress(fewer) == body
    assert packed["ETag"] == plain["ETag"] and plain["ETag"].startswith('W/"')
    for accepts in ["gzip", "identity"]:
        status, known, nothing = ask(reader, accept_encoding=accepts, if_none_match=plain["ETag"])
        assert (status, nothing, known["ETag"]) == (304, b"", plain["ETag"])
    assert ask(reader, if_none_match='W/"0-0"')[0] == 200
