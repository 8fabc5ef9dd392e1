package atelier.cli.moving;

import atelier.common.error.WrongCommandException;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Pair;
import atelier.datasets.pairs.TextForm;
import atelier.datasets.pairs.form.PairSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Rules for keys that decide together, and what they share whatever the program. */
abstract class Rules {
    protected final ForeignSettings theirs;
    protected final Translation ours;
    /** Images that an epoch shows, once they were counted. */
    private long counted = -1;

    Rules(ForeignSettings theirs, Translation ours) {
        this.theirs = theirs;
        this.ours = ours;
    }

    /** Before the table: what single keys may then replace. */
    abstract void before() throws IOException;

    /** After the table: what needs values that it has set, such as the number of steps. */
    abstract void after() throws IOException;

    /** Names the base model, or says that it must be fetched. */
    final void model(String key) {
        String path = theirs.text(key);
        if (path == null) {
            ours.putNothing("model.path", "name your model: a diffusers folder or a .safetensors file");
        } else if (path.endsWith(".ckpt") || path.endsWith(".pt")) {
            ours.put("model.path", path, "pickles are never opened: convert it to .safetensors first", key);
        } else if (exists(path)) {
            ours.put("model.path", path, "", key);
        } else {
            ours.put("model.path", path, "not on this machine: name a diffusers folder or a .safetensors file", key);
        }
    }

    /** Refuses models that Atelier does not train. */
    static void requireStableDiffusion(@Nullable String kind, String key, List<String> known) {
        if (kind != null
                && known.stream()
                        .noneMatch(each -> kind.toLowerCase(Locale.ROOT).matches(each))) {
            throw new WrongCommandException(key + " = " + kind
                    + ": Atelier trains Stable Diffusion 1.x, 2.x and XL; this configuration is of another model");
        }
    }

    /** The optimiser by the name that it has anywhere; false where there is no such one. */
    final void optimizer(String name, Map<String, String> arguments, String argumentsKey, String... from) {
        String plain = name.toLowerCase(Locale.ROOT).replaceAll(".*\\.", "").replaceAll("[_-]", "");
        String found = switch (plain) {
            case "adamw", "adam", "adamwbf16", "optimiadamw", "adamwtorch" -> "adamw";
            case "adamw8bit",
                    "adam8bit",
                    "pagedadamw8bit",
                    "bnbadamw8bit",
                    "bnbadamw8bitpaged",
                    "pagedadamw",
                    "aoadamw8bit" -> "adamw_8bit";
            case "lion", "lion8bit", "pagedlion8bit", "bnblion", "bnblion8bit", "optimilion" -> "lion";
            case "adafactor" -> "adafactor";
            case "prodigy", "prodigyopt", "prodigy8bit", "prodigyplusschedulefree" -> "prodigy";
            case "sgd", "sgdnesterov", "sgdnesterov8bit", "sgd8bit", "bnbsgd" -> "sgd";
            case "adamwschedulefree", "schedulefreeadamw", "adamwschedulefreekahan" -> "schedule_free_adamw";
            case "muon", "muonadvanced" -> "muon";
            default -> plain.startsWith("dadapt") ? "prodigy" : "";
        };
        boolean near = plain.startsWith("dadapt") || plain.equals("prodigyplusschedulefree");
        String remark = found.isEmpty()
                ? "'" + name + "' is not among the optimisers; AdamW is the nearest"
                : near ? "the nearest to " + name : "";
        ours.put("optimizer.name", found.isEmpty() ? "adamw" : found, remark, from);
        if (found.equals("lion")) {
            ours.putList("optimizer.betas", List.of("0.9", "0.99"), "Lion's default");
        }
        if (plain.startsWith("sgd")) {
            ours.put("optimizer.nesterov", String.valueOf(plain.contains("nesterov")), "by the optimiser's name");
        }
        arguments.forEach((key, value) -> argument(found, key, value, argumentsKey));
    }

    private void argument(String optimizer, String key, String value, String from) {
        String plain = value.replaceAll("[()\\[\\]\\s]", "");
        switch (key) {
            case "weight_decay", "eps", "momentum", "nesterov" -> ours.put("optimizer." + key, plain, key, from);
            case "betas" ->
                ours.putList("optimizer.betas", List.of(plain.split(",")).subList(0, 2), key, from);
            case "d0", "d_coef", "growth_rate", "use_bias_correction", "safeguard_warmup" ->
                ours.put("optimizer.prodigy." + key, plain.equals("inf") ? "1e300" : plain, key, from);
            case "relative_step", "scale_parameter", "warmup_init", "clip_threshold", "decay_rate" -> {
                if (optimizer.equals("adafactor")) {
                    ours.put("optimizer.adafactor." + key, plain, key, from);
                }
            }
            case "decouple" -> ours.unneeded(from, key + "=" + value, "weight decay is always decoupled");
            default -> ours.without(from, key + "=" + value, "not an argument of the optimiser here");
        }
    }

    /** The schedule by the name that it has anywhere. */
    final void schedule(String name, String... from) {
        String plain = name.toLowerCase(Locale.ROOT).replaceAll("[_-]", "");
        String found = switch (plain) {
            case "constant", "constantwithwarmup", "adafactor" -> "constant";
            case "linear" -> "linear";
            case "cosine", "cosinewithminlr", "sine" -> "cosine";
            case "cosinewithrestarts", "cosinewithhardrestarts", "cosineannealingwithrestarts" -> "restarts";
            case "polynomial" -> "polynomial";
            case "rex" -> "rex";
            case "onecycle", "onecyclelr" -> "one_cycle";
            default -> "";
        };
        boolean near = plain.equals("sine");
        String remark = found.isEmpty()
                ? "'" + name + "' is not among the schedules; constant is the plainest"
                : near ? "the nearest to " + name : "";
        ours.put("schedule.name", found.isEmpty() ? "constant" : found, remark, from);
    }

    /** Warm-up in steps, or, below 1, as a share of all steps. */
    final void warmup(OptionalDouble value, String from) {
        if (value.isEmpty()) {
            ours.put("schedule.warmup", 0, theirs.program().title() + " warms up only if told to");
        } else if (value.getAsDouble() > 0 && value.getAsDouble() < 1) {
            String steps = ours.plain("train.steps");
            double all = steps == null ? 0 : Double.parseDouble(steps);
            ours.put("schedule.warmup", Math.rint(value.getAsDouble() * all), "a share of all steps", from);
        } else {
            ours.put("schedule.warmup", Math.rint(value.getAsDouble()), "", from);
        }
    }

    /** Steps of so many epochs over the data that was found; without data a round number that must be looked at. */
    final void epochs(double epochs, String... from) throws IOException {
        long shown = shownPerEpoch();
        if (shown == 0) {
            ours.put(
                    "train.steps",
                    1600,
                    "set it to epochs x images x repeats / images a step: the images of"
                            + " data.pairs cannot be counted here",
                    from);
            return;
        }
        ours.put(
                "train.steps",
                Math.max(1, Math.ceil(epochs * stepsPerEpoch(shown))),
                number(epochs) + " epochs of " + shown + " images, " + perStep() + " a step",
                from);
    }

    /** So many epochs as steps, where images can be counted; empty where they cannot. */
    final OptionalDouble epochSteps(double epochs) throws IOException {
        long shown = shownPerEpoch();
        return shown == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(Math.max(1, Math.rint(epochs * stepsPerEpoch(shown))));
    }

    private double stepsPerEpoch(long shown) {
        return Math.max(1, Math.ceil((double) shown / perStep()));
    }

    private long perStep() {
        return whole("train.batch_size") * whole("train.gradient_accumulation");
    }

    private long whole(String key) {
        String text = ours.plain(key);
        try {
            return text == null ? 1 : Math.max(1, (long) Double.parseDouble(text));
        } catch (NumberFormatException e) {
            return 1;
        }
    }

    private long shownPerEpoch() throws IOException {
        if (counted < 0) {
            counted = countShown();
        }
        return counted;
    }

    private long countShown() throws IOException {
        String pairs = ours.plain("data.pairs");
        String inFiles = pairs == null ? null : ours.files().get(pairs);
        if (pairs == null || (inFiles == null && !exists(pairs))) {
            return 0;
        }
        Path source = Path.of(pairs);
        if (inFiles != null) {
            source = Files.createTempFile("atelier-import", pairs.replaceFirst("^.*(\\.[a-z]+)$", "$1"));
            Files.writeString(source, inFiles);
        }
        try {
            String images = ours.plain("data.images");
            Path folder =
                    images != null ? Path.of(images) : Files.isDirectory(source) ? source : source.resolveSibling("");
            TextForm form =
                    new TextForm(TextForm.plain().encoding(), TextForm.plain().lines(), "");
            long shown = PairSources.open(source, folder, form).read().pairs().stream()
                    .mapToLong(Pair::repeats)
                    .sum();
            return shown * whole("data.repeats");
        } catch (FindingException e) {
            return 0;
        } finally {
            if (inFiles != null) {
                Files.delete(source);
            }
        }
    }

    static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    static boolean exists(String path) {
        try {
            return Files.exists(Path.of(path));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /** A size in pixels: a number, or width and height, of which the square of equal area is taken. */
    final void resolution(String text, String from) {
        String[] sides = text.split("[,x]");
        try {
            double width = Double.parseDouble(sides[0].strip());
            double height = sides.length > 1 ? Double.parseDouble(sides[1].strip()) : width;
            double side = Math.round(Math.sqrt(width * height) / 8) * 8;
            ours.put("data.resolution", side, width == height ? "" : "the square of the same area as " + text, from);
        } catch (NumberFormatException e) {
            ours.without(
                    from, text, "one size is trained at; data.resolution=512, and data.buckets=true keeps proportions");
        }
    }

    /** A group of layers by what another program trains. */
    final void targets(boolean convolutions, String remark, String... from) {
        targets(convolutions, false, remark, from);
    }

    final void targets(boolean convolutions, boolean norms, String remark, String... from) {
        List<String> targets = new ArrayList<>(List.of("attention", "feed_forward", "projections"));
        if (convolutions) {
            targets.addAll(List.of("resnets", "samplers"));
        }
        if (norms) {
            targets.add("norms");
        }
        ours.putList("adapter.targets", targets, remark, from);
    }
}
