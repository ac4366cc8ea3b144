"""
The record: results that are kept, with the commit that they are of.
"""

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from bench.results import Results, from_json

CHECKOUT = Path(__file__).resolve().parent.parent
RESULTS = CHECKOUT / "bench" / "results"
UNKNOWN = "unknown"
MEASURED = ("revproxy", "twisted", "bench", "setup.cfg")
"""
What a commit must have in common with the checkout for results to be its own.
"""


def about(seconds: int, runs: int, quick: bool) -> dict[str, object]:
    """
    Say when, where and how results were measured.

    @param seconds: how long each load was measured.
    @param runs: how often.
    @param quick: whether loads were smaller than usual.
    """
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "dirty": is_dirty(),
        "seconds": seconds,
        "runs": runs,
        "quick": quick,
        "kernel": platform.release(),
        "python": platform.python_version(),
        "processor": _processor(),
        "cores": os.cpu_count(),
    }


def commit() -> str:
    """
    Name the commit that is checked out.
    """
    return _git("rev-parse", "--short", "HEAD").strip() or UNKNOWN


def is_dirty() -> bool:
    """
    Tell whether what is measured differs from the commit.
    """
    return bool(_git("status", "--porcelain", "--untracked-files=no", "--", *MEASURED))


def save(results: Results, directory: Path = RESULTS) -> Path:
    """
    Add results to the record.

    @return: the file.
    """
    date, mark = str(results.about["date"])[:10], "-dirty" if results.about["dirty"] else ""
    path = directory / f"{date}-{results.about['commit']}{mark}.json"
    directory.mkdir(exist_ok=True)
    write(results, path)
    return path


def write(results: Results, path: Path) -> None:
    """
    Write results as JSON.
    """
    path.write_text(json.dumps(results.as_json(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def newest(directory: Path = RESULTS) -> Results | None:
    """
    Read the latest results of the record, or give L{None} if there are none.
    """
    kept = [from_json(json.loads(path.read_text(encoding="utf-8"))) for path in directory.glob("*.json")]
    return max(kept, key=lambda results: str(results.about["date"]), default=None)


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=CHECKOUT, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout


def _processor() -> str:
    with open("/proc/cpuinfo") as lines:
        models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()
