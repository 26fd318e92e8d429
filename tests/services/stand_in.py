"""A model service that speaks the protocol of docs/reconstructors.md on this machine, and can be told to misbehave."""

import io
import json
import socket
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HEALTHY = {"status": "ok", "model": "stand-in", "version": "1.2", "licence": "CC0-1.0"}
TOKEN = "let-me-in"


def zip_of(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


Answer = Callable[["Handler"], None]


@dataclass
class StandIn:
    """What the service does; `answers` replaces single answers, by method and path, the last one for ever."""

    result: bytes = field(default_factory=lambda: zip_of({"run/hello.txt": b"hello"}))
    polls_until_done: int = 2
    answers: dict[str, list[Answer]] = field(default_factory=dict[str, list[Answer]])
    asked: list[str] = field(default_factory=list[str])
    received: bytes = b""
    authorization: str | None = None
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stand_in: StandIn

    def say(self, data: Any, status: int = 200, **headers: str) -> None:
        self.send(json.dumps(data).encode(), status, **headers)

    def send(self, content: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.stand_in.received = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def _answer(self) -> None:
        what = f"{self.command} {self.path}"
        self.stand_in.asked.append(what)
        self.stand_in.authorization = self.headers.get("Authorization")
        if special := self.stand_in.answers.get(what):
            (special.pop(0) if len(special) > 1 else special[0])(self)
            return
        polls = self.stand_in.asked.count("GET /v1/runs/a1")
        done = polls > self.stand_in.polls_until_done
        plain: dict[str, Answer] = {
            "GET /health": lambda h: h.say(
                {"status": "ok", "model": "stand-in", "version": "1.2", "licence": "CC0-1.0"}
            ),
            "POST /v1/runs": lambda h: h.say({"id": "a1"}, 202),
            "GET /v1/runs/a1": lambda h: h.say({"state": "done"} if done else {"state": "running", "progress": 0.5}),
            "GET /v1/runs/a1/result": lambda h: h.send(self.stand_in.result),
            "DELETE /v1/runs/a1": lambda h: h.send(b"", 204),
        }
        plain.get(what, lambda h: h.say({}, 404))(self)


def status(code: int, **headers: str) -> Answer:
    return lambda handler: handler.send(b"", code, **headers)


def body(content: bytes, **headers: str) -> Answer:
    return lambda handler: handler.send(content, 200, **headers)


def hang(seconds: float) -> Answer:
    return lambda _: time.sleep(seconds)


def break_off(promised: int) -> Answer:
    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(promised))
        handler.end_headers()
        handler.wfile.write(b"x")
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True

    return answer


@contextmanager
def serving(stand_in: StandIn) -> Iterator[StandIn]:
    """Serve on a free port of this machine while the block lasts."""
    handler = type("Bound", (Handler,), {"stand_in": stand_in})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    stand_in.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
