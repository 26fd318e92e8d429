"""What a person writes after `--set`, as changes: `friction=0.3`, `mug.mass_kg=2x`, `gravity_m_s2=1.6`."""

import re
from collections.abc import Sequence

from blueprint.pipeline.errors import InputError, UnknownName
from blueprint.pipeline.sims.model import ROBOT
from blueprint.pipeline.sims.newton_mujoco.hypotheses import QUANTITIES, Change

_WRITTEN = re.compile(r"(?:(?P<subject>[^=]+)\.)?(?P<quantity>\w+)=(?P<value>[-+0-9.eE]+)(?P<times>x?)")


class UnreadableSetting(InputError):
    """A setting that is not written as one."""

    def __init__(self, text: str) -> None:
        known = ", ".join(f"{name} ({quantity.meaning}, {quantity.unit})" for name, quantity in QUANTITIES.items())
        super().__init__(
            f"--set {text!r} is not understood; write QUANTITY=NUMBER, or SUBJECT.QUANTITY=2x for a factor. "
            f"Quantities: {known}"
        )


def parse_settings(texts: Sequence[str], handled: str) -> tuple[Change, ...]:
    """Read settings; without a subject, a prop's quantity is that of the handled one.

    Raises UnreadableSetting, and UnknownName for a quantity that there is not.
    """
    return tuple(_parse(text, handled) for text in texts)


def _parse(text: str, handled: str) -> Change:
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        raise UnreadableSetting(text)
    quantity = match["quantity"]
    if quantity not in QUANTITIES:
        raise UnknownName("quantity", quantity, QUANTITIES, where=f"--set {text}")
    try:
        value = float(match["value"])
    except ValueError as error:
        raise UnreadableSetting(text) from error
    own = {"prop": handled, "robot": ROBOT}.get(QUANTITIES[quantity].subject, "")
    return Change(match["subject"] or own, quantity, value, relative=bool(match["times"]))
