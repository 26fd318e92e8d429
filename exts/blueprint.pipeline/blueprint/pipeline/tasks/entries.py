"""What every block of a task file is."""

from typing import Annotated

from pydantic import BaseModel, Field

Share = Annotated[float, Field(ge=0, le=1)]


class Entry(BaseModel, frozen=True, extra="forbid", allow_inf_nan=False):
    """A block of a template."""
