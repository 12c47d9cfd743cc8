"""Search as pure rules."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossary.domain.search import (
    Entry,
    allowed_typos,
    deletions_of,
    entry_of,
    folded,
    nearest_word,
    ranked,
    read_query,
    stem_of,
    typo_words,
    words_of,
)
from glossary.domain.term import Words
from glossary.domain.typo import distance


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Fine-tuning a model", ["fine", "tuning", "a", "model"]),
        ("C++, C# and .NET", ["cplusplus", "csharp", "and", "dotnet"]),
        ("It ends.Then 2.5 GB", ["it", "ends", "then", "2", "5", "gb"]),
        ("ÉMIGRÉ ﬁne ß", ["emigre", "fine", "ss"]),
        ("神经网络", ["神经网络"]),
        ("“quoted” _under_", ["quoted", "under"]),
        ("", []),
    ],
)
def test_words_are_folded_and_hold_letters_and_digits_only(text, words):
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("quantisation", "quantized"),
        ("models", "model"),
        ("generating", "generative"),
        ("colour", "colors"),
        ("labelled", "labeling"),
        ("modelling", "model"),
        ("behaviour", "behavior"),
        ("licence", "licenses"),
        ("defence", "defense"),
        ("analyse", "analyzing"),
        ("centres", "center"),
        ("catalogue", "catalogs"),
        ("programmes", "program"),
    ],
)
def test_forms_and_spellings_of_one_word_share_a_stem(one, other):
    assert stem_of(one) == stem_of(other)


def test_words_of_signs_or_other_scripts_are_their_own_stems():
    assert [stem_of(word) for word in ("qwen2", "神经网络", "4bits")] == ["qwen2", "神经网络", "4bits"]


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ("What is a token?", "token"),
        ("define RAG", "rag"),
        ("“LoRA”", "lora"),
        ("embeddings", "embedding"),
        ("perplexity meaning", "perplexity"),
        ("taxonomies", "taxonomy"),
        ("Émigré", "emigre"),
        ("what", "what"),
    ],
)
def test_a_name_is_looked_for_without_the_question_around_it(asked, key):
    assert key in read_query(asked).keys


def test_the_most_literal_reading_comes_first_and_small_words_do_not_count():
    query = read_query("What are the models of 2024")
    assert query.keys[0] == "whatarethemodelsof2024"
    assert query.stems == ("model", "2024")
    assert read_query("It is").stems == ("it", "is")


@given(st.text(max_size=300))
def test_reading_never_fails_and_leaves_nothing_that_disturbs(text):
    query = read_query(text)
    assert not {unicodedata.category(sign) for sign in query.text} & {"Cc", "Cs", "Co", "Cn"}
    assert len(query.text.encode()) < 4_000 and query.text == " ".join(query.text.split())
    assert all(word.isalnum() and len(word) <= 40 for word in query.words)
    assert query.was_cut == (len(text) > 120)
    assert len(query.words) <= 8


@given(st.text(alphabet="abcdefgh", min_size=4, max_size=12), st.data())
def test_a_mistyped_word_shares_a_number_with_the_right_one(word, data):
    wrong = word
    for _ in range(data.draw(st.integers(0, allowed_typos(word)))):
        place = data.draw(st.integers(0, len(wrong) - 1))
        sign = data.draw(st.sampled_from("xyz"))
        wrong = data.draw(
            st.sampled_from(
                [
                    wrong[:place] + sign + wrong[place + 1 :],
                    wrong[:place] + sign + wrong[place:],
                    wrong[:place] + wrong[place + 1 :],
                ]
            )
        )
    if allowed_typos(wrong) == allowed_typos(word) >= distance(word, wrong):
        assert deletions_of(word) & deletions_of(wrong)
        assert nearest_word(wrong, [word]) == word


def test_the_nearest_word_is_taken_and_short_words_are_left_alone():
    assert nearest_word("tranformer", ["transformers", "transformer", "transfer"]) == "transformer"
    assert nearest_word("rag", ["rug", "rags"]) == nearest_word("qwen", []) == ""
    assert [allowed_typos(word) for word in ("rag", "lora", "retrain", "2024")] == [0, 1, 2, 0]


@pytest.mark.parametrize(
    ("word", "names", "nearest"),
    [
        ("gpt4o", ["gpt4"], ""),
        ("qwen25", ["qwen2", "qwen3"], ""),
        ("llama2", ["llama3", "lama2"], "lama2"),
        ("gtp4", ["gpt3", "gpt4"], "gpt4"),
        ("transformer", ["transformer2"], ""),
    ],
)
def test_another_version_is_no_slip_of_the_pen(word, names, nearest):
    assert nearest_word(word, names) == nearest


@pytest.mark.parametrize("asked", ["LLM's", "llm’s", "What is an LLM's?"])
def test_whose_it_is_is_no_part_of_a_name(asked):
    query = read_query(asked)
    assert "llm" in query.keys and "s" not in query.words and query.stems == ("llm",)


def test_a_name_with_an_owner_keeps_its_own_key():
    assert "moore'slaw" in read_query("moore’s law").keys and read_query("moore’s law").words == ("moore", "law")


def test_a_rare_short_name_is_found_by_its_letters_swapped():
    assert nearest_word("lroa", ["lora", "lord"]) == "lora"


@given(
    word=st.text("abcd", min_size=3, max_size=9),
    candidates=st.lists(st.text("abcde", min_size=2, max_size=10), max_size=12),
)
def test_the_nearest_word_is_that_of_a_comparison_with_every_candidate(word, candidates):
    most = allowed_typos(word)
    near = [(away, x[:1] != word[:1], x) for x in candidates if (away := distance(word, x)) <= most]
    assert nearest_word(word, candidates) == (min(near)[2] if near else "")


def test_names_give_the_words_that_typos_are_compared_with():
    assert typo_words(["Fine-tuning", "GPT 4", "C"]) == {"fine", "tuning", "finetuning", "gpt", "gpt4"}


def test_an_entry_holds_names_as_typed_and_as_stems_and_texts_as_stems():
    words = Words("Fine-tuning", "It adapts models.", "One [trains](https://a.example) more.\n\n* A list", "For dogs.")
    entry = entry_of(words, ["Fine-tuning"])
    assert entry.names == "fine finetuning tune tuning"
    assert entry.definition == "it adapt model"
    assert entry.body == "one train more a list for dog"


def test_a_name_outweighs_a_definition_and_that_a_body_and_rare_words_outweigh_common_ones():
    entries = [
        (1, Entry("other", "a thing", "token token token")),
        (2, Entry("other", "a token", "text")),
        (3, Entry("token", "a thing", "text")),
        (4, Entry("other", "nothing", "here")),
    ]
    assert ranked(["token"], entries) == [3, 2, 1]
    common = [(n, Entry("x", "model", "")) for n in range(5)] + [(9, Entry("x", "zebra", ""))]
    assert ranked(["model", "zebra"], common)[0] == 9


def test_words_side_by_side_as_asked_come_before_words_apart():
    entries = [(1, Entry("", "human and then feedback", "")), (2, Entry("", "human feedback and then", ""))]
    assert ranked(["human", "feedback"], entries) == [2, 1]


def test_folding_drops_case_and_marks():
    assert folded("Łódź Ça ＡＢＣ") == "lodz ca abc"
