"""How well names deserve their links, judged by dictionaries whose authors linked by hand.

FOLDOC: the policy of each name is learned from the entries of the train part, whose names' SHA-256 end in 2 to f, as an
editor's accepted and refused links would teach it; the entries ending in 0 or 1 judge. Nothing is tuned on them.
`FOLDOC` in the environment names the folder with foldoc.index and foldoc.dict.dz; without it, the Debian package
dict-foldoc is asked for.
"""

import os
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from glossary.domain.autolink import Lexicon, LinkName, Why, place_links
from glossary.domain.keyphrase import Record, Tally, is_as_written, proposed_policy, shares_by_kind
from glossary.domain.link_policy import LinkPolicy, starting_policy
from glossary.domain.running_text import Passage
from tests.quality.foldoc import Entry, digit, read_foldoc, resolved

pytestmark = pytest.mark.quality
JUDGES = "01"
GLOSARIO = Path(__file__).resolve().parent / "glosario.txt"

Policy = Callable[[Entry, str], LinkPolicy]


@pytest.fixture(scope="module")
def foldoc(tmp_path_factory):
    """The entries of FOLDOC; skips where it can be had neither from the environment nor from Debian."""
    if "FOLDOC" in os.environ:
        return read_foldoc(Path(os.environ["FOLDOC"]))
    folder = tmp_path_factory.mktemp("foldoc")
    for command in (["apt-get", "download", "-qq", "dict-foldoc"], ["sh", "-c", "dpkg-deb -x dict-foldoc*.deb ."]):
        if shutil.which(command[0]) is None or subprocess.run(command, cwd=folder, capture_output=True).returncode:
            pytest.skip("FOLDOC is not at hand: name its folder in FOLDOC, or let apt-get download dict-foldoc.")
    return read_foldoc(folder / "usr" / "share" / "dictd")


def by_frequency(entry: Entry, name: str) -> LinkPolicy:
    return starting_policy(name)


def lexicon_of(entries, policy: Policy):
    lexicon = Lexicon()
    for entry in entries:
        for name in dict.fromkeys(entry.names):
            lexicon.add(LinkName(name, entry.number, "", policy(entry, name)))
    return lexicon


def decisions_of(entries, lexicon):
    """Return what the authors' own links decide of each name, as editors' decisions are kept: by the card."""
    decided = defaultdict(lambda: [[0, 0], [0, 0]])
    for entry in entries:
        page = place_links(entry.passages, lexicon, own=entry.number, most=None, beside=True)
        here = set()
        for passage, mentions in zip(entry.passages, page, strict=True):
            for one in mentions:
                if one.why == Why.LINKED:
                    name = one.names[0]
                    here.add((name.term, name.text, is_as_written(name.text, passage.text[one.start : one.end])))
        for term, text, as_written in here:
            decided[term, text][as_written][term in entry.targets] += 1
    return {
        key: Record(key[1], Tally(written[True], written[False]), Tally(other[True], other[False]))
        for key, (other, written) in decided.items()
    }


def learned(train, entries) -> Policy:
    """Return the policies that the desk would propose if the authors of `train` were its editors."""
    records = decisions_of(train, lexicon_of(entries, lambda *_: LinkPolicy.AUTO))
    shares = shares_by_kind(records.values())
    return lambda entry, name: proposed_policy(records.get((entry.number, name), Record(name)), shares)


def by_our_rules(lexicon, *, most=None, beside=True):
    def links(entry):
        page = place_links(entry.passages, lexicon, own=entry.number, most=most, beside=beside)
        return {
            one.names[0].term: passage.text[one.start : one.end].casefold()
            for passage, mentions in zip(entry.passages, page, strict=True)
            for one in mentions
            if one.why == Why.LINKED
        }

    return links


def by_longest_match(entries):
    """The naive rival: any name, in any case, the longest first, between word boundaries."""
    names = {name.casefold(): entry.number for entry in reversed(entries) for name in entry.names}

    def links(entry):
        found = {}
        for passage in entry.passages:
            words = list(re.finditer(r"\w+", passage.text))
            at = 0
            while at < len(words):
                for last in range(min(at + 8, len(words)), at, -1):
                    text = passage.text[words[at].start() : words[last - 1].end()].casefold()
                    if text in names:
                        found.setdefault(names[text], text)
                        at = last - 1
                        break
                at += 1
        found.pop(entry.number, None)
        return found

    return links


def judged(name, entries, links_of):
    """Print and return precision, recall, F1 of the targets of each entry, and the rate of wrong targets."""
    right = made = wanted = wrong = words = 0
    for entry in entries:
        made_here = links_of(entry)
        right += len(entry.targets & made_here.keys())
        made += len(made_here)
        wanted += len(entry.targets)
        words += entry.words
        wrong += sum(text in entry.links and entry.links[text] != term for term, text in made_here.items())
    precision, recall = right / max(made, 1), right / wanted
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    figures = f"{precision:10.3f} {recall:8.3f} {f1:8.3f} {100 * wrong / max(made, 1):8.2f} %"
    print(f"{name:44} {figures} {100 * made / words:10.1f}")
    return precision, recall, f1, wrong / max(made, 1)


def heading(name, entries):
    print(f"\n{name}, {len(entries):,} entries judged")
    print(f"{'':44}  precision   recall       F1 wrong target  per 100 words")


def test_learned_policies_on_foldoc_beat_the_longest_match(foldoc):
    parts = {entry.number: {digit(name) for name in (*entry.heads, *entry.names)} for entry in foldoc}
    train = [entry for entry in foldoc if not parts[entry.number] & set(JUDGES)]
    judges = [entry for entry in foldoc if digit(entry.names[0]) in JUDGES]
    heading("FOLDOC", judges)
    naive = judged("longest match, any case", judges, by_longest_match(foldoc))
    judged("our rules, every name", judges, by_our_rules(lexicon_of(foldoc, lambda *_: LinkPolicy.AUTO)))
    start = judged("our rules, everyday words left out", judges, by_our_rules(lexicon_of(foldoc, by_frequency)))
    taught = lexicon_of(foldoc, learned(train, foldoc))
    ours = judged("our rules, policies learned", judges, by_our_rules(taught))
    judged("the same, never side by side", judges, by_our_rules(taught, beside=False))
    judged("the same, and three links a paragraph", judges, by_our_rules(taught, most=3, beside=False))
    assert naive[2] < start[2] < ours[2] and ours[3] < 0.01


FOLDS = 10


def test_learned_policies_on_glosario_beat_the_longest_match():
    """Each tenth is judged by what the other nine teach."""
    entries = read_glosario()
    heading("Glosario", entries)
    naive = judged("longest match, any case", entries, by_longest_match(entries))
    judged("our rules, every name", entries, by_our_rules(lexicon_of(entries, lambda *_: LinkPolicy.AUTO)))
    start = judged("our rules, everyday words left out", entries, by_our_rules(lexicon_of(entries, by_frequency)))
    taught = [
        lexicon_of(entries, learned([entry for entry in entries if entry.number % FOLDS != fold], entries))
        for fold in range(FOLDS)
    ]

    def links(**over):
        rules = [by_our_rules(lexicon, **over) for lexicon in taught]
        return lambda entry: rules[entry.number % FOLDS](entry)

    ours = judged("our rules, policies learned", entries, links())
    judged("the same, never side by side", entries, links(beside=False))
    judged("the same, and three links a paragraph", entries, links(most=3, beside=False))
    assert ours[0] > naive[0] and ours[2] > naive[2] and ours[2] > start[2]


def read_glosario():
    """Return the entries of the English part of Glosario: a line each for slug, name and text, links as in Markdown."""
    entries = []
    for block in GLOSARIO.read_text(encoding="utf-8").split("\n\n"):
        if block.startswith("#"):
            continue
        slug, names, text = block.strip().split("\n")
        plain = re.sub(r"\[([^\]]*)\]\(#[^)]*\)", r"\1", text)
        entry = Entry(len(entries), names.split(" | "), {slug}, [Passage(plain)])
        entries.append((entry, re.findall(r"\[([^\]]*)\]\(#([^)]*)\)", text)))
    by_slug = {slug: entry.number for entry, _ in entries for slug in entry.heads}
    for entry, links in entries:
        entry.links = {text.casefold(): by_slug[slug] for text, slug in links if slug in by_slug}
    return [entry for entry, _ in entries]


def test_links_of_a_dictionary_are_read_as_its_authors_wrote_them():
    entries = resolved(
        [
            Entry(0, ["Ada"], {"ada"}, [Passage("Ada is a language.")], ["language", "ADA", "nothing"]),
            Entry(1, ["language"], {"language"}, [Passage("It is.")]),
            Entry(2, ["query"], {"query"}, [], ["languages", "quer-ies", "Queries", "queriess"]),
            Entry(3, ["real-time", "time"], {"time"}, [], ["real time", "times", "Real-Time"]),
        ]
    )
    assert entries[0].links == {"language": 1, "ada": 0} and entries[0].targets == {1}
    assert entries[2].links == {"languages": 1, "queries": 2}
    assert entries[3].links == {"real time": 3, "times": 3, "real-time": 3}
