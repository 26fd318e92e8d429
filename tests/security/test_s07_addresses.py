"""S07: addresses come from the recipe alone and cannot reach a cloud's metadata, this network or another scheme."""

import socket

import pytest

from blueprint.pipeline.services.addresses import check_address
from blueprint.pipeline.services.failures import ServiceFailed, ServiceRefused


def resolving_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def answer(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET6 if ":" in ip else socket.AF_INET, 1, 6, "", (ip, port)) for ip in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("file:///etc/passwd", "scheme 'file'; use https"),
        ("ftp://example.org/", "scheme 'ftp'"),
        ("example.org", "scheme 'none'"),
        ("https://name:word@example.org/", "user name"),
        ("https://example.org/?next=x", "must end after the path"),
        ("https://", "names no host"),
        ("https://example.org:99999/", "no sensible port"),
        ("http://169.254.169.254/latest", "plain http is for this machine alone"),
        ("https://169.254.169.254/latest", "no service may be asked"),
        ("https://[fe80::1]/", "no service may be asked"),
        ("https://0.0.0.0/", "no service may be asked"),
        ("https://10.0.0.7/", "a private address"),
        ("https://[fd00:ec2::254]/", "a private address"),
        ("https://[::ffff:169.254.169.254]/", "no service may be asked"),
    ],
)
def test_an_address_that_may_not_be_asked(url: str, message: str) -> None:
    with pytest.raises(ServiceRefused, match=message):
        check_address("model", url)


def test_metadata_is_refused_even_where_it_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving_to(monkeypatch, "169.254.169.254")
    with pytest.raises(ServiceRefused, match="no service may be asked"):
        check_address("model", "https://metadata.example", ("metadata.example",))


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving_to(monkeypatch, "93.184.216.34", "192.168.1.4")
    with pytest.raises(ServiceRefused, match=r"192\.168\.1\.4, a private address"):
        check_address("model", "https://example.org")


def test_a_name_is_resolved_once_and_the_checked_address_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving_to(monkeypatch, "93.184.216.34")
    endpoint = check_address("model", "https://example.org/base/")
    assert (endpoint.host, endpoint.ip, endpoint.port, endpoint.path) == ("example.org", "93.184.216.34", 443, "/base")


def test_a_private_host_may_be_asked_by_name_and_this_machine_always(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_address("model", "http://127.0.0.1:8080").plaintext
    resolving_to(monkeypatch, "10.1.2.3")
    assert check_address("model", "https://gpu.lab", ("gpu.lab",)).ip == "10.1.2.3"


def test_an_unknown_host_is_a_failure_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(ServiceFailed, match=r"'nowhere\.example' is unknown here"):
        check_address("model", "https://nowhere.example")


def test_an_address_in_ipv6_clothing_is_judged_as_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving_to(monkeypatch, "::ffff:10.1.2.3")
    with pytest.raises(ServiceRefused, match=r"10\.1\.2\.3, a private address"):
        check_address("model", "https://gpu.lab")
    assert check_address("model", "https://gpu.lab", ("gpu.lab",)).ip == "10.1.2.3"
