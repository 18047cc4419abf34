"""Base of what is checked at a border and stays there: rows, answers of a service, reports."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """A pydantic model: frozen, unknown fields refused. What plans are made of derives from `wire.Wire` instead."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True, ser_json_inf_nan="null"
    )
