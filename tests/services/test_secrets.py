"""Secrets come through one door and never show."""

import copy
import json
from pathlib import Path

import pytest

from blueprint.pipeline.services.secrets import Secret, SecretExposed, SecretMissing, read_secret

CANARY = "tweet-of-the-canary"


def test_the_environment_comes_first(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("other")
    file.chmod(0o600)
    secret = read_secret("storage_key", file=file, environment={"BLUEPRINT_SECRET_STORAGE_KEY": CANARY})
    assert secret.reveal() == CANARY


def test_a_private_file_is_read_and_an_open_one_refused(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{CANARY}\n")
    file.chmod(0o600)
    assert read_secret("storage_key", file=file, environment={}).reveal() == CANARY
    file.chmod(0o644)
    with pytest.raises(SecretExposed, match="chmod 600 key"):
        read_secret("storage_key", file=file, environment={})


def test_a_missing_secret_names_every_place(tmp_path: Path) -> None:
    with pytest.raises(SecretMissing, match=r"variable BLUEPRINT_SECRET_STORAGE_KEY, the file key, .*keyring"):
        read_secret("storage_key", file=tmp_path / "key", environment={})
    with pytest.raises(SecretMissing, match="lower-case"):
        read_secret("../key", environment={})


def test_a_secret_never_shows() -> None:
    secret = Secret(CANARY)
    for text in (str(secret), repr(secret), f"{secret}", f"{secret:>40}", "%s" % secret, repr([secret])):  # noqa: UP031
        assert CANARY not in text
    for write in (copy.deepcopy, json.dumps):
        with pytest.raises(TypeError):
            write(secret)
