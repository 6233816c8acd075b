"""The JSON Schema of `submission.json`, made from the models."""

from __future__ import annotations

from bench.board.submissions.models import Content
from bench.core.jsonio import dumps_pretty

__all__ = ["schema_text"]


def schema_text() -> str:
    """Return the schema that ships as `submissions/submission.schema.json`."""
    schema = Content.model_json_schema()
    about = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "submission.json of avss-bench",
    }
    return dumps_pretty({**schema, **about})
