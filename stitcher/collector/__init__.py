"""A pipeline's file in, a collector that can run out; and what checks, lists and shows resources.

model.py       what a pipeline may hold
_library.py    finds resources by kind and id
_build.py      model to plan, with the faults that only the whole can show
_rest.py       the same of a pipeline that has faults of its own
_words.py      whether destinations can say the events that reach them
_check.py      every file's faults and examples
"""

import os
from collections.abc import Iterable
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from stitcher.collector._build import Loaded, build_pipeline
from stitcher.collector._check import Checked, check
from stitcher.collector._library import FOLDERS, Entry, Library, entries_of, folders_of
from stitcher.collector._rest import check_rest
from stitcher.collector.model import Pipeline
from stitcher.config import Faults, kinds, quote, read_all, unknown
from stitcher.errors import ConfigError
from stitcher.yamlfile import load_all

__all__ = [
    "FOLDERS",
    "Checked",
    "Entry",
    "Library",
    "Loaded",
    "Pipeline",
    "check",
    "entries_of",
    "json_schema",
    "library_of",
    "load_pipeline",
]


def load_pipeline(name: str, folders: Iterable[Path] = ()) -> Loaded:
    """The pipeline of a file, or the one of that id; raises FaultyConfigError, or ConfigError where there is none."""
    library, wanted = library_of(name, folders)
    faults = Faults()
    read = library.find("pipeline", wanted, faults) if wanted else None
    if read is None:
        _check_broken(library, wanted, faults)
        faults.end()
        raise ConfigError(f"{name}: {unknown('pipeline', wanted, library.ids('pipeline'))}")
    loaded = build_pipeline(read, library, faults)
    faults.end()
    assert loaded is not None, "a pipeline without faults can be built"
    return loaded


def _check_broken(library: Library, wanted: str, faults: Faults) -> None:
    """A pipeline that cannot be read as a whole: what it names is looked for all the same."""
    entry = library.entries.get(("pipeline", wanted))
    if entry is not None:
        for document in load_all(entry.path).documents:
            check_rest(document, library, faults)


def library_of(name: str, folders: Iterable[Path] = ()) -> tuple[Library, str]:
    """Where a pipeline's resources are sought, and the id of the pipeline: `name` is a file, or an id."""
    sought = folders_of(folders, os.environ)
    if not name.endswith((".yaml", ".yml")) and os.sep not in name:
        return Library(sought), name
    path = Path(name)
    if path.is_dir():
        raise ConfigError(f"{name}: is a folder; write the path of a pipeline in it")
    if not path.is_file():
        raise ConfigError(f"{name}: no such file; write the path of a pipeline, or the id of a shipped one")
    ids = [one.id for one in entries_of(path) if one.kind == "pipeline"]
    if not ids:
        # its faults say what it is instead
        read_all(path)
        raise ConfigError(f"{name}: no pipeline in it; one begins with 'kind: pipeline'")
    if len(ids) > 1:
        what = f"{len(ids)} pipelines in it, {', '.join(map(quote, ids))}; a file that is run has one"
        raise ConfigError(f"{name}: {what}: give each a file of its own")
    if not ids[0]:
        # a file that breaks off, or forgets it
        read_all(path)
    return Library([path.absolute().parent, *sought], [path]), ids[0]


def json_schema(kind: str | None = None) -> dict[str, Any]:
    """The JSON Schema of one kind of document, or of any; raises ConfigError for a kind that is none."""
    models = kinds()
    if kind is not None and kind not in models:
        raise ConfigError(unknown("kind", kind, models))
    wanted = [models[kind]] if kind else [models[name] for name in sorted(models)]
    every: Any = Annotated[reduce(or_, wanted), Field(discriminator="kind")] if len(wanted) > 1 else wanted[0]
    found = TypeAdapter(every).json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "stitcher", **found}
