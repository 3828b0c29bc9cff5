"""The tree of commands."""

from __future__ import annotations

from typing import Annotated

import typer

from netlet.cli import (
    check,
    class_,
    compare,
    data,
    evaluate,
    export,
    import_,
    lab,
    look,
    predict,
    runs,
    search,
    summary,
    train,
    web,
)

app = typer.Typer(
    name="netlet",
    help="A laboratory for small neural networks: trained in tenths of a second, many seeds at once.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        from netlet import __version__

        typer.echo(f"netlet {__version__}")
        raise typer.Exit


@app.callback()
def _netlet(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    pass


app.command("train")(train.train)
app.command("search")(search.search)
app.command("compare")(compare.compare)
app.command("look")(look.look)
app.command("predict")(predict.predict)
app.command("evaluate")(evaluate.evaluate)
app.command("export")(export.export)
app.command("import")(import_.import_)
app.command("lab")(lab.lab)
app.command("check")(check.check)
app.command("summary")(summary.summary)
app.command("web")(web.web)
app.add_typer(class_.app, name="class")
app.add_typer(data.app, name="data")
app.add_typer(runs.app, name="runs")
