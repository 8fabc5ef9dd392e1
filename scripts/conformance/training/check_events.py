"""Event files of a real run that was killed and resumed, and of a sweep, read with TensorBoard's own EventAccumulator."""

import sys
from pathlib import Path

from runs import Run, pictures, row, workspace

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "live"))
from check_tensorboard import read, scalars  # noqa: E402
from tensorboard.plugins.hparams import plugin_data_pb2  # noqa: E402
from tensorboard.util import tensor_util  # noqa: E402

KEYS = ["train.steps=40", "train.save_every=10", "validation.fraction=0.25", "validation.every=10", "sample.prompts=[picture]", "sample.steps=2",
        "train.sample_every=20", "adapter.rates={\"*.attn2.*\"=0.5}"]
TAGS = {"loss", "loss_smoothed", "lr", "grad_norm", "seconds", "images_per_second", "resident_mib", "validation"}


def main():
    with workspace("events") as space:
        pictures(space / "data")
        whole = Run(space, "whole", KEYS)
        whole.run()
        broken = Run(space, "broken", KEYS)
        process = broken.start()
        while broken.last_step() < 26 and process.poll() is None:
            pass
        process.kill()
        process.communicate()
        killed = read(broken.folder / "tensorboard")
        seen = [e.step for e in killed.Scalars("loss")]
        row(f"events of a run killed after step {broken.last_step()}", "readable, every step that metrics.csv has", f"steps {seen[0]} to {seen[-1]}",
            seen == list(range(1, len(seen) + 1)) and len(seen) >= broken.last_step())
        broken.resume()
        for run in (whole, broken):
            scalars(read(run.folder / "tensorboard"), run.rows(), run.name)
        accumulator = read(broken.folder / "tensorboard")
        steps = [e.step for e in accumulator.Scalars("loss")]
        equal = [e.value for e in accumulator.Scalars("loss")] == [e.value for e in read(whole.folder / "tensorboard").Scalars("loss")]
        row("the killed run, resumed", "steps 1 to 40 once each, the uninterrupted curve", f"{steps[0]} to {steps[-1]}, {len(steps)} values, {'equal' if equal else 'different'}",
            steps == list(range(1, 41)) and equal)
        tags = accumulator.Tags()
        rates = [t for t in tags["scalars"] if t.startswith("lr.")]
        row("scalars", ", ".join(sorted(TAGS)) + " and a rate a group", f"lacks {sorted(TAGS - set(tags['scalars'])) or 'none'}; {', '.join(rates)}",
            TAGS <= set(tags["scalars"]) and len(rates) == 2)
        text = {name: tensor_util.make_ndarray(accumulator.Tensors(name)[0].tensor_proto)[0].decode() for name in ("settings", "prompts")}
        row("image grids, text, histograms", "samples, settings and prompts, adapter_norms", f"{len(accumulator.Images('samples'))} grids, "
            f"{len(text['settings'])} characters of settings, {len(accumulator.Histograms('adapter_norms'))} histograms",
            bool(accumulator.Images("samples")) and "picture" in text["prompts"] and "rank" in text["settings"] and bool(accumulator.Histograms("adapter_norms")))
        sweep = Run(space, "sweep", KEYS)
        sweep.run([*sweep.words, "--multirun", "optimizer.lr=1e-3,1e-4"])
        found = []
        for folder in sorted((space / "runs/sweep").glob("run-*")):
            content = read(folder / "tensorboard").SummaryMetadata("_hparams_/session_start_info").plugin_data.content
            found.append(plugin_data_pb2.HParamsPluginData.FromString(content).session_start_info.hparams["optimizer.lr"].number_value)
        row("hparams of a sweep over optimizer.lr", "0.0001 and 0.001", ", ".join(map(str, sorted(found))), sorted(found) == [1e-4, 1e-3])


if __name__ == "__main__":
    main()
