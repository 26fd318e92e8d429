"""How the work of a program or service outside this one can fail; each error names the service and never a secret."""

from blueprint.pipeline.errors import InputError, RunError


class ServiceRefused(InputError):
    """A service may not be asked: its address, its settings or what would be sent are not allowed."""

    def __init__(self, service: str, reason: str) -> None:
        super().__init__(f"{service}: {reason}")


class ServiceFailed(RunError):
    """A service did not do its work: it is away, too slow, broken, or gave what it must not give."""

    def __init__(self, service: str, cause: str) -> None:
        super().__init__(f"{service}: {cause}")
