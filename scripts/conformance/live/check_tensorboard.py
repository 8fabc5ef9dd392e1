"""Event files of a run that was killed and resumed, read with TensorBoard's own EventAccumulator and compared with metrics.csv.

    check_tensorboard.py [RUN]     a run's folder; without one, files are made by the product's sinks alone
"""

import csv
import io
import sys
from pathlib import Path

from PIL import Image
from support import java, row, workspace
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.util import tensor_util


def read(folder):
    everything = {key: 0 for key in event_accumulator.DEFAULT_SIZE_GUIDANCE}
    accumulator = event_accumulator.EventAccumulator(str(folder), size_guidance=everything)
    accumulator.Reload()
    return accumulator


def scalars(accumulator, table, label):
    doubled, different, compared = 0, 0, 0
    for tag in accumulator.Tags()["scalars"]:
        events = accumulator.Scalars(tag)
        doubled += len(events) - len({e.step for e in events})
        expected = {int(line["step"]): float(line[tag]) for line in table if line.get(tag)}
        compared += len(expected)
        got = {e.step: e.value for e in events}
        different += sum(abs(got.get(step, float("inf")) - value) > 1e-6 * abs(value) for step, value in expected.items())
        different += len(set(got) - set(expected))
    row(f"{label}: scalars in EventAccumulator against metrics.csv", "equal, no step twice", f"{compared} values, {different} differ, {doubled} doubled",
        compared > 0 and not different and not doubled)


def made(accumulator):
    tags = accumulator.Tags()
    image = Image.open(io.BytesIO(accumulator.Images("samples")[0].encoded_image_string))
    text = tensor_util.make_ndarray(accumulator.Tensors("settings")[0].tensor_proto)[0].decode()
    histogram = accumulator.Histograms("adapter_norms")[0].histogram_value
    row("image, text, histogram", "read back", f"{image.size}, {len(text)} characters, {histogram.num:g} values",
        image.size == (32, 16) and "🦊" in text and histogram.num == 20)
    content = accumulator.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    settings = {k: v for k, v in plugin_data_pb2.HParamsPluginData.FromString(content).session_start_info.hparams.items()}
    row("hparams plug-in data", "three settings", ", ".join(sorted(settings)), len(settings) == 3 and settings["adapter.rank"].number_value == 8)
    steps = [e.step for e in accumulator.Scalars("loss")]
    row("killed in the middle of step 30's record, resumed from 20", "steps 1 to 40 once each", f"{steps[0]} to {steps[-1]}, {len(steps)} values",
        steps == list(range(1, 41)))
    assert tags["images"] == ["samples"], tags


def main(folder, label, ours):
    with (folder / "metrics.csv").open(newline="") as f:
        table = list(csv.DictReader(f))
    accumulator = read(folder / "tensorboard")
    scalars(accumulator, table, label)
    if ours:
        made(accumulator)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        run = Path(sys.argv[1]).resolve()
        main(run, run.name, False)
    else:
        with workspace("tensorboard") as space:
            java("atelier.trainer.conformance.EventFiles", "trainer", folder=space)
            main(space, "sinks", True)
