"""The one door for secrets: the environment, a private file, or the system's keyring; a secret prints as `***`."""

import importlib.util
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from blueprint.pipeline.errors import InputError

PREFIX = "BLUEPRINT_SECRET_"
SERVICE = "blueprint-pipeline"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


class SecretMissing(InputError):
    """A secret that is needed is in none of the places."""

    def __init__(self, name: str, looked_in: list[str]) -> None:
        super().__init__(f"secret {name!r} is not set; looked in {', '.join(looked_in)}")


class SecretExposed(InputError):
    """A file with a secret can be read by others."""

    def __init__(self, file: str) -> None:
        super().__init__(f"{file} can be read by other users; make it private with: chmod 600 {file}")


class Secret:
    """A text that never shows: not in messages, logs, records, representations or pickles."""

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        """Return the text, to hand it to the one call that needs it."""
        return self.__text

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, _: str) -> str:
        return "***"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere")


def read_secret(name: str, *, file: Path | None = None, environment: Mapping[str, str] = os.environ) -> Secret:
    """Return a secret from `BLUEPRINT_SECRET_<NAME>`, else from a file of mode 600, else from the keyring.

    Raises SecretMissing naming the places, SecretExposed for a file that others can read.
    """
    if not _NAME.fullmatch(name):
        raise SecretMissing(name, ["nowhere: a name is lower-case letters, digits and _"])
    variable = PREFIX + name.upper()
    if text := environment.get(variable):
        return Secret(text)
    places = [f"the variable {variable}"]
    if file is not None:
        places.append(f"the file {file.name}")
        if file.is_file():
            return _from_file(file)
    places.append("the keyring" if _has_keyring() else "no keyring (package keyring is not installed)")
    if (text := _from_keyring(name)) is not None:
        return Secret(text)
    raise SecretMissing(name, places)


def _from_file(file: Path) -> Secret:
    if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SecretExposed(file.name)
    return Secret(file.read_text().strip())


def _has_keyring() -> bool:
    return importlib.util.find_spec("keyring") is not None


def _from_keyring(name: str) -> str | None:
    if not _has_keyring():
        return None
    import keyring  # pyright: ignore[reportMissingImports]

    return keyring.get_password(SERVICE, name)
