"""`python -m crmsync_practice serve …`: the practice CRM without the rest of crmsync."""

from crmsync_practice.command import practice

practice(prog_name="python -m crmsync_practice")
