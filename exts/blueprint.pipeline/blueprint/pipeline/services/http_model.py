"""A model behind HTTP: health check, upload, polling, download; see docs/reconstructors.md for the protocol."""

import re
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import urllib3
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from blueprint.pipeline.engine.events import Progress

from .addresses import Endpoint
from .bounded_json import LARGEST_BYTES, JsonTooLarge, read_json
from .failures import ServiceFailed, ServiceRefused
from .patience import Budget, Circuit, Clock, backoff_s
from .secrets import Secret

CONNECT_S, SILENCE_S = 10.0, 30.0
POLL_S = 1.0
_BLOCK_BYTES = 1 << 20
_BUSY = (429, 502, 503, 504)
_MOST_ATTEMPTS = 20
_DIGITS = re.compile(r"[0-9]{1,18}")


class HttpModel:
    """One service; everything it answers is limited in size, depth and time. Close it, or use it in a `with`."""

    def __init__(self, service: str, endpoint: Endpoint, token: Secret | None, *, clock: Clock | None = None) -> None:
        self._service, self._endpoint, self._token = service, endpoint, token
        self._clock = clock or Clock()
        self._circuit = Circuit(service, clock=self._clock)
        self._pool = _pool(endpoint)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    def health(self, deadline_s: float) -> dict[str, Any]:
        """Return what the service says of itself; raises ServiceFailed unless its status is `ok`."""
        budget = self._budget(deadline_s)
        said = self._json(self._call("GET", "/health", budget), budget)
        if said.get("status") != "ok":
            raise ServiceFailed(self._service, f"is not healthy: its status is {str(said.get('status'))[:60]!r}")
        return said

    def produce(
        self, source: Path, options: Mapping[str, str], target: Path, deadline_s: float, max_bytes: int
    ) -> Generator[Progress]:
        """Send a file, wait for the work to be done and write the resulting archive to `target`."""
        budget = self._budget(deadline_s)
        run = self._submit(source, options, budget)
        try:
            yield from self._wait(run, budget)
            self._download(run, target, budget, max_bytes)
        finally:
            self._forget(run)

    def _submit(self, source: Path, options: Mapping[str, str], budget: Budget) -> str:
        fields = [(name, value) for name, value in sorted(options.items())]
        files = ("file", (source.name, source.read_bytes(), "application/octet-stream"))
        body, content_type = urllib3.encode_multipart_formdata([*fields, files])
        said = self._json(self._call("POST", "/v1/runs", budget, body=body, content_type=content_type), budget)
        run = said.get("id")
        if not isinstance(run, str) or not re.fullmatch(r"[A-Za-z0-9]{1,64}", run):
            raise ServiceFailed(self._service, "gave the work no id of letters and digits")
        return run

    def _wait(self, run: str, budget: Budget) -> Generator[Progress]:
        while True:
            said = self._json(self._call("GET", f"/v1/runs/{run}", budget), budget)
            state, message = said.get("state"), str(said.get("message", ""))[:160]
            if state == "done":
                return
            if state == "failed":
                raise ServiceFailed(self._service, f"could not do the work: {message or 'it gave no reason'}")
            if state not in ("queued", "running"):
                raise ServiceFailed(self._service, f"is in the unknown state {str(state)[:60]!r}")
            fraction = said.get("progress")
            yield Progress(fraction if isinstance(fraction, float) and 0 <= fraction <= 1 else 0.0, message or state)
            budget.pause(POLL_S)

    def _download(self, run: str, target: Path, budget: Budget, max_bytes: int) -> None:
        answer, size = self._call("GET", f"/v1/runs/{run}/result", budget), 0
        try:
            with target.open("wb") as stream:
                for block in self._blocks(answer, budget):
                    size += len(block)
                    if size > max_bytes:
                        raise ServiceFailed(self._service, f"sends more than the {max_bytes >> 20} MB that are taken")
                    stream.write(block)
        finally:
            answer.close()
        told = answer.headers.get("Content-Length", "")
        if _DIGITS.fullmatch(told) and int(told) != size:
            raise ServiceFailed(self._service, f"sent {size} of {told} bytes of its result")

    def _blocks(self, answer: BaseHTTPResponse, budget: Budget) -> Iterator[bytes]:
        """Yield a body as it comes; one that trickles ends with the budget, one that falls silent with its timeout."""
        try:
            while block := answer.read1(_BLOCK_BYTES, decode_content=False):
                yield block
                budget.spend(SILENCE_S)
        except HTTPError as error:
            budget.spend(0.0)
            raise ServiceFailed(self._service, f"broke off in the middle of an answer ({_words(error)})") from error

    def _forget(self, run: str) -> None:
        """Let the service drop what it keeps of the work; it loses nothing where that fails."""
        try:
            self._once("DELETE", f"/v1/runs/{run}", CONNECT_S, None, "").close()
        except (HTTPError, ServiceFailed):
            return

    def _budget(self, seconds: float) -> Budget:
        return Budget(self._service, seconds, self._clock)

    def _call(
        self, method: str, path: str, budget: Budget, *, body: bytes | None = None, content_type: str = ""
    ) -> BaseHTTPResponse:
        """Ask until there is an answer: again where the service is busy or away, as it says, within the budget."""
        for attempt in range(_MOST_ATTEMPTS):
            self._circuit.check()
            try:
                answer = self._once(method, path, budget.spend(SILENCE_S), body, content_type)
            except HTTPError as error:
                self._circuit.record(success=False)
                _refuse_certificate(self._service, error)
                budget.wait(backoff_s(attempt), f"cannot be reached ({_words(error)})")
                continue
            if answer.status not in _BUSY:
                self._circuit.record(success=True)
                return self._accepted(answer)
            told = _told_to_wait_s(answer)
            answer.close()
            self._circuit.record(success=answer.status == 429)
            budget.wait(told if told is not None else backoff_s(attempt), f"is busy (status {answer.status})")
        raise ServiceFailed(self._service, f"was asked {_MOST_ATTEMPTS} times and was busy or away each time")

    def _once(
        self, method: str, path: str, silence_s: float, body: bytes | None, content_type: str
    ) -> BaseHTTPResponse:
        headers = {"Host": self._endpoint.host, "Accept-Encoding": "identity", "User-Agent": "blueprint-pipeline"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token.reveal()}"
        if content_type:
            headers["Content-Type"] = content_type
        timeout = urllib3.Timeout(connect=min(CONNECT_S, silence_s), read=silence_s)
        return self._pool.urlopen(
            method,
            self._endpoint.path + path,
            body=body,
            headers=headers,
            redirect=False,
            retries=False,
            timeout=timeout,
            preload_content=False,
            assert_same_host=False,
        )

    def _accepted(self, answer: BaseHTTPResponse) -> BaseHTTPResponse:
        status, encoding = answer.status, answer.headers.get("Content-Encoding", "identity")
        if 200 <= status < 300 and encoding == "identity":
            return answer
        answer.close()
        if status in (401, 403):
            raise ServiceRefused(self._service, f"it does not accept the token (status {status})")
        if 300 <= status < 400:
            raise ServiceFailed(self._service, f"redirects (status {status}), which is refused")
        if 200 <= status < 300:
            raise ServiceFailed(self._service, f"answers in the encoding {encoding[:20]!r}, not as asked")
        raise ServiceFailed(self._service, f"answers with status {status}")

    def _json(self, answer: BaseHTTPResponse, budget: Budget) -> dict[str, Any]:
        content = bytearray()
        try:
            for block in self._blocks(answer, budget):
                content += block
                if len(content) > LARGEST_BYTES:
                    break
            said = read_json(bytes(content))
        except JsonTooLarge as error:
            raise ServiceFailed(self._service, f"answers with {error}") from error
        finally:
            answer.close()
        if not isinstance(said, dict):
            raise ServiceFailed(self._service, "answers with JSON that is no object")
        return cast(dict[str, Any], said)


def _pool(endpoint: Endpoint) -> urllib3.HTTPConnectionPool:
    """Connect to the address that was checked, under the name that its certificate must have."""
    if endpoint.scheme == "http":
        return urllib3.HTTPConnectionPool(endpoint.ip, endpoint.port, maxsize=1)
    return urllib3.HTTPSConnectionPool(
        endpoint.ip,
        endpoint.port,
        maxsize=1,
        cert_reqs="CERT_REQUIRED",
        server_hostname=endpoint.host,
        assert_hostname=endpoint.host,
    )


def _told_to_wait_s(answer: BaseHTTPResponse) -> float | None:
    """Return the seconds of a Retry-After header; a date there is not understood and counts as none."""
    told = answer.headers.get("Retry-After", "")
    return float(told) if _DIGITS.fullmatch(told) else None


def _refuse_certificate(service: str, error: HTTPError) -> None:
    if isinstance(error, urllib3.exceptions.SSLError):
        raise ServiceRefused(service, f"its certificate is not accepted: {_words(error)}") from error


def _words(error: Exception) -> str:
    return type(error).__name__
