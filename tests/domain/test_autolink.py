"""Names in running text: what is a name, and which mention becomes a link."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossary.domain.autolink import MAX_LINKS, Choice, Lexicon, LinkName, Why, mentions_in, place_links
from glossary.domain.link_policy import LinkPolicy
from glossary.domain.running_text import Passage

NAMES = ["Qwen 2", "Qwen", "GPT-4", "GPT", "C++", "C#", "C", ".NET", "LoRA", "RAG", "AI", "LLM", "TCP/IP", "Node.js"]
NAMES += [
    "Large language model",
    "Language model",
    "Prompt",
    "Prompt injection",
    "Query",
    "Log in",
    "Box",
    "Moore's law",
]
NAMES += ["Transformer", "Token"]


def lexicon(*names):
    """Return names under their keys, each of a term of its own; a LinkName stands as it is."""
    found = Lexicon()
    for number, name in enumerate(names, start=1):
        found.add(name if isinstance(name, LinkName) else LinkName(name, number, name.lower()))
    return found


def found_in(text, names=NAMES, **passage):
    return [text[one.start : one.end] for one in mentions_in(Passage(text, **passage), lexicon(*names))]


def linked_on(*texts, names=NAMES, own=None):
    passages = [text if isinstance(text, Passage) else Passage(text) for text in texts]
    page = place_links(passages, lexicon(*names), own=own)
    return [
        [passage.text[one.start : one.end] for one in mentions if one.why == Why.LINKED]
        for passage, mentions in zip(passages, page, strict=True)
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        # a version is not a part of another version
        ("Qwen 2 came first.", ["Qwen 2"]),
        ("Qwen-2 came first.", ["Qwen-2"]),
        ("Qwen 2.5 came later.", []),
        ("Qwen 2-VL reads pictures.", []),
        ("Qwen 2 VL reads pictures.", []),
        ("It ends with Qwen 2.", ["Qwen 2"]),
        ("GPT-4 and GPT\u20114 are one.", ["GPT-4", "GPT\u20114"]),
        ("GPT-4o, GPT-4.1, GPT-4-turbo, GPT-4 Turbo and GPT-3", []),
        # signs make names
        ("C++, C# and .NET.", ["C++", "C#", ".NET"]),
        ("C, not c.", ["C"]),
        ("ASP.NET and C--", ["C"]),
        ("TCP/IP and node.js.", ["TCP/IP", "node.js"]),
        ("TCP/IP/X and F(C#) are", ["C#"]),
        # case
        ("LoRA, not LoRa or lora.", ["LoRA"]),
        ("AI and LLM, not Ai or llm.", ["AI", "LLM"]),
        ("Large Language Models, large language models", ["Large Language Models", "large language models"]),
        ("A TRANSFORMER hums.", []),
        # inflections
        ("LLMs, an LLM's answer, the LLMs’ answers", ["LLMs", "LLM", "LLMs"]),
        ("queries and boxes, query and box", ["queries", "boxes", "query", "box"]),
        ("Moore’s law", ["Moore’s law"]),
        ("tokenizer, tokened, logging in, login", []),
        ("to log in", ["log in"]),
        # compounds
        ("a RAG-based one", ["RAG"]),
        ("non-RAG, pre-prompt", []),
        # the longest
        ("large language model, language model", ["large language model", "language model"]),
        ("prompt injection by a prompt", ["prompt injection", "prompt"]),
        ("language. Model, language; model", []),
        # a longer proper name
        ("Stability AI wrote to OpenAI about the AI Act.", []),
        ("The AI is old. An AI, In AI, See LLM.", ["AI", "AI", "AI", "LLM"]),
        ("Most transformers at Google use it.", ["transformers"]),
        # never there
        ('“The Prompt” is a book; "a prompt" is quoted, and «RAG» too.', []),
        ("https://example.org/RAG and RAG@example.org", []),
    ],
)
def test_names_are_found_and_parts_of_other_names_are_not(text, names):
    assert found_in(text) == names


def test_a_name_in_code_or_in_a_written_link_or_across_emphasis_is_none():
    assert found_in("RAG and RAG", closed=((0, 3),)) == ["RAG"]
    assert found_in("large language model", walls=(6,)) == ["language model"]
    assert found_in("RAG", walls=(2,)) == []


def test_an_exact_name_may_only_open_a_sentence_in_another_case():
    exact = [LinkName("token", 1, "token", LinkPolicy.EXACT), LinkName("Go", 2, "go", LinkPolicy.EXACT)]
    assert found_in("A token. Tokens are. The Token, go, and Go.", exact) == ["token", "Tokens", "Go"]


def test_a_term_is_linked_at_its_first_mention_on_the_page_only():
    assert linked_on("A token.", "Tokens, and a query.") == [["token"], ["query"]]


def test_names_of_one_term_count_as_one():
    names = [LinkName("RAG", 7, "rag"), LinkName("Retrieval-augmented generation", 7, "rag")]
    assert linked_on("RAG is retrieval-augmented generation.", names=names) == [["RAG"]]


def test_a_page_never_links_to_itself_and_its_own_name_covers_shorter_ones():
    names = [LinkName("Prompt injection", 1, "prompt-injection"), LinkName("Prompt", 2, "prompt")]
    assert linked_on("Prompt injection is one. A prompt is.", names=names, own=1) == [["prompt"]]


def test_two_links_never_stand_side_by_side():
    assert linked_on("the LLM token", "a token") == [["LLM"], ["token"]]
    written = Passage("the LLM token", closed=((4, 7),))
    assert linked_on(written, "a token") == [[], ["token"]]


def test_a_paragraph_gets_three_links_at_most():
    text = "An LLM, a token, a query, a box and RAG."
    assert [len(one) for one in linked_on(text, "RAG.")] == [MAX_LINKS, 1]


def test_what_is_not_linked_covers_its_words_and_says_why():
    names = [
        LinkName("Prompt injection", 1, "a", LinkPolicy.NEVER),
        LinkName("Prompt", 2, "b"),
        LinkName("Agent", 3, "c", LinkPolicy.SUGGEST),
    ]
    (mentions,) = place_links([Passage("A prompt injection by an agent.")], lexicon(*names))
    assert [one.why for one in mentions] == [Why.NEVER, Why.SUGGESTED]


def test_a_name_of_two_terms_is_never_linked_and_names_both():
    names = [LinkName("Agent", 1, "agent-ai", ambiguous=True), LinkName("Agent", 2, "agent-law", ambiguous=True)]
    (mention,) = mentions_in(Passage("An agent acts."), lexicon(*names))
    assert (mention.why, {name.slug for name in mention.names}) == (Why.AMBIGUOUS, {"agent-ai", "agent-law"})


def test_a_name_whose_other_meaning_is_not_published_yet_is_not_linked_either():
    assert linked_on("An agent acts.", names=[LinkName("Agent", 1, "agent", ambiguous=True)]) == [[]]


def test_case_tells_twins_apart():
    names = [LinkName("LoRA", 1, "lora", ambiguous=True), LinkName("LoRa", 2, "lora-radio", ambiguous=True)]
    page = place_links([Passage("LoRa is a radio, LoRA a method.")], lexicon(*names))
    assert [(one.names[0].slug, one.why) for one in page[0]] == [("lora-radio", Why.LINKED), ("lora", Why.LINKED)]


def test_training_sets_lead_to_no_wrong_target():
    names = [LinkName("Training", 1, "training", LinkPolicy.SUGGEST), LinkName("Set", 2, "set", LinkPolicy.SUGGEST)]
    assert linked_on("It has two training sets.", names=names) == [[]]
    assert linked_on("It has two training sets.", names=[*names, LinkName("Training set", 3, "t")]) == [
        ["training sets"]
    ]


WORDS = st.lists(st.sampled_from([*NAMES, "the", "-", ".", ",", "“", "”", "(", "é", "\u200b", "ﬁ", "2"]), max_size=14)


@given(WORDS)
def test_links_lie_in_the_text_in_order_apart_from_each_other(words):
    text = " ".join(words)
    (mentions,) = place_links([Passage(text)], lexicon(*NAMES))
    ends = [0, *(one.end for one in mentions)]
    assert all(end <= one.start < one.end <= len(text) for end, one in zip(ends, mentions, strict=False))
    assert sum(one.why == Why.LINKED for one in mentions) <= MAX_LINKS
    assert all(text[one.start : one.end].strip() for one in mentions)


SAID_NAMES = [LinkName("Memory", 1, "memory", LinkPolicy.SUGGEST), LinkName("Transformer", 2, "transformer-model")]
SAID_NAMES += [LinkName("Transformer", 3, "transformer-coil"), LinkName("Beam search", 4, "beam-search")]


def said_of(text, *choices, most=3):
    """Return (words, target, why) of each mention; a choice is (term, name, accepted) of the whole text or a span."""
    said = [Choice(*(rest or (0, len(text))), term, name, yes) for term, name, yes, *rest in choices]
    (mentions,) = place_links([Passage(text)], lexicon(*SAID_NAMES), choices=[said], most=most)
    return [(text[one.start : one.end], one.names[0].term, one.why) for one in mentions]


def test_a_suggested_name_waits_once_until_an_editor_says_yes_or_no():
    text = "It has a memory. The memory is big."
    assert said_of(text) == [("memory", 1, Why.SUGGESTED), ("memory", 1, Why.AGAIN)]
    assert said_of(text, (1, "Memory", True)) == [("memory", 1, Why.LINKED), ("memory", 1, Why.AGAIN)]
    assert said_of(text, (1, "Memory", False, 0, 17)) == [("memory", 1, Why.REFUSED), ("memory", 1, Why.SUGGESTED)]
    assert said_of(text, (1, "Memory", True, 17, 35)) == [("memory", 1, Why.AGAIN), ("memory", 1, Why.LINKED)]


def test_an_ambiguous_name_is_linked_to_the_meaning_that_an_editor_chose():
    text = "A transformer hums."
    assert said_of(text)[0][2] == Why.AMBIGUOUS
    assert said_of(text, (2, "Transformer", False), (3, "Transformer", True)) == [("transformer", 3, Why.LINKED)]
    assert said_of(text, (2, "Transformer", False), (3, "Transformer", False))[0][2] == Why.REFUSED
    assert said_of(text, (2, "Transformer", False))[0][2] == Why.AMBIGUOUS, "one meaning is new"


def test_a_link_that_an_editor_took_back_comes_at_the_next_mention():
    text = "A beam search runs. The beam search ends."
    refused = said_of(text, (4, "Beam search", False, 0, 20))
    assert [why for _, _, why in refused] == [Why.REFUSED, Why.LINKED]


def test_an_editor_cannot_link_what_is_never_linked_nor_what_has_lost_the_name():
    names = [LinkName("Memory", 1, "memory", LinkPolicy.NEVER)]
    choice = [Choice(0, 20, 1, "Memory", True), Choice(0, 20, 9, "Memory", True)]
    (mentions,) = place_links([Passage("It has a memory.")], lexicon(*names), choices=[choice])
    assert [one.why for one in mentions] == [Why.NEVER]


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("The network file system (NFS) is old.", False),
        ("Networks of file systems (NFS) are old.", False),
        ("A place of networks for files (FN) is old.", True),  # other letters
        ("Disks (NFS) are old.", True),
        ("(NFS) It is old.", False),
        ("A network file system, NFS, is old.", True),
        ("Network file systems (NFSs) are old.", False),
    ],
)
def test_letters_in_brackets_that_the_words_before_them_spell_out_are_no_link(text, linked):
    names = [LinkName("NFS", 1, "nfs"), LinkName("FN", 2, "fn")]
    (mentions,) = place_links([Passage(text)], lexicon(*names))
    assert [one.why == Why.LINKED for one in mentions] == [linked]


def test_an_article_is_not_the_first_letter_of_a_name():
    names = [LinkName("A-language", 1, "a-language")]
    assert found_in("It is a language. A language.", names) == []
    assert found_in("It is written in A-language.", names) == ["A-language"]


def test_whose_it_is_is_no_part_of_a_name():
    assert found_in("It is Google's VSAM.", [LinkName("VSAM", 1, "vsam")]) == ["VSAM"]
    assert found_in("It is Google VSAM.", [LinkName("VSAM", 1, "vsam")]) == []
