"""The schemas of answers as they were written when this version was made: to print one, no model is built."""

from __future__ import annotations

from crmsync.operations.files.shipped_schemas import shipped_file


def shipped_answer_schema(name: str) -> str:
    """The schema of one answer as a file holds it. An installation without them makes it anew."""
    shipped = shipped_file(f"answers/{name}")
    if shipped is not None:
        return shipped
    from crmsync.showing.answers.every import answer_text

    return answer_text(name)
