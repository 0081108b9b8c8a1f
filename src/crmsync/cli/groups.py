"""Groups of commands that name the command which was probably meant."""

from __future__ import annotations

import click


class SuggestingGroup(click.Group):
    """A group that tells the closest of its commands for a name that it does not have."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with our words for an unknown name."""
        name = str(args[0])
        if not name.startswith("-") and not ctx.resilient_parsing and self.get_command(ctx, name) is None:
            raise click.UsageError(f"No such command '{name}'.{suggestion(name, self.list_commands(ctx))}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Each command's whole first sentence: click cuts them at the width of a line."""
        commands = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, each.get_short_help_str(limit=400)) for name, each in commands.items() if each]
            )


def suggestion(word: str, known: list[str]) -> str:
    """A sentence such as " Did you mean 'run'?", or nothing where no name is near."""
    import difflib

    near = difflib.get_close_matches(word, known, n=1)
    return f" Did you mean '{near[0]}'?" if near else ""
