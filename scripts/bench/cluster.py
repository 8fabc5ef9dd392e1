"""Verdicts on generated rows: one process, threads, worker processes; several sizes of blocks; what a row costs.

    scripts/bench/cluster [--rows N] [--others N] [--blocks N ...] [--workers N] [--keep FOLDER] [--lists N]

Makes rows of which two in a hundred are planted (every kind of verdict), lists that name what is planted and --others
addresses and digests besides, and judges them
  - in one process, without Spark (BlockBench, which also compares every verdict with what was planted),
  - with cluster.master=local[2],
  - with a cluster of worker processes on this machine.
All must give the same digest of ledger.csv. Times are CPU times of the processes; executors' memory is their VmHWM.
--lists measures a list of N keys in place of all that, 24 bytes of disk a key, searched without and with a Bloom filter in a
Java heap of 256 MB, and perceptual digests against the index of a block.
Needs scripts/atelier setup cluster, and the test classes of datasets (mvn test-compile).
"""
import argparse
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "conformance/live"))
import support  # noqa: E402

ATELIER = os.environ.get("ATELIER", str(ROOT / "scripts/atelier"))
HEADER = b"image,sha256,verdict,rule,reason,list,line,list_sha256,creator,licence,source\n"


def bench(heap, *words, main="BlockBench"):
    path = os.environ.get("ATELIER_BENCH_CLASSPATH") or support.classpath("datasets")
    command = ["java", f"-Xmx{heap}", "-XX:+UseSerialGC", "-XX:ActiveProcessorCount=1", "-cp", path,
               f"atelier.datasets.consent.{main}", *words]
    done = subprocess.run(command, text=True, capture_output=True)
    if done.returncode:
        raise SystemExit(f"{command} ended with {done.returncode}\n{done.stderr[-4000:]}")
    lines = done.stdout.strip().splitlines()
    return json.loads(lines[-1]) if lines else {}


def lists(entries, folder):
    file = folder / "large.optout"
    for part in ("write", "search", "bloom"):
        print(json.dumps({"part": part} | bench("256m", f"part={part}", f"list={file}", f"entries={entries}", main="list.LargeListBench")), flush=True)
    print(json.dumps({"part": "pdq"} | bench("1g", "part=pdq", "entries=2000000", main="list.LargeListBench")), flush=True)


def digest(out):
    whole = hashlib.sha256(HEADER)
    for part in sorted((out / "ledger").glob("part-*.csv")):
        whole.update(part.read_bytes())
    return whole.hexdigest()


class Executors(threading.Thread):
    """Notes the largest memory and the CPU time of a cluster's executors while they live."""

    def __init__(self, home):
        super().__init__(daemon=True)
        self.home = str(home).encode()
        self.peak, self.cpu, self.running = {}, {}, True

    def run(self):
        tick = os.sysconf("SC_CLK_TCK")
        while self.running:
            for proc in pathlib.Path("/proc").glob("[0-9]*"):
                try:
                    command = (proc / "cmdline").read_bytes()
                    if b"CoarseGrainedExecutorBackend" not in command or self.home not in command:
                        continue
                    status = (proc / "status").read_text()
                    peak = int(next(l for l in status.splitlines() if l.startswith("VmHWM")).split()[1]) // 1024
                    stat = (proc / "stat").read_text().rsplit(")", 1)[1].split()
                    self.peak[proc.name], self.cpu[proc.name] = peak, (int(stat[11]) + int(stat[12])) / tick
                except (OSError, StopIteration):
                    continue
            time.sleep(0.2)


def filtered(folder, data, block, *words):
    out = pathlib.Path(tempfile.mkdtemp(dir=folder)) / "out"
    command = [ATELIER, "cluster", "filter", f"data.pairs={data}/rows.parquet", f"optout.manifests=[{data}/rows.optout]",
               f"optout.sites=[{data}/sites]", f"licence.grants=[{data}/grants.jsonl]", "licence.mode=open",
               "licence.allow=[CC0-1.0,CC-BY-4.0,CC-BY-SA-4.0]", f"filter.block_rows={block}", f"out={out}", *words]
    watch = Executors(folder)
    watch.start()
    begun, before = time.time(), os.times()
    done = subprocess.run(command, text=True, capture_output=True)
    seconds, after = time.time() - begun, os.times()
    watch.running = False
    watch.join()
    if done.returncode:
        raise SystemExit(f"{command} ended with {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return dict(sha256=digest(out), seconds=round(seconds, 1), executor_mib=max(watch.peak.values(), default=None),
                executors_cpu=round(sum(watch.cpu.values()), 1),
                driver_cpu=round(after.children_user + after.children_system - before.children_user - before.children_system, 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--others", type=int, default=500_000)
    parser.add_argument("--blocks", type=int, nargs="+", default=[50_000, 125_000, 250_000])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--memory", default="1g")
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--lists", type=int)
    parser.add_argument("--modes", nargs="+", default=["process", "threads", "workers"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="atelier-cluster-") as scratch:
        scratch = pathlib.Path(scratch)
        if options.lists:
            lists(options.lists, scratch)
            return
        data = options.keep or scratch / "data"
        bench("2g", f"folder={data}", f"rows={options.rows}", f"others={options.others}")
        digests = set()

        def show(mode, block, found):
            digests.add(found["sha256"])
            print(json.dumps({"mode": mode, "block": block} | found), flush=True)

        if "process" in options.modes:
            for block in options.blocks:
                found = bench("3g", f"folder={data}", f"rows={options.rows}", f"block={block}")
                if found["wrong"]:
                    raise SystemExit(f"{found['wrong']} verdicts differ from what was planted")
                show("one process", block, found)
        if "threads" in options.modes:
            for block in options.blocks:
                show("local[2]", block, filtered(scratch, data, block, "cluster.master=local[2]"))
        if "workers" in options.modes:
            home = f"cluster.folder={scratch}/cluster"
            heap = f"cluster.memory={options.memory}"
            subprocess.run([ATELIER, "cluster", "start", f"workers={options.workers}", home, heap], check=True, stdout=subprocess.DEVNULL)
            try:
                for block in options.blocks:
                    show(f"{options.workers} workers", block, filtered(scratch, data, block, home, heap))
            finally:
                subprocess.run([ATELIER, "cluster", "stop", home], check=True, stdout=subprocess.DEVNULL)
        if len(digests) != 1:
            raise SystemExit(f"the ledgers differ: {digests}")
        print(f"one digest: {digests.pop()}")


if __name__ == "__main__":
    main()
