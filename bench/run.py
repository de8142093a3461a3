#!/usr/bin/env python3
"""Time stitcher on this machine and say whether what it wrote was right.

    python3 bench/run.py [LOG] [--lines N] [--kernel compiled|reference|both] [--rounds N] [--markdown]
    python3 bench/run.py --before PYTHON        the full job with an older stitcher, too: the one that this Python has

Without LOG, logs are made: from the recorded corpus beside the checkout where there is one, else from samples/ (see
bench/corpus.py).  Every job reads its log on stdin and writes a file; figures are user and system CPU seconds of the
whole process, start-up included, and its peak memory, from wait4(2).  A round runs every job once; the figure is the
median of the rounds, a ratio is the median of the ratios inside each round, so a slow minute of the machine touches
both sides of it.  What the first round wrote is compared with the log by bench/check.py, in a process of its own: a
child begins with the peak memory of its parent, which therefore stays small.
"""

import argparse
import importlib.util
import os
import platform
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
RECORDED = ROOT.parent / "shared" / "bench" / "make_corpus.py"
#: -P: the stitcher that is installed, not the one of the current directory
PYTHON = (sys.executable, "-P")
FILTER = (*PYTHON, "-m", "stitcher", "filter")
#: the reference kernel reads this part of the lines: it takes its time
REFERENCE_PART = 10


class Job(NamedTuple):
    """One row of the table: what runs, on which log, and how its output is checked."""

    name: str
    log: str
    command: tuple[str, ...] = FILTER
    kind: str = "events"
    kernel: str = "compiled"


class Run(NamedTuple):
    """What one process took."""

    cpu: float
    wall: float
    peak: float


JOBS = (
    Job("full job", "plain"),
    Job("full job, a quarter of the log", "quarter"),
    Job("--emit aggregated", "plain", (*FILTER, "--emit", "aggregated"), "aggregated"),
    Job("full job, long command lines", "long"),
    Job("full job, 50,000 events held open", "open"),
    Job("Python rule for every event", "plain", (*PYTHON, str(HERE / "rule_job.py")), "rule"),
    Job("--keep-raw", "plain", (*FILTER, "--keep-raw")),
    Job("--summarize", "plain", (*FILTER, "--summarize")),
)
BEFORE = "full job, before"
#: which jobs are compared with the full job, in lines a second
COMPARED = {BEFORE, *(job.name for job in JOBS if job.log != "quarter")}
#: log -> what both corpus makers are asked for beside the number of lines
LOGS: Mapping[str, tuple[str, ...]] = {
    "plain": (),
    "quarter": (),
    "long": ("--long-argv",),
    "open": ("--open", "50000"),
    "reference": (),
}


def environment(kernel: str) -> dict[str, str]:
    """The children's environment: the kernel, and the checkout where stitcher is not installed."""
    own = os.environ | {"STITCHER_KERNEL": kernel}
    if importlib.util.find_spec("stitcher") is None:
        own["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), own.get("PYTHONPATH", ""))))
    return own


def make_logs(folder: Path, lines: int, wanted: set[str], recorded: bool) -> None:
    maker = RECORDED if recorded else HERE / "corpus.py"
    parts = {"quarter": 4, "reference": REFERENCE_PART}
    for name in sorted(wanted):
        count = str(max(lines // parts.get(name, 1), 1))
        command = [sys.executable, str(maker), count, str(folder / name), *LOGS[name]]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def run(command: tuple[str, ...], log: Path, output: Path, kernel: str) -> Run:
    """One process from start to end; an exit code other than 0 ends the benchmark."""
    with log.open("rb") as source, output.open("wb") as sink:
        start = time.monotonic()
        process = subprocess.Popen(command, stdin=source, stdout=sink, env=environment(kernel))
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{shlex.join(command)}: exit code {process.returncode}")
    return Run(usage.ru_utime + usage.ru_stime, time.monotonic() - start, usage.ru_maxrss / 1024)


def check(job: Job, log: Path, output: Path) -> str:
    command = [sys.executable, str(HERE / "check.py"), str(log), str(output), "--kind", job.kind]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip() or "WRONG: the check itself failed"


def measure(jobs: list[Job], folder: Path, rounds: int) -> tuple[dict[str, list[Run]], dict[str, str]]:
    runs: dict[str, list[Run]] = {job.name: [] for job in jobs}
    verdicts: dict[str, str] = {}
    output = folder / "output"
    for number in range(rounds):
        for job in jobs:
            runs[job.name].append(run(job.command, folder / job.log, output, job.kernel))
            if number == 0:
                verdicts[job.name] = check(job, folder / job.log, output)
            output.unlink()
    return runs, verdicts


def count_lines(log: Path) -> int:
    with log.open("rb") as source:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: source.read(1 << 20), b""))


def rows(jobs: list[Job], folder: Path, runs: dict[str, list[Run]], verdicts: dict[str, str]) -> list[tuple[str, ...]]:
    first = jobs[0]
    counted = {job.log: count_lines(folder / job.log) for job in jobs}
    table: list[tuple[str, ...]] = []
    for job in jobs:
        lines, size = counted[job.log], (folder / job.log).stat().st_size
        cpu = statistics.median(one.cpu for one in runs[job.name])
        ratios = (
            (lines / own.cpu) / (counted[first.log] / base.cpu)
            for own, base in zip(runs[job.name], runs[first.name], strict=True)
        )
        ratio = f"{statistics.median(ratios):.2f}" if job.name in COMPARED else ""
        peak = max(one.peak for one in runs[job.name])
        table.append(
            (job.name, job.kernel, f"{lines:,}", f"{size / 1e6:.0f}", f"{cpu:.2f}", f"{lines / cpu / 1e6:.3f}",
             f"{size / cpu / 1e6:.0f}", f"{peak:.0f}", ratio, verdicts[job.name])
        )  # fmt: skip
    return table


HEAD = ("job", "kernel", "lines", "MB", "CPU s", "M lines/s", "MB/s", "peak MB", "of the first", "output")


def print_table(table: list[tuple[str, ...]], markdown: bool) -> None:
    if markdown:
        print("| " + " | ".join(HEAD) + " |")
        print("|---|---|" + "---:|" * 7 + "---|")
        for row in table:
            print("| " + " | ".join(row) + " |")
        return
    widths = [max(len(row[column]) for row in (HEAD, *table)) for column in range(len(HEAD))]
    for row in (HEAD, *table):
        cells = (cell.ljust(width) if at in (0, 1, 9) else cell.rjust(width) for at, (cell, width) in
                 enumerate(zip(row, widths, strict=True)))  # fmt: skip
        print("  ".join(cells).rstrip())


def version(kernel: str) -> tuple[str, float, float]:
    """What `stitcher --version` prints; its CPU and wall-clock seconds, median of 5."""
    command = (*PYTHON, "-m", "stitcher", "--version")
    text = subprocess.run(command, env=environment(kernel), capture_output=True, text=True, check=True).stdout.strip()
    with tempfile.TemporaryDirectory() as folder:
        runs = [run(command, Path(os.devnull), Path(folder) / "output", kernel) for _ in range(5)]
    return text, statistics.median(one.cpu for one in runs), statistics.median(one.wall for one in runs)


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def print_head(args: argparse.Namespace, kernels: list[str]) -> None:
    mark = "- " if args.markdown else ""
    load = os.getloadavg()[0]
    print(f"{mark}command: python3 bench/run.py {shlex.join(sys.argv[1:])}".rstrip())
    print(f"{mark}date: {time.strftime('%Y-%m-%d')}, machine: {processor()}, {os.cpu_count()} cores, load {load:.1f}, "
          f"Linux {platform.release()}, Python {platform.python_version()}")  # fmt: skip
    for kernel in kernels:
        text, cpu, wall = version(kernel)
        print(f"{mark}{text}: `stitcher --version` takes {wall:.3f} s ({cpu:.3f} s CPU)")
    print(f"{mark}log: {args.log or ('recorded' if args.recorded else 'made from samples/')}, {args.rounds} rounds\n")


def has_compiled() -> bool:
    command = (*PYTHON, "-c", "import stitcher.kernel")
    return subprocess.run(command, env=environment("compiled"), stderr=subprocess.DEVNULL).returncode == 0


def choose(kernel: str) -> tuple[list[str], list[Job]]:
    """Kernels and jobs: with both, the whole table is the compiled kernel's, and one row the reference's."""
    main_kernel = "reference" if kernel == "reference" or (kernel == "" and not has_compiled()) else "compiled"
    jobs = [job._replace(kernel=main_kernel) for job in JOBS]
    if main_kernel == "reference" or kernel == "compiled":
        return [main_kernel], jobs
    return ["compiled", "reference"], [*jobs, Job("full job, reference kernel", "reference", kernel="reference")]


def arguments() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument(
        "log", nargs="?", type=Path, help="a log of bare or node= lines to take in place of a made one"
    )
    options.add_argument("--lines", type=int, help="default: 1000000, with the reference kernel alone 100000")
    options.add_argument("--kernel", choices=("compiled", "reference", "both"), default="", help="default: both")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--before", metavar="PYTHON", help="a Python with an older stitcher, to compare with")
    options.add_argument("--samples", action="store_true", help="make the logs from samples/ in any case")
    options.add_argument("--markdown", action="store_true", help="print a table for docs/measurements.md")
    options.add_argument("--directory", type=Path, help="for the logs, 2 GB of them; default: /dev/shm, else /tmp")
    return options.parse_args()


def main() -> None:
    args = arguments()
    kernels, jobs = choose(args.kernel)
    if args.before:
        jobs.insert(1, Job(BEFORE, "plain", (args.before, "-P", "-m", "stitcher", "filter"), kernel=kernels[0]))
    args.recorded = RECORDED.exists() and not args.samples
    lines = args.lines or (1_000_000 if kernels[0] == "compiled" else 100_000)
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=args.directory or (memory if memory.is_dir() else None)) as name:
        folder = Path(name)
        if args.log:
            jobs = [job for job in jobs if job.log in ("plain", "reference")]
            for log in {job.log for job in jobs}:
                (folder / log).symlink_to(args.log.resolve())
        else:
            make_logs(folder, lines, {job.log for job in jobs}, args.recorded)
        print_head(args, kernels)
        runs, verdicts = measure(jobs, folder, args.rounds)
        print_table(rows(jobs, folder, runs, verdicts), args.markdown)
    raise SystemExit(any(verdict.startswith("WRONG") for verdict in verdicts.values()))


if __name__ == "__main__":
    main()
