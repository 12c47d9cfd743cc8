"""The fuse of a sender: when so many mails are refused that it must be the sender's own fault."""

import re
from collections import Counter
from dataclasses import dataclass, field

FIRST = 10  # refused mails before one was taken
FEW = 3  # the same, where the run ends with them
ALIKE = 20  # refusals in the same words, at least …
SHARE = 0.1  # … and this part of all that were answered
IN_A_ROW = 50  # refused mails after each other, whatever was taken before
OWN = re.compile(r"\S*[\d@]\S*")  # codes, addresses and numbers of the server's log: they differ from mail to mail


def in_short(said: str) -> str:
    """Return what the refusals of many mails have in common: the server's words without codes and addresses."""
    return " ".join(OWN.sub("", said[:500]).lower().split())[:80]


@dataclass
class Fuse:
    """What the server said to the mails of one brief. A mail that waits for another try counts for nothing."""

    taken: int = 0
    refused: int = 0
    in_a_row: int = 0
    words: Counter[str] = field(default_factory=Counter)

    def take(self) -> None:
        """Count a mail that the server took."""
        self.taken += 1
        self.in_a_row = 0

    def refuse(self, said: str) -> None:
        """Count a mail that the server refused for good, in these words."""
        self.refused += 1
        self.in_a_row += 1
        self.words[in_short(said)] += 1

    def blown(self, *, over: bool = False) -> str:
        """Return why nothing more should go, in a sentence; empty where all is well. `over`: the run ends here."""
        if not self.words:
            return ""
        said, alike = self.words.most_common(1)[0]
        quote = f"“{said}”" if said else "a code and no words"
        if not self.taken and self.refused >= (FEW if over else FIRST):
            return f"The mail server refused all of the first {self.refused} mails: {quote}."
        if self.in_a_row >= IN_A_ROW:
            return f"The mail server refused {self.in_a_row} mails in a row: {quote}."
        if alike >= ALIKE and alike > SHARE * (self.taken + self.refused):
            return f"The mail server refused {alike} of {self.taken + self.refused} mails in the same words: {quote}."
        return ""
