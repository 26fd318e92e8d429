"""Which addresses may be asked: https to public hosts, private ones by name, plain http to this machine alone."""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from .failures import ServiceFailed, ServiceRefused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A checked address: connections go to `ip`, which was resolved once; a name that resolves anew changes nothing."""

    scheme: str
    host: str
    port: int
    path: str
    ip: str

    @property
    def plaintext(self) -> bool:
        """Whether what is sent can be read on its way."""
        return self.scheme == "http"


def check_address(service: str, url: str, allowed_hosts: tuple[str, ...] = ()) -> Endpoint:
    """Return the endpoint of an address; raises ServiceRefused for one that may not be asked, ServiceFailed unresolved.

    Link-local addresses, where clouds serve a machine's own credentials, are refused always.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise ServiceRefused(service, f"its address has the scheme {parts.scheme or 'none'!r}; use https")
    if parts.username or parts.password:
        raise ServiceRefused(service, "its address holds a user name; name a secret instead")
    if parts.query or parts.fragment:
        raise ServiceRefused(service, "its address must end after the path")
    host = parts.hostname or ""
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise ServiceRefused(service, f"its address has no sensible port: {error}") from error
    if not host:
        raise ServiceRefused(service, "its address names no host")
    ips = _resolve(service, host, port)
    for ip in ips:
        _check_ip(service, parts.scheme, host, ip, allowed_hosts)
    return Endpoint(parts.scheme, host, port, parts.path.rstrip("/"), str(ips[0]))


def _resolve(service: str, host: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ServiceFailed(service, f"its host {host!r} is unknown here ({error.strerror or error})") from error
    ips = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    # An IPv4 address in IPv6 clothing is judged as what it is.
    return [getattr(ip, "ipv4_mapped", None) or ip for ip in ips]


def _check_ip(service: str, scheme: str, host: str, ip: Address, allowed_hosts: tuple[str, ...]) -> None:
    if ip.is_loopback:
        return
    if scheme == "http":
        raise ServiceRefused(service, f"plain http is for this machine alone, not for {host}; use https")
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved:
        raise ServiceRefused(service, f"{host} is at {ip}, where no service may be asked")
    if not ip.is_global and host not in allowed_hosts:
        raise ServiceRefused(service, f"{host} is at {ip}, a private address; name it in allowed_hosts if it is yours")
