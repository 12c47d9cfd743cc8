"""Ways out: a line that is kept, and opened anew once where the server closed it meanwhile."""

from glossary.domain.mail import Fate, Mail
from glossary.services.line import Server
from glossary.services.transport import BackendTransport, SmtpTransport, as_django, open_transport
from tests.sink import Sink

MESSAGE = (
    b"From: =?utf-8?q?Daily_D=C3=A9ck?= <desk@example.org>\r\nTo: ada@example.org\r\nSubject: Seven\r\n"
    b"Reply-To: help@example.org\r\nMessage-ID: <1@x>\r\nList-Id: <x>\r\nX-Other: no\r\n\r\nHello\r\n"
)
MAIL = Mail(1, "desk@example.org", "ada@example.org", MESSAGE)


def send(transport, told=None):
    return transport.send(
        [MAIL],
        commit=lambda mails: {mail.key for mail in mails},
        go_on=lambda: True,
        probe=(lambda step: None) if told is None else told.append,
    )


def test_the_line_is_kept_from_one_group_to_the_next():
    told = []
    with Sink() as sink:
        transport = SmtpTransport(Server("127.0.0.1", sink.port))
        for _ in range(3):
            assert send(transport, told).fates[1][0] == Fate.TAKEN
        transport.close()
    assert sink.lines == told.count("connect") == 1 and transport.line is None


def test_a_kept_line_that_the_server_closed_meanwhile_is_opened_anew():
    with Sink() as sink:
        transport = SmtpTransport(Server("127.0.0.1", sink.port))
        send(transport)
        transport.line.socket.close()
        assert send(transport).fates[1][0] == Fate.TAKEN
        transport.close()
    assert sink.lines == 2 and len(sink.accepted) == 2


def test_a_server_that_is_not_there_leaves_every_mail_unsent():
    with Sink() as sink:
        pass
    results = send(SmtpTransport(Server("127.0.0.1", sink.port)))
    assert results.fates[1][0] == Fate.UNSENT and "cannot be reached" in str(results.lost)


def test_djangos_mail_has_the_words_and_those_headers_that_belong_to_a_brief():
    mail = as_django(MAIL)
    assert (mail.subject, mail.body.strip(), mail.to) == ("Seven", "Hello", ["ada@example.org"])
    assert (mail.from_email, mail.reply_to) == ("Daily Déck <desk@example.org>", ["help@example.org"])
    assert mail.extra_headers == {"Message-ID": "<1@x>", "List-Id": "<x>"}


def test_the_settings_choose_the_way_out(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert isinstance(open_transport(), SmtpTransport)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert isinstance(open_transport(), BackendTransport)
