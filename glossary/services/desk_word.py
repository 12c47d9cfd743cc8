"""Finding terms at the desk: by name, alias, sentence or address of a source, through an index of words."""

import re
import unicodedata

from django.db.models import Exists, OuterRef, QuerySet

from glossary.models import DeskWord, Term
from glossary.models.desk_word import MAX_WORD

WORD = re.compile(r"[^\W_]+(?:[+#.'’-][^\W_]+|[+#]+)*")
MAX_ASKED = 8  # words of a query that are looked up


def words_in(text: str) -> set[str]:
    """Return the words of a text as the index keeps them: folded, and the parts of compounds by themselves too."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    found = set()
    for match in WORD.finditer(folded):
        found.add(match[0][:MAX_WORD])
        found.update(part[:MAX_WORD] for part in re.split(r"[.'’-]", match[0]) if part)
    return found


def index_term(term: Term) -> None:
    """Make the index agree with the term."""
    wanted = wanted_words(term)
    there = set(DeskWord.objects.filter(term=term).values_list("word", flat=True))
    if gone := there - wanted:
        DeskWord.objects.filter(term=term, word__in=sorted(gone)).delete()
    DeskWord.objects.bulk_create([DeskWord(term=term, word=word) for word in sorted(wanted - there)])


def wanted_words(term: Term) -> set[str]:
    """Return the words by which a term is found: of its working text, what readers see, its aliases and sources."""
    texts = [term.headword, term.definition, term.body, term.example, term.slug]
    texts += [alias.text for alias in term.aliases.all()]
    texts += list(term.sources.values_list("url", flat=True)) + list(term.sources.values_list("title", flat=True))
    if term.published is not None and term.published_id != term.working_id:
        words = term.published.words
        texts += [words.headword, words.definition, words.body, words.example]
    return set().union(*(words_in(text) for text in texts))


def find_terms(rows: QuerySet[Term], query: str) -> QuerySet[Term]:
    """Return those of `rows` in which every word of the query begins some word; all of them for an empty query.

    The longest word, as a rule the rarest, says which terms are looked at; a word that was only begun ("gradient d")
    is looked for among the words of those, as half of the glossary may have one that begins so.
    """
    asked = [match[0] for match in WORD.finditer(unicodedata.normalize("NFKC", query[:500]).casefold())]
    if not asked and query.strip():
        return rows.none()
    longest, *others = sorted({word[:MAX_WORD] for word in asked[:MAX_ASKED]}, key=len, reverse=True) or [""]
    if not longest:
        return rows
    rows = rows.filter(pk__in=DeskWord.objects.beginning(longest).values("term_id"))
    for word in others:
        rows = rows.filter(Exists(DeskWord.objects.beginning(word).filter(term_id=OuterRef("pk"))))
    return rows
