"""Sending the brief: each reader once, whatever the server does and wherever the worker dies."""


import pytest

from glossary.models import Delivery
from glossary.services.delivery import Worker, send_due
from glossary.services.smtp import Server
from glossary.services.transport import SmtpTransport
from tests.factories import make_brief_of
from tests.sink import Sink

pytestmark = pytest.mark.django_db


def test_each_reader_gets_it_once(settings):
    settings.EMAIL_HOST = "127.0.0.1"
    brief = make_brief_of(45)
    with Sink() as sink:
        worker = Worker(SmtpTransport(Server("127.0.0.1", sink.port)))
        tally = send_due(worker)
        print(tally)
        assert send_due(worker).sent == 0
        worker.transport.close()
    print(Delivery.objects.counted(), tally)
    assert sorted(sink.recipients()) == sorted(brief.deliveries.values_list("subscriber__address", flat=True))
    print(sink.accepted[0][1].decode()[:1500])
    brief.refresh_from_db()
    assert brief.state == "sent"
