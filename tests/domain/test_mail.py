"""What a reply of a mail server means for one mail, and what is the fault of which side."""

import pytest

from glossary.domain.bounce import Step
from glossary.domain.mail import Fate, LineLost, Refused, Reply, Stopped


@pytest.mark.parametrize(
    ("code", "fate"),
    [
        (250, Fate.TAKEN),
        (251, Fate.TAKEN),
        (421, Fate.LATER),
        (452, Fate.LATER),
        (550, Fate.REFUSED),
        (354, Fate.REFUSED),
    ],
)
def test_a_yes_takes_a_mail_a_4xx_puts_it_off_and_anything_else_refuses_it(code, fate):
    assert Reply(code, "").fate == fate and Reply(code, "").good is (fate == Fate.TAKEN)


def test_a_refusal_says_at_which_step_it_came_and_a_yes_came_at_none():
    assert Reply(550, "no").at_step(Step.RECIPIENT) == Reply(550, "no", Step.RECIPIENT)
    assert Reply(250, "yes").at_step(Step.BODY) == Reply(250, "yes")


def test_whoever_ends_the_line_it_is_lost_and_whoever_catches_a_network_error_catches_it():
    assert issubclass(Refused, LineLost) and issubclass(Stopped, LineLost) and issubclass(LineLost, OSError)
