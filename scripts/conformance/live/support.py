"""What the live checks share: temporary folders, calls of the Java side, relative errors, rows of results."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(HERE), str(HERE.parent / "golden")]
THREADS = int(os.environ.get("ATELIER_THREADS", os.cpu_count() or 1))
LAUNCHER = os.environ.get("ATELIER_COMMAND", str(ROOT / "scripts/atelier"))
# What the launcher sets for the product, and what serves the peers best.
LAUNCHED = dict(re.findall(r"^export ((?:MALLOC|GLIBC)\w+)=\$\{\w+:-(.+)\}$", (ROOT / "scripts/atelier").read_text(), re.M))
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": "1073741824", "MALLOC_TRIM_THRESHOLD_": "4294967296", "MALLOC_TOP_PAD_": "268435456"}


def row(figure, bar, measured, holds):
    """One line of the table, printed for the caller; holds is true, false, or None where there is no bar."""
    print("ROW " + json.dumps({"figure": figure, "bar": bar, "measured": measured, "holds": holds}), flush=True)


def relative(measured, reference):
    """Largest absolute difference over the largest absolute value of the reference."""
    difference = (measured.double() - reference.double()).abs().max().item()
    return difference / reference.double().abs().max().item()


def deviation(measured, reference):
    """Root mean square of the difference over that of the reference."""
    return ((measured.double() - reference.double()).square().mean() / reference.double().square().mean()).sqrt().item()


@contextmanager
def workspace(name):
    folder = Path(tempfile.mkdtemp(prefix=f"atelier-{name}-", dir=os.environ.get("ATELIER_SCRATCH")))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def classpath(module="diffusion"):
    """Compiles the module with its tests, once in a process, and returns its test class path.

    ATELIER_COMPILED names modules that are compiled already; ATELIER_CLASSPATH, where set, is taken as it is.
    """
    if os.environ.get("ATELIER_CLASSPATH"):
        return os.environ["ATELIER_CLASSPATH"]
    listing = ROOT / module / "target/conformance.classpath"
    compiled = os.environ.get("ATELIER_COMPILED", "").split(",")
    if module not in compiled:
        maven = ["mvn", "-q", "-B", *(["-o"] if os.environ.get("ATELIER_OFFLINE") else []), "-pl", module, "-am", "-DskipTests", "test-compile"]
        subprocess.run([*maven, "dependency:build-classpath", f"-Dmdep.outputFile=${{project.build.directory}}/{listing.name}", "-DincludeScope=test"],
                       cwd=ROOT, check=True, stdout=sys.stderr)
        os.environ["ATELIER_COMPILED"] = ",".join([*compiled, module])
    target = ROOT / module / "target"
    return os.pathsep.join([str(target / "test-classes"), str(target / "classes"), *map(str, ROOT.glob("*/target/classes")), listing.read_text().strip()])


def java(main, module="diffusion", **options):
    """Runs a main class of the module's test tree with key=value arguments; its last line of output is JSON or empty."""
    command = ["java", "-cp", classpath(module), "-XX:+UseSerialGC", "-Xmn16m", "-Xmx3g", f"-Datelier.root={ROOT}", main, *[f"{k}={v}" for k, v in options.items()]]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **LAUNCHED, "OMP_NUM_THREADS": str(THREADS)}, text=True, capture_output=True)
    if done.returncode:
        raise SystemExit(f"{main} ended with {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    lines = done.stdout.strip().splitlines()
    return json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}
