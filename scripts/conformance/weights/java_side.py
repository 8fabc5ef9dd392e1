"""Runs the project's own side of a check: the class WeightsConformance among diffusion's tests."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


@cache
def class_path() -> str:
    """The module compiled, tests too, with what it needs."""
    out = ROOT / "diffusion/target/conformance.classpath"
    subprocess.run(["mvn", "-q", "-pl", "diffusion", "test-compile", "dependency:build-classpath",
                    f"-Dmdep.outputFile={out}"], cwd=ROOT, check=True)
    target = ROOT / "diffusion/target"
    return f"{target / 'classes'}:{target / 'test-classes'}:{out.read_text().strip()}"


def run(*arguments: object, memory: str = "512m") -> str:
    """The command's output; raises with its messages when it fails."""
    command = ["java", f"-Xmx{memory}", "-XX:+UseSerialGC", "-cp", class_path(),
               "atelier.diffusion.weights.WeightsConformance", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{arguments[0]}: {done.stderr[-3000:]}")
    return done.stdout
