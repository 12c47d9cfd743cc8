"""What tests of sending share: a clock of their own, workers at a scripted server, and workers that die."""

from datetime import UTC, datetime, timedelta

from glossary.services.line import Server
from glossary.services.transport import SmtpTransport
from glossary.services.worker import Worker

READERS = 45  # two groups and a part of a third
HIRED = []  # the ways out of the workers of a test


class Clock:
    """Time that passes when the test says so."""

    def __init__(self):
        self.now = datetime.now(UTC)

    def __call__(self):
        return self.now

    def pass_by(self, **what):
        self.now += timedelta(**what)


class Killed(BaseException):
    """A worker dies here: nothing catches it."""


class Failpoint:
    """Die at the n-th time of a step."""

    def __init__(self, step, at):
        self.step, self.left = step, at

    def __call__(self, step):
        if step == self.step:
            self.left -= 1
            if not self.left:
                raise Killed(step)


def worker_for(sink, clock, **over):
    transport = SmtpTransport(Server("127.0.0.1", sink.port, timeout=20, patience=20))
    HIRED.append(transport)
    return Worker(transport, clock=clock, **over)


def hang_up(transport):
    if transport.line is not None:
        transport.line.close()


def states(brief):
    return brief.deliveries.counted()
