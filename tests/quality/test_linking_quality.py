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
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from glossary.domain.autolink import LinkName, Passage, Why, mentions_in, place_links, spaced_key
from glossary.domain.link_policy import LinkPolicy, is_everyday, starting_policy
from glossary.domain.wording.plain import is_common
from tests.quality.foldoc import Entry, digit, read_foldoc, resolved

pytestmark = pytest.mark.quality
SHARE = 0.5  # of its mentions that must be links, for a name to be linked by itself; chosen on the train part
WEIGHT = 1  # mentions that what is known of names of its kind counts for
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


def in_case(entry: Entry, name: str) -> LinkPolicy:
    """A capital is a part of the name, as dictionaries write names as running text does."""
    return LinkPolicy.EXACT if name[0].isupper() else LinkPolicy.AUTO


def by_frequency(entry: Entry, name: str) -> LinkPolicy:
    start = starting_policy(name)
    return in_case(entry, name) if start == LinkPolicy.AUTO else start


def lexicon_of(entries, policy: Policy):
    lexicon = defaultdict(list)
    for entry in entries:
        for name in dict.fromkeys(entry.names):
            if key := spaced_key(name):
                lexicon[key].append(LinkName(name, entry.number, "", policy(entry, name)))
    return lexicon


def kind_of(name):
    """Return what kind of name it is, for what is known of names that were never seen."""
    capital = name[0].isupper()
    if " " in name or "-" in name:
        return "words", capital
    if name[1:] != name[1:].lower() or any(c.isdigit() for c in name) or len(name) == 1:
        return "letters", len(name) == 1
    return ("everyday" if is_everyday(name) else "common" if is_common(name.casefold()) else "rare"), capital


def learned(train, entries) -> Policy:
    """Return the policy that the authors' own links teach: how often each name was linked where it was mentioned."""
    lexicon = lexicon_of(entries, in_case)
    seen, linked = Counter(), Counter()
    for entry in train:
        mentions = [one for passage in entry.passages for one in mentions_in(passage, lexicon)]
        for term, text in {(one.names[0].term, one.names[0].text) for one in mentions if one.why == Why.LINKED}:
            if term != entry.number:
                seen[term, text] += 1
                linked[term, text] += term in entry.targets
    kinds = defaultdict(list)
    for (term, text), times in seen.items():
        kinds[kind_of(text)].append(linked[term, text] / times)
    shares = {kind: sum(found) / len(found) for kind, found in kinds.items()}

    def policy(entry: Entry, name: str) -> LinkPolicy:
        key = entry.number, name
        share = (linked[key] + WEIGHT * shares.get(kind_of(name), 0)) / (seen[key] + WEIGHT)
        return in_case(entry, name) if share >= SHARE else LinkPolicy.SUGGEST

    return policy


def by_our_rules(lexicon, *, most=None):
    def links(entry):
        page = place_links(entry.passages, lexicon, own=entry.number, most=most)
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
    judged("our rules, every name", judges, by_our_rules(lexicon_of(foldoc, in_case)))
    start = judged("our rules, everyday words left out", judges, by_our_rules(lexicon_of(foldoc, by_frequency)))
    taught = lexicon_of(foldoc, learned(train, foldoc))
    ours = judged("our rules, policies learned", judges, by_our_rules(taught))
    judged("the same, three links a paragraph", judges, by_our_rules(taught, most=3))
    assert naive[2] < start[2] < ours[2] and ours[3] < 0.01


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


def test_our_rules_on_glosario_beat_the_longest_match():
    entries = read_glosario()
    heading("Glosario", entries)
    naive = judged("longest match, any case", entries, by_longest_match(entries))
    judged("our rules, every name", entries, by_our_rules(lexicon_of(entries, lambda *_: LinkPolicy.AUTO)))
    ours = judged(
        "our rules, everyday words left out",
        entries,
        by_our_rules(lexicon_of(entries, lambda _, n: starting_policy(n))),
    )
    assert ours[0] > naive[0]


def test_links_of_a_dictionary_are_read_as_its_authors_wrote_them():
    entries = resolved(
        [
            Entry(0, ["Ada"], {"ada"}, [Passage("Ada is a language.")], ["language", "ADA", "nothing"]),
            Entry(1, ["language"], {"language"}, [Passage("It is.")]),
        ]
    )
    assert entries[0].links == {"language": 1, "ada": 0} and entries[0].targets == {1}
