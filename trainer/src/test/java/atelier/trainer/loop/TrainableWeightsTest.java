package atelier.trainer.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import atelier.diffusion.Golden;
import atelier.diffusion.adapter.Adapter;
import atelier.diffusion.adapter.LowRank;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Execution;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.unet.UNet;
import atelier.diffusion.weights.name.Component;
import atelier.trainer.objective.Objective;
import atelier.trainer.optimizer.FlatParameters;
import atelier.trainer.optimizer.ParameterGroup;
import atelier.trainer.optimizer.rule.Optimizers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Copies of what is trained on two devices, in buffers or not: values go one way, gradients the other. */
class TrainableWeightsTest {
    private static final class Copy implements AutoCloseable {
        final Kernels kernels;
        final UNet unet;
        final TrainableWeights trainable;

        Copy(boolean fused, int seed) {
            kernels = Kernels.load(
                    Device.cpu(), List.of(Optimizers.KERNELS, Objective.KERNELS), new Execution(fused, false));
            unet = UNet.load(
                    kernels,
                    Golden.model("sd1").component(Component.UNET),
                    new LoadOptions(Precision.FP32, Use.ADAPTERS));
            List<LowRank> modules = new ArrayList<>();
            for (Layer layer : unet.layers().subList(0, 6)) {
                modules.add(LowRank.fresh(kernels, layer, 4, 1, false, new TorchRandom(seed + modules.size())));
            }
            Adapter adapter = new Adapter(kernels, modules);
            ParameterGroup group = new ParameterGroup(
                    "all",
                    adapter.parameters(),
                    1,
                    0,
                    FlatParameters.of(adapter).orElse(null));
            trainable = new TrainableWeights(kernels, Map.of(Component.UNET, adapter), List.of(group));
        }

        void gradients(double value) {
            for (Parameter parameter : trainable.parameters()) {
                kernels.run("ones_into", parameter.gradient());
                kernels.run("scale_all", new NDList(parameter.gradient()), value);
            }
        }

        @Override
        public void close() {
            trainable.close();
            unet.close();
            kernels.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"true, true", "false, false", "true, false", "false, true"})
    void valuesFollowAndGradientsAddUp(boolean firstFused, boolean secondFused) {
        try (Copy first = new Copy(firstFused, 1);
                Copy second = new Copy(secondFused, 50)) {
            second.trainable.follow(first.trainable);
            List<Parameter> ours = first.trainable.parameters();
            List<Parameter> theirs = second.trainable.parameters();
            long elements = 0;
            for (int i = 0; i < ours.size(); i++) {
                assertThat(theirs.get(i).value().toFloatArray())
                        .isEqualTo(ours.get(i).value().toFloatArray());
                elements += ours.get(i).value().size();
            }
            first.gradients(1);
            second.gradients(2);
            first.trainable.addGradients(second.trainable);
            assertThat(ours.get(3).gradient().toFloatArray()).containsOnly(3);
            Trainer.StepFigures read = first.trainable.read(PendingLoss.of(0.25), 4);
            assertThat(read.loss()).isEqualTo(0.25);
            assertThat(read.norm()).isCloseTo(0.75 * Math.sqrt((double) elements), within(1e-4));
            assertThat(ours.get(3).gradient().toFloatArray()[0] / read.carried())
                    .isEqualTo(0.75);
            double[] norms = first.trainable.norms();
            for (int i = 0; i < norms.length; i++) {
                assertThat(norms[i]).isCloseTo(ours.get(i).value().norm().getFloat(), within(1e-5));
            }
            first.trainable.zeroGradients();
            assertThat(ours.get(3).gradient().toFloatArray()).containsOnly(0);
        }
    }
}
