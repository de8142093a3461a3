"""What a rule answers goes into the line before its last bracket, in both kernels alike."""

from typing import Any

import pytest

from stitcher.event import Envelope, Group

GROUPS = [
    Group(1, 0, serial, b"", "single", False, 1, Envelope(), b"type=USER msg=audit(1.000:1): a=1")
    for serial in (1, 2, 3)
]


def test_an_addition_stands_before_the_last_bracket_and_none_drops_the_line(kernel: Any) -> None:
    rendered = kernel.render(GROUPS, ("serial",))
    first, second, third = rendered.data.splitlines(keepends=True)
    assert kernel.splice(rendered, [b'"who":"x"}\n', None, b""]) == first[:-2] + b',"who":"x"}\n' + third
    assert kernel.splice(rendered, [b"", b"", b""]) == rendered.data
    assert kernel.splice(rendered, [None, None, None]) == b""
    assert second in rendered.data


def test_as_many_additions_as_lines_are_wanted(kernel: Any) -> None:
    with pytest.raises(ValueError):
        kernel.splice(kernel.render(GROUPS, ("serial",)), [b""])
