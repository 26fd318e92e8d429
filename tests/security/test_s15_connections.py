"""S15: connections are closed, certificates must fit the name, plaintext is for this machine alone and said aloud."""

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.services.stand_in import Handler, StandIn, serving

from blueprint.pipeline.engine.events import Warned
from blueprint.pipeline.services.addresses import Endpoint, check_address
from blueprint.pipeline.services.failures import ServiceRefused
from blueprint.pipeline.services.http_model import HttpModel
from blueprint.pipeline.services.model_settings import ModelSettings
from blueprint.pipeline.services.models import produce


def certificate(folder: Path, name: str) -> Path:
    """Write a key and a self-signed certificate for a name into one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls_port(tmp_path: Path) -> Iterator[int]:
    """A service behind TLS whose certificate is for other.example."""
    server = HTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"stand_in": StandIn()}))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path, "other.example"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def endpoint(host: str, port: int) -> Endpoint:
    return Endpoint("https", host, port, "", "127.0.0.1")


def test_a_certificate_that_nobody_vouches_for_is_refused(tls_port: int) -> None:
    with (
        HttpModel("model", endpoint("other.example", tls_port), None) as model,
        pytest.raises(ServiceRefused, match="certificate"),
    ):
        model.health(5.0)


def test_a_certificate_for_another_name_is_refused(
    tls_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "other.example.pem"))
    with HttpModel("model", endpoint("other.example", tls_port), None) as model:
        assert model.health(5.0)["status"] == "ok"
    with (
        HttpModel("model", endpoint("model.example", tls_port), None) as model,
        pytest.raises(ServiceRefused, match="certificate"),
    ):
        model.health(5.0)


def test_plaintext_is_refused_beyond_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (str(ipaddress.ip_address("93.184.216.34")), 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer)
    with pytest.raises(ServiceRefused, match=r"plain http is for this machine alone, not for example\.org"):
        check_address("model", "http://example.org")


def test_plaintext_on_this_machine_is_said_aloud_and_two_runs_leave_no_connection(tmp_path: Path) -> None:
    source = tmp_path / "mesh.glb"
    source.write_bytes(b"mesh")
    with serving(StandIn(polls_until_done=0)) as stand_in:
        settings = ModelSettings(kind="http", name="stand-in", url=stand_in.url)
        for number in range(2):
            events = list(produce(settings, source, tmp_path / f"out{number}", tmp_path / "log"))
            assert any(isinstance(event, Warned) and "without encryption" in event.message for event in events)
        assert established_to(stand_in.port) == 0


def established_to(port: int) -> int:
    """Count the open connections of this network namespace to a port of this machine."""
    rows = [line.split() for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]]
    return sum(1 for row in rows if row[2].endswith(f":{port:04X}") and row[3] == "01")
