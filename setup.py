"""What pyproject.toml cannot say: the kernel to compile, and the two resource folders of the top level.

`normalizers/` and `rules/` are mapped to packages, so that a wheel, an editable install and a checkout all have them.
The kernel is optional: without a C compiler the install succeeds and the reference kernel runs.
"""

from pathlib import Path

from setuptools import Extension, find_packages, setup

RESOURCES = ("normalizers", "rules")

setup(
    packages=find_packages(include=["stitcher", "stitcher.*"]) + [f"stitcher._shipped.{name}" for name in RESOURCES],
    package_dir={f"stitcher._shipped.{name}": name for name in RESOURCES},
    package_data={f"stitcher._shipped.{name}": ["*.yaml"] for name in RESOURCES}
    | {"stitcher": ["py.typed"], "stitcher.kernel": ["*.pyi"]},
    exclude_package_data={"": ["*.c", "*.pyx", "*.pxi", "*.h"]},
    ext_modules=[
        Extension(
            "stitcher.kernel._compiled",
            ["stitcher/kernel/_compiled.pyx"],
            depends=sorted(str(path) for path in Path("stitcher/kernel").glob("*") if path.suffix in (".pxi", ".h")),
            extra_compile_args=["-O3"],
            optional=True,
        )
    ],
)
