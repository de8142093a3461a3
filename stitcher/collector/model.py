"""A pipeline: connectors, normalizer, rules, filters, enrichments, destinations.

    kind: pipeline
    id: audit-to-two
    description: Everything to the database, denials to the SIEM as well
    connectors:
      - from: tcp://0.0.0.0:6514
    normalizer: audit
    aggregation: [audit]
    filters:
      - name: no cron
        drop: {field: records.SYSCALL.fields.exe, op: "=", value: /usr/sbin/cron}
    enrichments:
      - {type: constant, target: site, value: plant 7}
    destinations:
      - name: storage
        to: sqlite:events.db
      - name: siem
        to: tcp://127.0.0.1:5140
        schema: kuma
        when: {field: records.SYSCALL.fields.success, op: "=", value: "no"}

docs/pipelines.md has every key.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from stitcher.config import Model, Resource, checked, fault
from stitcher.config.condition import When
from stitcher.connectors._place import place_of
from stitcher.destinations import make_destination
from stitcher.enrichments import AnyEnrichment
from stitcher.errors import ConfigError


def _some_keys(given: Any) -> Any:
    if not given:
        raise fault("the dictionary is empty; nothing is in it")
    return given


#: keys, each with whatever is said of it; or keys alone
Dictionary = Annotated[tuple[str, ...] | dict[str, Any], AfterValidator(_some_keys)]

#: what a destination, a filter or a connector is called in counters and messages
Name = Annotated[str, Field(min_length=1, max_length=128)]


def _destination(to: str) -> None:
    """Raises ConfigError where it names none; port 0 is for what leads back, which finds its port itself."""
    try:
        make_destination(f"{to}1" if to.endswith(":0") else to, _say)
    except ConfigError as cause:
        raise ConfigError(str(cause).removeprefix("--to ")) from cause


def _say(line: str) -> None:
    """A destination that is only looked at has nothing to say."""
    del line


class Connector(Model):
    """Where lines come from."""

    source: Annotated[str, AfterValidator(checked(place_of))] = Field(
        alias="from", description="stdin, file:PATH, tcp://HOST:PORT, udp://HOST:PORT or unix:PATH"
    )
    name: Name | None = Field(default=None, description="what it is called in messages; else as `from` says")


class Filter(Model):
    """Which events go on: `keep` those that the condition holds for, or `drop` them."""

    name: Name = Field(description="what the counter of dropped events is called")
    keep: When | None = Field(default=None, description="events for which this does not hold are dropped")
    drop: When | None = Field(default=None, description="events for which this holds are dropped")
    on: Literal["originals", "events"] = Field(
        default="events", description="what it looks at: originals in front of the aggregation, or events behind it"
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.keep is None) == (self.drop is None):
            raise fault("a filter has either 'keep' or 'drop': which events go on, or which do not")
        return self


class Destination(Model):
    """Where events go, which of them, and in whose words."""

    name: Name = Field(description="what it is called in messages")
    to: Annotated[str, AfterValidator(checked(_destination))] = Field(
        description="stdout, file:PATH, tcp://HOST:PORT, udp://HOST:PORT, sqlite[:PATH] or discard"
    )
    when: When | None = Field(default=None, description="it takes events for which this holds; else every event")
    words: str = Field(
        default="audit", alias="schema", description="audit, ecs, ocsf, kuma, laurel, or the path of a mapping"
    )
    form: Literal["json", "text", "syslog", "cef", "csv"] = Field(
        default="json", alias="format", description="how an event is written"
    )
    loop: bool = Field(
        default=False,
        description="it leads back to a connector of this pipeline: it takes Type=2 events of lap 1 and nothing else",
    )


def _some(given: tuple[Any, ...]) -> tuple[Any, ...]:
    if not given:
        raise fault("the list is empty; name one, or leave the key out")
    return given


class Pipeline(Resource):
    """A collector."""

    kind: Literal["pipeline"] = Field(description="what this document is")
    connectors: Annotated[tuple[Connector, ...], AfterValidator(_some)] = Field(
        default=(Connector.model_validate({"from": "stdin"}),),
        description="where lines come from; connectors that listen and such as end do not go together",
    )
    normalizer: str = Field(description="what reads lines: the id of a normalizer")
    aggregation: tuple[str, ...] = Field(
        default=(), description="ids of aggregation rules; the first whose filter holds takes an event"
    )
    loop: Literal["memory", "none"] = Field(
        default="memory",
        description="where Type=2 events go: through the normalizer again, or to the destinations as they are",
    )
    dictionaries: dict[str, Dictionary] = Field(
        default_factory=dict, description="what inDictionary and inTable ask: name -> keys, or key -> row"
    )
    filters: tuple[Filter, ...] = Field(default=(), description="which events go on")
    enrichments: tuple[AnyEnrichment, ...] = Field(default=(), description="what is added to events, in this order")
    keep_raw: bool = Field(
        default=False, description="decoded events of audit have their records as they came: key raw"
    )
    summarize: bool = Field(default=False, description="decoded events of audit say what happened: key summary")
    destinations: Annotated[tuple[Destination, ...], AfterValidator(_some)] = Field(
        default=(Destination.model_validate({"name": "storage", "to": "sqlite"}),),
        description="where events go; the database that `stitcher search` reads, unless something else is said",
    )
