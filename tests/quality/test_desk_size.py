"""The desk at ten and at ten thousand terms: the same number of questions, and how long the pages take."""

from time import perf_counter

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from glossary.domain.digest import digest_of
from glossary.domain.roles import Role
from glossary.models import Claim, DeskWord, Edition, Sentence, SentenceAuthor, Term
from glossary.services.term import submit_term
from tests.factories import make_term, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.quality]
PAGES = ["admin:index", "admin:glossary_edition_changelist", "admin:glossary_term_changelist"]


def grow(number, *, like):
    """Add terms that wait for a checker, copied row by row from one that the services made."""
    now, author = timezone.now(), like.made_by
    start = Term.objects.count()
    names = [f"Copy {start + n}" for n in range(number)]
    terms = Term.objects.bulk_create(Term(slug=f"copy-{start + n}", headword=name) for n, name in enumerate(names))
    editions = []
    for term, name in zip(terms, names, strict=True):
        words = like.words_json | {"headword": name}
        digest = digest_of(type(like.words).from_json(words))
        editions.append(
            Edition(term=term, number=1, digest=digest, words_json=words, made_at=now, made_by=author, submitted_at=now)
        )
    QuerySet(Edition).bulk_create(editions)
    for term, edition in zip(terms, editions, strict=True):
        term.working = edition
    Term.objects.bulk_update(terms, ["working"], batch_size=500)
    sentences = QuerySet(Sentence).bulk_create(
        Sentence(term=term, part="definition", text="It is one.", hash=f"{term.pk:064d}") for term in terms
    )
    QuerySet(SentenceAuthor).bulk_create(SentenceAuthor(sentence=s, user=author, at=now) for s in sentences)
    QuerySet(Claim).bulk_create(Claim(edition=e, place=1, sentence=s) for e, s in zip(editions, sentences, strict=True))
    DeskWord.objects.bulk_create(
        DeskWord(term=term, word=word) for term in terms for word in ("copy", term.headword.split()[1], "model")
    )


def measure(client):
    found = {}
    for name in [*PAGES, "search"]:
        address = reverse("admin:glossary_term_changelist") + "?q=copy+7" if name == "search" else reverse(name)
        client.get(address)
        ContentType.objects.clear_cache()
        with CaptureQueriesContext(connection) as queries:
            began = perf_counter()
            assert client.get(address).status_code == 200
            found[name] = (len(queries), perf_counter() - began)
    return found


def test_lists_and_queue_ask_as_often_at_ten_thousand_terms_as_at_ten(client):
    editor = make_user(Role.EDITOR)
    edition = submit_term(make_term(by=editor), by=editor)
    client.force_login(make_user(superuser=True))
    grow(9, like=edition)
    few = measure(client)
    grow(9_990, like=edition)
    many = measure(client)
    print("\npage                                  queries   10 terms   10,000 terms")
    for name in few:
        print(f"{name:36} {many[name][0]:8} {few[name][1] * 1000:8.0f} ms {many[name][1] * 1000:10.0f} ms")
    assert {name: few[name][0] for name in few} == {name: many[name][0] for name in many}
