package atelier.diffusion.conformance;

import atelier.diffusion.adapter.file.AdapterMetadata;
import atelier.diffusion.adapter.file.AdapterMethod;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.file.KohyaWriter;
import atelier.diffusion.adapter.file.ModuleKey;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.adapter.file.PeftWriter;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.ModuleNames;
import atelier.diffusion.weights.StateDict;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A random adapter on a model's layers, in every format that has its method. Arguments are key=value: model, method (lora,
 * dora, loha, lokr), rank, alpha, convolutions (true or false), text (true or false), out (a folder).
 */
public final class RandomAdapter {
    private final Random random = new Random(5);
    private final String method;
    private final int rank;
    private final double alpha;

    private RandomAdapter(String method, int rank, double alpha) {
        this.method = method;
        this.rank = rank;
        this.alpha = alpha;
    }

    public static void main(String[] arguments) throws IOException {
        Map<String, String> options = Options.of(arguments);
        Checkpoint model = Checkpoint.open(Path.of(options.get("model")));
        RandomAdapter make = new RandomAdapter(
                options.getOrDefault("method", "lora"),
                Integer.parseInt(options.getOrDefault("rank", "4")),
                Double.parseDouble(options.getOrDefault("alpha", "2")));
        boolean convolutions = Boolean.parseBoolean(options.get("convolutions"));
        boolean text = Boolean.parseBoolean(options.get("text"));
        Map<ModuleKey, ModuleState> modules = new TreeMap<>();
        for (Component component : model.components()) {
            if (component == Component.UNET || text && component.isTextEncoder()) {
                make.modules(model.component(component), component, convolutions, modules);
            }
        }
        AdapterState adapter = new AdapterState(modules, Map.of());
        Path out = Path.of(options.get("out"));
        Map<String, String> metadata = new AdapterMetadata(model.family(), model.predictsV(), 512, 512)
                .network(make.method, make.rank, make.alpha)
                .text("ss_output_name", "emoji \ud83d\ude00 and ümlaut")
                .json("ss_tag_frequency", Map.of("cats", Map.of("cat", 3)))
                .build();
        ModuleNames names = ModuleNames.of(model.component(Component.UNET).config());
        KohyaWriter.write(adapter, out.resolve("kohya.safetensors"), DType.F32, model.family(), names, metadata);
        if (make.method.equals("lora") || make.method.equals("dora")) {
            PeftWriter.diffusers(adapter, out.resolve("diffusers.safetensors"), DType.F32, metadata);
        }
        if (!List.of("glora", "oft", "boft").contains(make.method)) {
            PeftWriter.folder(adapter, model, out.resolve("peft"), DType.F32, metadata);
        }
    }

    /** Every layer of the transformers and of the text encoders' attention and feed-forward parts. */
    private void modules(
            StateDict dict, Component component, boolean convolutions, Map<ModuleKey, ModuleState> modules) {
        dict.sources().forEach((name, weight) -> {
            if (!name.endsWith(".weight")) {
                return;
            }
            String path = name.substring(0, name.length() - ".weight".length());
            if (method.equals("vectors") && path.contains("norm") && component == Component.UNET) {
                long n = weight.shape()[0];
                modules.put(
                        new ModuleKey(component, path),
                        new ModuleState(
                                AdapterMethod.FULL,
                                Map.of(ModuleState.DIFF, random(n), ModuleState.DIFF_B, random(n)),
                                0,
                                0));
                return;
            }
            if (method.equals("ia3") && !path.matches(".*(to_k|to_v|ff\\.net\\.2)")) {
                return;
            }
            boolean inTransformer =
                    path.contains("attentions.") || path.contains(".self_attn.") || path.contains(".mlp.");
            boolean inResnet = path.contains("resnets.") || path.contains("samplers.");
            if (weight.shape().length >= 2 && (inTransformer || inResnet && convolutions)) {
                ModuleState made = module(weight.view(), path);
                boolean bias = method.equals("vectors") && dict.has(path + ".bias");
                modules.put(new ModuleKey(component, path), bias ? withBias(made, weight.shape()[0]) : made);
            }
        });
    }

    private ModuleState withBias(ModuleState module, long outputs) {
        Map<String, TensorSource> tensors = new HashMap<>(module.tensors());
        tensors.put(ModuleState.DIFF_B, random(outputs));
        return new ModuleState(module.method(), tensors, module.alpha(), module.rank());
    }

    private ModuleState module(TensorView weight, String path) {
        long[] shape = weight.shape();
        Map<String, TensorSource> tensors = new HashMap<>();
        switch (method) {
            case "glora" -> {
                boolean picture = shape.length == 4;
                long[] second = shape.clone();
                second[0] = rank;
                tensors.put("a1.weight", picture ? random(shape[1], rank, 1, 1) : random(shape[1], rank));
                tensors.put("a2.weight", picture ? random(rank, shape[1], 1, 1) : random(rank, shape[1]));
                tensors.put("b1.weight", picture ? random(shape[0], rank, 1, 1) : random(shape[0], rank));
                tensors.put("b2.weight", random(second));
                return new ModuleState(AdapterMethod.GLORA, tensors, alpha, rank);
            }
            case "ia3" -> {
                boolean inputs = path.endsWith("ff.net.2");
                tensors.put(ModuleState.MULTIPLIERS, random(inputs ? shape[1] : shape[0]));
                tensors.put(ModuleState.ON_INPUT, TensorView.ofFloats(new float[] {inputs ? 1 : 0}));
                return new ModuleState(AdapterMethod.IA3, tensors, 0, 0);
            }
            case "oft" -> {
                tensors.put(ModuleState.OFT_BLOCKS, random(shape[0] / 2, 2, 2));
                return new ModuleState(AdapterMethod.OFT, tensors, 0, 0);
            }
            case "boft" -> {
                long size = shape[0] / 2;
                tensors.put(ModuleState.OFT_BLOCKS, random(2, 2, size, size));
                return new ModuleState(AdapterMethod.BOFT, tensors, 0, 0);
            }
            case "lora", "dora", "vectors" -> {
                long[] down = shape.clone();
                down[0] = rank;
                tensors.put("lora_down.weight", random(down));
                tensors.put(
                        "lora_up.weight", shape.length == 4 ? random(shape[0], rank, 1, 1) : random(shape[0], rank));
                if (method.equals("dora")) {
                    tensors.put("dora_scale", lengths(weight));
                }
                return new ModuleState(AdapterMethod.LORA, tensors, alpha, rank);
            }
            case "loha" -> {
                long inputs = weight.elements() / shape[0];
                for (String which : new String[] {"hada_w1", "hada_w2"}) {
                    tensors.put(which + "_a", random(shape[0], rank));
                    tensors.put(which + "_b", random(rank, inputs));
                }
                return new ModuleState(AdapterMethod.LOHA, tensors, alpha, rank);
            }
            case "lokr" -> {
                tensors.put("lokr_w1", random(2, 2));
                tensors.put("lokr_w2_a", random(shape[0] / 2, rank));
                tensors.put("lokr_w2_b", random(rank, weight.elements() / shape[0] / 2));
                return new ModuleState(AdapterMethod.LOKR, tensors, alpha, rank);
            }
            default -> throw new IllegalArgumentException("method " + method);
        }
    }

    /** Lengths near those of the weight's rows. */
    private TensorView lengths(TensorView weight) {
        float[] values = weight.toFloats();
        int rows = (int) weight.shape()[0];
        float[] lengths = new float[rows];
        for (int i = 0; i < values.length; i++) {
            lengths[i / (values.length / rows)] += values[i] * values[i];
        }
        for (int row = 0; row < rows; row++) {
            lengths[row] = (float) (Math.sqrt(lengths[row]) * (1 + 0.1 * random.nextGaussian()));
        }
        return weight.shape().length == 4
                ? TensorView.ofFloats(lengths, rows, 1, 1, 1)
                : TensorView.ofFloats(lengths, rows, 1);
    }

    private TensorView random(long... shape) {
        int size = 1;
        for (long dimension : shape) {
            size *= (int) dimension;
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextGaussian() * 0.15f;
        }
        return TensorView.ofFloats(values, shape);
    }
}
