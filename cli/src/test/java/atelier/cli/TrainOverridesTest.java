package atelier.cli;

import static atelier.cli.TinyRuns.floats;
import static atelier.cli.TinyRuns.largest;
import static atelier.cli.TinyRuns.weight;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import atelier.cli.command.ExitStatus;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.weights.name.Component;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each adapter key takes effect in what a run exports. */
class TrainOverridesTest {
    private static final String UP = "lora_up.weight";
    private static final String DOWN = "lora_down.weight";

    @TempDir
    Path folder;

    private TinyRuns runs;

    @BeforeEach
    void open() throws IOException {
        runs = new TinyRuns(folder, "sd1", 16, 16);
    }

    /** One step of plain gradient descent: what moved, and how far, shows in the file. */
    private Map<String, ModuleState> oneStep(String name, String... keys) throws IOException {
        String[] all = new String[keys.length + 4];
        System.arraycopy(keys, 0, all, 0, keys.length);
        all[keys.length] = "optimizer=sgd";
        all[keys.length + 1] = "optimizer.lr=1";
        all[keys.length + 2] = "train.steps=1";
        all[keys.length + 3] = "train.max_grad_norm=0";
        runs.train(name, all);
        return runs.modules(name);
    }

    @Test
    void ranksAlphasAndRatesByBlockAndKind() throws IOException {
        Map<String, ModuleState> modules = oneStep(
                "blocks",
                "adapter=locon",
                "adapter.targets=[attention,feed_forward,projections,resnets,samplers,time_embedding,other]",
                "adapter.rank=2",
                "adapter.alpha=2",
                "adapter.conv_rank=3",
                "adapter.conv_alpha=6",
                "+adapter.ranks.\"up_blocks.*\"=4",
                "+adapter.ranks.\"mid_block.*.attn2.*\"=1",
                "+adapter.ranks.feed_forward=5",
                "+adapter.alphas.\"down_blocks.*\"=7",
                "+adapter.alphas.time_embedding=9",
                "+adapter.rates.\"up_blocks.*\"=0",
                "adapter.exclude=[conv_out]");
        modules.forEach((path, module) -> {
            boolean feedForward = path.contains(".ff.");
            boolean wide = module.tensors().get(DOWN).shape().length == 4
                    && module.tensors().get(DOWN).shape()[2] == 3;
            int rank = feedForward
                    ? 5
                    : path.startsWith("up_blocks.")
                            ? 4
                            : path.matches("mid_block\\..*\\.attn2\\..*") ? 1 : wide ? 3 : 2;
            assertThat(module.rank()).as(path).isEqualTo(rank);
            double alpha = path.startsWith("down_blocks.") ? 7 : path.startsWith("time_embedding.") ? 9 : wide ? 6 : 2;
            assertThat(module.alpha()).as(path).isCloseTo(alpha, within(1e-6));
            if (path.startsWith("up_blocks.")) {
                assertThat(largest(floats(module, UP))).as(path).isZero();
            } else {
                assertThat(largest(floats(module, UP))).as(path).isPositive();
            }
        });
        assertThat(modules).doesNotContainKey("conv_out").containsKeys("conv_in", "time_embedding.linear_1");
        assertThat(runs.tryToTrain("typo", "+adapter.ranks.\"upblocks.*\"=4")).isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("'upblocks.*' fits no layer");
    }

    @Test
    void loraPlusAndRankStabilisedScalesCount() throws IOException {
        Map<String, ModuleState> plain = oneStep("plain");
        Map<String, ModuleState> plus = oneStep("plus", "optimizer.lora_plus_ratio=4");
        Map<String, ModuleState> stable = oneStep("stable", "adapter.use_rslora=true");
        plain.forEach((path, module) -> {
            float[] up = floats(module, UP);
            float[] raised = floats(plus.get(path), UP);
            for (int i = 0; i < up.length; i++) {
                assertThat(raised[i]).as(path).isCloseTo(4 * up[i], within(1e-6f + 1e-5f * Math.abs(up[i])));
            }
            assertThat(floats(plus.get(path), DOWN)).isEqualTo(floats(module, DOWN));
            // Readers divide by the rank: alpha / sqrt(2) is written as alpha * sqrt(2) / 2.
            assertThat(stable.get(path).alpha()).isCloseTo(2 * Math.sqrt(2), within(1e-6));
        });
    }

    @Test
    void dropoutsLeaveOutWhatTheySay() throws IOException {
        Map<String, ModuleState> modules = oneStep("modules", "adapter.module_dropout=0.5");
        long still = modules.values().stream()
                .filter(module -> largest(floats(module, UP)) == 0)
                .count();
        assertThat(still).isBetween(modules.size() / 4L, modules.size() * 3L / 4);
        Map<String, ModuleState> ranks = oneStep("ranks", "adapter.rank_dropout=0.5", "adapter.rank=4");
        long columns = 0;
        for (ModuleState module : ranks.values()) {
            float[] up = floats(module, UP);
            for (int rank = 0; rank < 4; rank++) {
                double moved = 0;
                for (int row = 0; row < up.length / 4; row++) {
                    moved = Math.max(moved, Math.abs(up[row * 4 + rank]));
                }
                columns += moved == 0 ? 1 : 0;
            }
        }
        assertThat(columns).isBetween((long) ranks.size(), ranks.size() * 3L);
        runs.train("some", "adapter.dropout=0.3");
        runs.train("again", "adapter.dropout=0.3");
        runs.train("none");
        Map<String, ModuleState> again = runs.modules("again");
        runs.modules("some")
                .forEach((path, module) ->
                        assertThat(floats(again.get(path), UP)).isEqualTo(floats(module, UP)));
        assertThat(floats(runs.modules("some").values().iterator().next(), UP))
                .isNotEqualTo(floats(runs.modules("none").values().iterator().next(), UP));
        assertThat(Files.readAllBytes(runs.resumed("some").resolve("adapter.safetensors")))
                .isEqualTo(Files.readAllBytes(runs.adapter("some")));
    }

    @Test
    void noUpdateGrowsBeyondTheMaximumNorm() throws IOException {
        runs.train("free", "optimizer.lr=0.1");
        runs.train("held", "optimizer.lr=0.1", "adapter.max_norm=0.05");
        assertThat(runs.modules("free").values().stream().mapToDouble(TrainOverridesTest::norm))
                .anyMatch(norm -> norm > 0.05);
        assertThat(runs.modules("held").values().stream().mapToDouble(TrainOverridesTest::norm))
                .allMatch(norm -> norm > 0 && norm < 0.05 * (1 + 1e-5));
    }

    /** Frobenius norm of alpha / rank * up down. */
    private static double norm(ModuleState module) {
        float[] down = floats(module, DOWN);
        float[] up = floats(module, UP);
        int rank = module.rank();
        int inputs = down.length / rank;
        double sum = 0;
        for (int row = 0; row < up.length / rank; row++) {
            for (int column = 0; column < inputs; column++) {
                double value = 0;
                for (int r = 0; r < rank; r++) {
                    value += (double) up[row * rank + r] * down[r * inputs + column];
                }
                sum += value * value;
            }
        }
        return Math.sqrt(sum) * module.scale();
    }

    @Test
    void everyStartBeginsAsTheBaseAndThenTrains() throws IOException {
        for (String init : new String[] {"pissa", "olora", "orthogonal", "gaussian"}) {
            runs.train(init + "-still", "adapter.init=" + init, "optimizer.lr=1e-30", "optimizer.weight_decay=0");
            runs.train(init, "adapter.init=" + init);
            for (String path : runs.modules(init).keySet()) {
                String name = path + ".weight";
                float[] base = weight(runs.base(), Component.UNET, name);
                assertThat(weight(runs.merged(init + "-still"), Component.UNET, name))
                        .as("%s %s", init, path)
                        .containsExactly(base, within(1e-5f));
                assertThat(weight(runs.merged(init), Component.UNET, name)).isNotEqualTo(base);
            }
            // PiSSA and OLoRA change the base; their files hold both halves of the difference.
            int rank = init.equals("pissa") || init.equals("olora") ? 4 : 2;
            assertThat(runs.modules(init).values()).allMatch(module -> module.rank() == rank);
        }
    }
}
