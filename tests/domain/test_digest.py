"""The digest that names an edition."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from glossary.domain.digest import digest_of
from glossary.domain.term import AliasKind, AliasWords, Words

TEXT = st.text(max_size=20)
ALIASES = st.lists(st.builds(AliasWords, TEXT, st.sampled_from(list(AliasKind))), max_size=3).map(tuple)
WORDS = st.builds(Words, TEXT, TEXT, TEXT, TEXT, ALIASES, TEXT)


@given(WORDS, WORDS)
def test_the_same_words_and_only_they_have_the_same_digest(one, other):
    assert (digest_of(one) == digest_of(other)) == (one == other)


@given(TEXT, TEXT, st.integers(0, 20))
def test_words_that_move_from_one_part_to_the_next_make_another(definition, body, cut):
    """Joined end to end the two texts are the same; the digest must know where one part ends."""
    whole = definition + body
    one, other = Words("Q", definition, body), Words("Q", whole[:cut], whole[cut:])
    assert (digest_of(one) == digest_of(other)) == (len(definition) == min(cut, len(whole)))


@given(WORDS)
def test_it_survives_the_way_through_the_database(words):
    assert digest_of(Words.from_json(words.to_json())) == digest_of(words)


def test_it_is_what_it_always_was():
    """Stored digests name editions for ever: the canonical form may not change under the same version."""
    words = Words("Qwen2", "Qwen2 is a family.", "Five sizes.", "", (AliasWords("Qwen 2", AliasKind.SPELLING),))
    assert digest_of(words) == "f13a2c1d05081c38d1332f9237b3ef3e5becc008ed163fdf85afe1566f981963"


def test_one_word_one_alias_or_their_order_makes_another():
    words = Words("Q", "It is one.", aliases=(AliasWords("a", AliasKind.SPELLING), AliasWords("b", AliasKind.ACRONYM)))
    others = [
        replace(words, definition="It is not one."),
        replace(words, aliases=words.aliases[:1]),
        replace(words, aliases=words.aliases[::-1]),
        replace(words, aliases=(AliasWords("a", AliasKind.FULL_FORM), words.aliases[1])),
        replace(words, successor="R"),
    ]
    assert len({digest_of(one) for one in [words, *others]}) == 6
