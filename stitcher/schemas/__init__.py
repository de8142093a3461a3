"""The values of an event's paths in, the event in the words of another schema out: by the mappings of normalizers/.

    schema_of("ecs")          a shipped mapping, or one's own by the path of its file
    .reads                    the paths of an event that the mapping looks at (kernel._paths)
    .lines(rows, raws)        the documents of some events, from their values and from the records as they came

    .wants_raw                True where it is made of the records as they came, as laurel's form is
    .head                     what stands above the first line: the names of the columns, of CSV
    .counts()                 what did not fit its field

    FlatSchema(name, form)    the same for flat events, which need no mapping: .lines(events)

docs/schemas.md has the schemas, and how a mapping is written.
"""

from stitcher.schemas._fields import read_table
from stitcher.schemas._flat import FlatFault, FlatSchema, flat_fault
from stitcher.schemas._laurel import Laurel
from stitcher.schemas._laurel_table import read_laurel
from stitcher.schemas._lines import read_cef_keys
from stitcher.schemas._schema import FORMS, SHIPPED, Schema, schema_of
from stitcher.schemas._syslog import syslog_header

__all__ = [
    "FORMS",
    "SHIPPED",
    "FlatFault",
    "FlatSchema",
    "Laurel",
    "Schema",
    "flat_fault",
    "read_cef_keys",
    "read_laurel",
    "read_table",
    "schema_of",
    "syslog_header",
]
