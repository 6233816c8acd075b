"""What the fields of a submission may hold: bounded texts and numbers, ids, hashes, addresses."""

from __future__ import annotations

from typing import Annotated

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

__all__ = [
    "Amount",
    "Count",
    "Id",
    "Large",
    "Line",
    "Name",
    "Number",
    "Part",
    "RunId",
    "Scalar",
    "Sha256",
    "Share",
    "Text",
    "Url",
]


class Part(BaseModel):
    """Base of everything in a submission: nothing unknown, and no type taken for another."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _one_of_them(value: object, check: ValidatorFunctionWrapHandler) -> object:
    """Say once that a value is none of several types, not once for each of them."""
    try:
        return check(value)
    except ValidationError as error:
        raise PydanticCustomError(
            "scalar", "Input should be a number, a short text, true or false"
        ) from error


Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@+-]*$", max_length=120)]
RunId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*$", max_length=240)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Line = Annotated[str, StringConstraints(max_length=400)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Url = Annotated[
    str,
    StringConstraints(
        pattern=r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~:/?#\[\]@!$&()*+,;=%-]*)?$",
        max_length=500,
    ),
]
Number = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=10_000_000)]
Amount = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
Large = Annotated[int, Field(ge=0, le=2**60)]
Share = Annotated[float, Field(ge=0, le=1)]
Scalar = Annotated[
    bool | Annotated[int, Field(ge=-(2**53), le=2**53)] | Number | Line, WrapValidator(_one_of_them)
]
