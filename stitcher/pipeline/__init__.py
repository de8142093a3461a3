"""The corridor: bytes in, events out.

    Corridor   a plan at work: what each destination gets of the bytes that came
    Plan       what a pipeline does, checked: normalizer, rules, filters, enrichments, outlets
    Stitcher   a Corridor with one outlet: what programs use
    Rule       what a program answers to fields of an event, and DROP
    records    the records of an event as they came

_corridor.py is to be read from top to bottom; _kernel_road.py, _second.py and _general_road.py are the laps.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal

from stitcher.errors import ConfigError
from stitcher.event import Limits, Rejected
from stitcher.kernel._record import bytes_of
from stitcher.pipeline._corridor import Corridor, Framing
from stitcher.pipeline._dry import DryRun
from stitcher.pipeline._hearing import Hear, Heard
from stitcher.pipeline._plan import COUNTERS, Enrichment, Filter, Outlet, Output, Plan
from stitcher.pipeline._rule import DROP, Drop, Rule
from stitcher.pipeline._shipped import audit_plan

__all__ = [
    "DEFAULT_LIMITS",
    "DROP",
    "Corridor",
    "Drop",
    "DryRun",
    "Emit",
    "Enrichment",
    "Filter",
    "Framing",
    "Hear",
    "Heard",
    "Outlet",
    "Output",
    "Plan",
    "Rule",
    "Stitcher",
    "audit_plan",
    "records",
]

Emit = Literal["events", "aggregated"]

DEFAULT_LIMITS: Final = Limits()


class Stitcher:
    """One corridor with one way out: feed it chunks of any number of sources, and write what comes back.

        stitcher = Stitcher()
        out.write(stitcher.feed(chunk, now))      as chunks come, cut anywhere
        out.write(stitcher.expire(now))           at stitcher.next_deadline()
        out.write(stitcher.close())               at the end

    `now` is in seconds of any clock that does not go back.  Where there is none (a file) leave it out: events then
    close by what they hold and by distance in lines.
    """

    def __init__(
        self,
        *,
        limits: Limits = DEFAULT_LIMITS,
        emit: Emit = "events",
        rule: Rule | None = None,
        keep_raw: bool = False,
        summarize: bool = False,
        schema: str = "audit",
        form: str = "json",
        keep_rejected: bool = False,
        aggregation: str = "audit",
    ) -> None:
        """`keep_rejected` keeps lines that could not be read for `take_rejected`; `aggregation` is the rule's name.

        `keep_raw` gives each event the key `raw`, its records as they came (see `records`; a Type=2 event has them
        anyway), and `summarize` the key `summary`.  `schema` says in whose words events are written, `form` how: see
        stitcher.schemas.
        """
        _check(emit, rule, summarize, schema, form)
        plan = Plan(
            limits=limits,
            aggregation=aggregation,
            loop=emit == "events",
            keep_raw=keep_raw,
            summarize=summarize,
            outlets=(Outlet(schema=schema, form=form),),
        )
        self._corridor = Corridor(plan, rule=rule, keep_rejected=keep_rejected)

    def source(self, peer: bytes = b"", *, grace: float = 0.0, framing: Framing = "lines") -> int:
        """A number for one more source: a connection, a peer, files that belong together.  0 is there from the start.

        `peer` names the host where lines do not.  `grace` is for transports that reorder (UDP): the seconds that an
        ended event waits for records that were overtaken.  `framing` "syslog" takes octet counting, too.
        """
        return self._corridor.source(peer, grace=grace, framing=framing)

    def feed(self, data: bytes, now: float = 0.0, source: int = 0) -> bytes:
        """Events that `data` ended, as lines; mostly b"" for a little data."""
        return _joined(self._corridor.feed(data, now, source))

    def end(self, source: int) -> bytes:
        """The source has no more bytes (its connection closed): its unfinished last line is a line.

        Its open events are left to `expire`.
        """
        return _joined(self._corridor.end(source))

    def expire(self, now: float) -> bytes:
        """Events that have been silent too long."""
        return _joined(self._corridor.expire(now))

    def close(self) -> bytes:
        """The end of everything: all that is held."""
        return _joined(self._corridor.close())

    def next_deadline(self) -> float | None:
        """When `expire` will next have something to do; None while nothing is open."""
        return self._corridor.next_deadline()

    def counts(self) -> dict[str, int]:
        """What happened so far, by event.COUNTERS and _plan.COUNTERS."""
        return dict.fromkeys(COUNTERS, 0) | self._corridor.counts()

    def held(self) -> tuple[int, int]:
        """How many events are open, and the bytes of their records."""
        return self._corridor.held()

    def take_rejected(self) -> list[Rejected]:
        """Lines that could not be read, since the last call; only with `keep_rejected`."""
        return self._corridor.take_rejected()


def records(event: Mapping[str, Any]) -> list[bytes]:
    """The records of an event as they came, in the order of arrival: of one with `raw`, or of a Type=2 event.

    A record is what a line holds from `type=` on, less spaces, CR and NUL at its end (docs/library.md, "Records as they
    came").  Raises ConfigError where the event was made without `keep_raw`.
    """
    raw = event.get("raw")
    if raw is None and isinstance(event.get("Message"), str):
        return bytes_of(event["Message"]).split(b"\n")
    if not isinstance(raw, list):
        raise ConfigError("the event has no 'raw'; make it with --keep-raw or keep_raw=True")
    return [bytes_of(text) for text in raw]


def _joined(outputs: list[Output]) -> bytes:
    return outputs[0].data if len(outputs) == 1 else b"".join([output.data for output in outputs])


def _check(emit: str, rule: Rule | None, summarize: bool, schema: str, form: str) -> None:
    """Refuse what does not go together."""
    if emit not in ("events", "aggregated"):
        raise ConfigError(f"emit={emit!r}: no such output; known: events, aggregated")
    own = schema == "audit" and form in ("json", "syslog")
    if emit == "aggregated" and (rule or summarize or not own or form != "json"):
        who = "a rule" if rule else "a summary" if summarize else f"the schema '{schema}' in the format '{form}'"
        raise ConfigError(f"{who} reads events, and emit='aggregated' ends before there are any; leave one out")
    if rule and not own:
        raise ConfigError(
            f"a rule adds to events of the schema 'audit', and this one is '{schema}' in the format '{form}'"
        )
    if summarize and not own:
        raise ConfigError(f"the schema '{schema}' is made of the summary already; leave summarize out")
