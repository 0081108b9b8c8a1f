"""Answers for eyes: tables, HTML, Markdown, CSV."""
