"""`stitcher list`, `show` and `schema`: which resources there are, what one holds, and what its kind may hold."""

import json
from pathlib import Path

import click

from stitcher.errors import ConfigError


@click.command("list", short_help="List resources: what there is, and where it comes from.")
@click.argument("kind", required=False, metavar="[KIND]")
@click.option("--resources", "folders", multiple=True, metavar="FOLDER", help="Look here, too, and first.")
@click.option("--json", "as_json", is_flag=True, help="One JSON line for each.")
def list(kind: str | None, folders: tuple[str, ...], as_json: bool) -> int:  # noqa: A001
    """List pipelines, normalizers, aggregation rules and the rest, with where each comes from and what it hides.

    Folders are looked through in this order: --resources, $STITCHER_RESOURCES, what came with stitcher.  The first of
    a kind and id counts.

    \b
    Example:
      stitcher list
      stitcher list pipeline
    """
    import os

    from stitcher.collector import Library
    from stitcher.collector._library import folders_of
    from stitcher.config import unknown

    library = Library(folders_of(map(Path, folders), os.environ))
    found = [one for one in library.entries.values() if kind in (None, one.kind)]
    if not found:
        raise ConfigError(unknown("kind of resource", str(kind), {one.kind for one in library.entries.values()}))
    for one in sorted(found, key=lambda one: (one.kind, one.id)):
        hidden = [other.origin for other in one.shadows]
        if as_json:
            row = {"kind": one.kind, "id": one.id, "description": one.description, "file": one.origin, "hides": hidden}
            click.echo(json.dumps(row))
        else:
            behind = f"  (hides {', '.join(hidden)})" if hidden else ""
            click.echo(f"{one.kind:<12} {one.id:<20} {one.origin}{behind}\n{'':<12} {'':<20} {one.description}")
    return 0


@click.command(short_help="Show a resource as it was written.")
@click.argument("kind", metavar="KIND")
@click.argument("name", metavar="ID")
@click.option("--resources", "folders", multiple=True, metavar="FOLDER", help="Look here, too, and first.")
def show(kind: str, name: str, folders: tuple[str, ...]) -> int:
    """Show a resource as it was written, comments and all: the start of one of your own.

    \b
    Example:
      stitcher show pipeline audit > pipeline.yaml
      stitcher show aggregation audit
    """
    import os

    from stitcher.collector import Library
    from stitcher.collector._library import folders_of
    from stitcher.config import unknown

    library = Library(folders_of(map(Path, folders), os.environ))
    entry = library.entries.get((kind, name))
    if entry is None:
        kinds = sorted({one.kind for one in library.entries.values()})
        what = unknown(kind, name, library.ids(kind)) if kind in kinds else unknown("kind of resource", kind, kinds)
        raise ConfigError(what)
    click.echo(entry.path.read_text("utf-8"), nl=False)
    return 0


@click.command(short_help="Write the JSON Schema of resources, for editors.")
@click.argument("kind", required=False, metavar="[KIND]")
def schema(kind: str | None) -> int:
    """Write the JSON Schema of pipelines, normalizers and aggregation rules, or of one KIND.

    An editor that knows YAML and JSON Schema completes keys with it and marks faults while one types.

    \b
    Example:
      stitcher schema > stitcher.schema.json
      stitcher schema pipeline
    """
    from stitcher.collector import json_schema

    click.echo(json.dumps(json_schema(kind), indent=2))
    return 0
