"""What all tests share: both kernels by one fixture, and `--update-golden`."""

from importlib import import_module
from typing import Any

import pytest
from hypothesis import settings

#: a busy machine is no reason for a red test
settings.register_profile("house", deadline=None)
settings.load_profile("house")


def _kernels() -> list[Any]:
    """Each kernel that can be imported; the compiled one says that it is missing where it was not built."""
    params = [pytest.param("_reference", id="reference")]
    try:
        import_module("stitcher.kernel._compiled")
        params.append(pytest.param("_compiled", id="compiled"))
    except ImportError:
        missing = pytest.mark.skip(reason="the compiled kernel is not built: python setup.py build_ext --inplace")
        params.append(pytest.param("_compiled", id="compiled", marks=missing))
    return params


@pytest.fixture(params=_kernels())
def kernel(request: pytest.FixtureRequest) -> Any:
    """A kernel module: Joiner, render, aggregate."""
    return import_module(f"stitcher.kernel.{request.param}")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write what is, for a look at the difference")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))
