"""`python -m crmsync.practice serve …`: the practice CRM without the rest of crmsync."""

from crmsync.practice.command import practice

practice(prog_name="python -m crmsync.practice")
