"""A mail provider for tests: a real HTTP server that takes mails by its interface, and remembers each it accepted.

`Provider(script)` listens in a thread. A script is called with the number of the request and returns (status, body), a
function that does with the handler what it likes, or None for the usual answer, which suits all that the site knows.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USUAL = {  # what each provider says to a mail that it takes
    "mailgun": {"id": "<1@mailgun>", "message": "Queued. Thank you."},
    "postmark": {"ErrorCode": 0, "Message": "OK", "MessageID": "1"},
    "brevo": {"messageId": "<1@brevo>"},
    "sparkpost": {"results": {"total_rejected_recipients": 0, "total_accepted_recipients": 1, "id": "1"}},
}
ROOT = {"mailgun": "/v3", "postmark": "/", "brevo": "/v3", "sparkpost": "/api/v1"}


class Provider:
    """A scripted provider on loopback; `took` has the requests that were answered with yes, in order."""

    def __init__(self, name, script=lambda number: None):
        self.name, self.script = name, script
        self.asked, self.took, self.lines = 0, [], set()
        self.lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                outer.answer(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}{ROOT[self.name]}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        with self.lock:
            self.asked += 1
            number = self.asked
            self.lines.add(handler.client_address)
        answer = self.script(number)
        if callable(answer):
            handler.close_connection = True
            answer(handler, lambda: self.keep(handler, body))
            return
        status, said = answer or (200, USUAL[self.name])
        if status == 200:
            self.keep(handler, body)
        data = said.encode() if isinstance(said, str) else json.dumps(said).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def keep(self, handler, body):
        with self.lock:
            self.took.append((handler.path, dict(handler.headers), body.decode("utf-8", "replace")))
