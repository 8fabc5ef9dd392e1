package atelier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.Component;
import atelier.diffusion.weights.SafetensorsFile;
import atelier.diffusion.weights.StateDict;
import atelier.diffusion.weights.TensorView;
import atelier.diffusion.weights.adapter.AdapterFile;
import atelier.diffusion.weights.adapter.AdapterState;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The export command as a user calls it, on a short run with a tiny random model. */
class ExportCommandTest {
    private static final Path ROOT =
            Path.of(System.getProperty("atelier.root", "..")).toAbsolutePath();
    private static final Path MODEL = ROOT.resolve("diffusion/src/test/resources/golden/models/sd1");
    /** A folder's name that must never come to light. */
    private static final String SECRET = "anasprivateplace";

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private static final ByteArrayOutputStream SAID = new ByteArrayOutputStream();

    @BeforeAll
    static void trainShortly() throws IOException {
        Path pictures = Files.createDirectories(shared.resolve(SECRET).resolve("pictures"));
        Random random = new Random(5);
        List<String> rows = new ArrayList<>(List.of("image,caption,creator,licence,source"));
        for (int i = 0; i < 4; i++) {
            BufferedImage picture = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
            for (int p = 0; p < 256; p++) {
                picture.setRGB(p % 16, p / 16, random.nextInt(1 << 24));
            }
            ImageIO.write(picture, "png", pictures.resolve(i + ".png").toFile());
            rows.add(i + ".png,\"Red Fox, night" + (i == 0 ? ", snow, /home/ana/secret" : "")
                    + "\",Example Artist,CC0-1.0,https://example.org/" + i);
        }
        Files.write(pictures.resolve("pairs.csv"), rows);
        Files.writeString(pictures.resolve("optout.jsonl"), """
                {"id": "1", "kind": "domain", "value": "example.net", "subdomains": true}
                """);
        train(
                "export.formats=[peft,diffusers,single_file]",
                "export.max_shard_size=20KB",
                "export.author=Ana Example",
                "export.licence=CC-BY-4.0",
                "export.tags=[fox,night]",
                "export.date=2026-01-31",
                "run.name=fox");
    }

    private static void train(String... keys) {
        Path pictures = shared.resolve(SECRET).resolve("pictures");
        List<String> words = new ArrayList<>(List.of(
                "train",
                "model.path=" + MODEL,
                "device=cpu",
                "data.pairs=" + pictures.resolve("pairs.csv"),
                "data.images=" + pictures,
                "data.resolution=16",
                "data.trigger_word=foxstyle",
                "optout.manifests=[" + pictures.resolve("optout.jsonl") + "]",
                "adapter.rank=2",
                "adapter.alpha=1",
                "optimizer.lr=0.05",
                "train.steps=3",
                "train.save_every=0",
                "train.sample_every=0",
                "train.batch_size=3",
                "train.cache_dir=" + shared.resolve(SECRET).resolve("cache"),
                "sample.prompts=[fox]",
                "sample.steps=1",
                "run.dir=" + shared.resolve(SECRET)));
        words.addAll(List.of(keys));
        assertThat(run(words.toArray(String[]::new))).as(said()).isEqualTo(ExitStatus.DONE);
    }

    private static Path fox() {
        return shared.resolve(SECRET).resolve("fox");
    }

    private static ExitStatus run(String... words) {
        SAID.reset();
        PrintStream stream = new PrintStream(SAID, true, StandardCharsets.UTF_8);
        return new Atelier(ROOT, Commands.all(), stream, stream, false).run(List.of(words));
    }

    private static String said() {
        return SAID.toString(StandardCharsets.UTF_8);
    }

    private void export(String... words) {
        List<String> all = new ArrayList<>(List.of("export", "run=" + fox(), "out=" + folder));
        all.addAll(List.of(words)); // a key that is given twice has its last value
        assertThat(run(all.toArray(String[]::new))).as(said()).isEqualTo(ExitStatus.DONE);
    }

    private static AdapterState adapter(Path file) throws IOException {
        return AdapterFile.read(
                file, Checkpoint.open(MODEL).component(Component.UNET).config());
    }

    private static Map<String, String> metadata(Path file) throws IOException {
        return SafetensorsFile.open(file).metadata();
    }

    private static void assertSameWeights(Path actual, Path expected, double tolerance) throws IOException {
        Checkpoint a = Checkpoint.open(actual);
        Checkpoint e = Checkpoint.open(expected);
        assertThat(a.components()).isEqualTo(e.components());
        for (Component component : e.components()) {
            StateDict dict = e.component(component);
            for (String name : dict.names()) {
                float[] wanted = dict.tensor(name).toFloats();
                float[] got = a.component(component).tensor(name).toFloats();
                for (int i = 0; i < wanted.length; i++) {
                    if (!(Math.abs(got[i] - wanted[i]) <= tolerance)) {
                        throw new AssertionError(
                                component + " " + name + "[" + i + "] is " + got[i] + ", not " + wanted[i]);
                    }
                }
            }
        }
    }

    @Test
    void severalFormatsAtOnceHoldTheSameResult() throws IOException {
        export("format=[kohya,peft,diffusers,merged,single_file]", "dtype=fp32");
        AdapterState trained = adapter(fox().resolve("adapter.safetensors"));
        for (String place : List.of("adapter-kohya.safetensors", "peft", "adapter-diffusers.safetensors")) {
            assertThat(adapter(folder.resolve(place)).modules().keySet())
                    .as(place)
                    .isEqualTo(trained.modules().keySet());
        }
        assertSameWeights(folder.resolve("merged"), folder.resolve("model.safetensors"), 0);
        assertSameWeights(folder.resolve("merged"), fox().resolve("merged"), 1e-6);
        // An adapter in another form, merged again, gives the same weights.
        Path again = folder.resolve("again");
        assertThat(run(
                        "export",
                        "run=" + fox(),
                        "out=" + again,
                        "adapters=[" + folder.resolve("adapter-diffusers.safetensors") + "]",
                        "format=merged",
                        "dtype=fp32"))
                .as(said())
                .isEqualTo(ExitStatus.DONE);
        assertSameWeights(again.resolve("merged"), folder.resolve("merged"), 1e-6);
    }

    @Test
    void aRunWritesWhatItsConfigurationAsksForAtItsEnd() throws IOException {
        Path export = fox().resolve("export");
        assertThat(export.resolve("peft/adapter_config.json")).exists();
        assertThat(export.resolve("adapter-diffusers.safetensors")).exists();
        assertSameWeights(export.resolve("model.safetensors"), fox().resolve("merged"), 0);
        assertThat(fox().resolve("merged/unet/diffusion_pytorch_model.safetensors.index.json"))
                .exists();
    }

    @Test
    void elementTypeAndShardsAreAsAsked() throws IOException {
        export("format=[kohya,merged,single_file]", "dtype=bf16", "max_shard_size=20KB");
        for (TensorView tensor : SafetensorsFile.open(folder.resolve("adapter-kohya.safetensors"))
                .tensors()
                .values()) {
            assertThat(tensor.dtype().name()).isEqualTo("BF16");
        }
        assertThat(folder.resolve("merged/unet/diffusion_pytorch_model.safetensors.index.json"))
                .exists();
        assertSameWeights(folder.resolve("merged"), folder.resolve("model.safetensors"), 0);
        export("format=merged", "dtype=fp16");
        assertThat(folder.resolve("merged/unet/diffusion_pytorch_model.safetensors"))
                .exists();
    }

    @Test
    void adaptersAreAddedWithWeightsByBlock() throws IOException {
        String twice = fox().resolve("adapter.safetensors") + ":0.5, "
                + fox().resolve("export/adapter-diffusers.safetensors") + ":0.25";
        export(
                "adapters=[" + twice + "]",
                "blocks=[mid_block:0, up_blocks.1:2]",
                "format=[kohya,merged]",
                "dtype=fp32");
        AdapterState sum = adapter(folder.resolve("adapter-kohya.safetensors"));
        assertThat(sum.ranks()).containsExactly(4);
        assertThat(sum.modules().keySet()).noneMatch(key -> key.path().startsWith("mid_block"));
        Path again = folder.resolve("again");
        export(
                "adapters=[" + folder.resolve("adapter-kohya.safetensors") + "]",
                "format=merged",
                "dtype=fp32",
                "out=" + again);
        assertSameWeights(again.resolve("merged"), folder.resolve("merged"), 1e-6);
        // 0.75 of the run's adapter, and twice that in one block.
        Path other = folder.resolve("other");
        export("strength=0.75", "blocks=[mid_block:0, up_blocks.1:2]", "format=merged", "dtype=fp32", "out=" + other);
        assertSameWeights(other.resolve("merged"), folder.resolve("merged"), 1e-6);
        assertThat(metadata(folder.resolve("adapter-kohya.safetensors")))
                .containsEntry("ss_network_dim", "4")
                .containsEntry("modelspec.title", "fox + fox")
                .hasEntrySatisfying(
                        "atelier.merged_from",
                        text -> assertThat(text)
                                .contains("\"weight\":\"0.25\"")
                                .contains("\"modelspec.license\":\"CC-BY-4.0\""));
    }

    @Test
    void anAdapterIsResizedByRankAndByEnergy() throws IOException {
        export("rank=1", "dtype=fp32");
        Path file = folder.resolve("adapter-kohya.safetensors");
        assertThat(adapter(file).ranks()).containsExactly(1);
        assertThat(metadata(file))
                .containsEntry("ss_network_dim", "1")
                .containsEntry("ss_output_name", "fox")
                .containsEntry("modelspec.author", "Ana Example");
        export("rank=2", "energy=0.999999", "dtype=fp32");
        assertThat(adapter(file).ranks()).isSubsetOf(1, 2).contains(2);
    }

    @Test
    void anAdapterIsExtractedFromTheDifferenceOfTwoModels() throws IOException {
        export("tuned=" + fox().resolve("merged"), "rank=2", "format=[kohya,merged]", "dtype=fp32");
        assertThat(said()).contains("the adapter holds 100.00 % of the difference's energy");
        assertSameWeights(folder.resolve("merged"), fox().resolve("merged"), 1e-4);
        assertThat(metadata(folder.resolve("adapter-kohya.safetensors")))
                .containsEntry("modelspec.title", "merged without sd1")
                .containsEntry("ss_network_dim", "2");
    }

    @Test
    void aModelThatWasTaughtAnotherPredictionSaysSoInEveryForm() throws IOException {
        train("run.name=taught", "objective.prediction=v_prediction", "sample.prompts=[]", "train.steps=1");
        Path run = shared.resolve(SECRET).resolve("taught");
        export("run=" + run, "format=[kohya,merged,single_file]", "dtype=fp32");
        assertThat(Checkpoint.open(folder.resolve("merged")).predictsV()).isTrue();
        assertThat(Checkpoint.open(folder.resolve("model.safetensors")).predictsV())
                .isTrue();
        for (String file : List.of("adapter-kohya.safetensors", "model.safetensors")) {
            assertThat(metadata(folder.resolve(file))).containsEntry("modelspec.prediction_type", "v");
        }
        assertThat(metadata(folder.resolve("adapter-kohya.safetensors"))).doesNotContainKey("modelspec.thumbnail");
        assertSameWeights(folder.resolve("merged"), run.resolve("merged"), 1e-6);
    }

    @Test
    void aModelIsConvertedWithoutAnAdapter() throws IOException {
        export("run=null", "model.path=" + MODEL, "format=single_file", "dtype=fp32");
        assertSameWeights(folder.resolve("model.safetensors"), MODEL, 0);
    }

    @Test
    void wrongSettingsAreRefusedWithTheRemedy() {
        assertThat(run("export", "run=" + folder, "format=kohya")).isEqualTo(ExitStatus.FAILED);
        assertThat(said()).contains("is no run's folder").contains("give model.path");
        assertThat(run(
                        "export",
                        "run=" + fox(),
                        "adapters=[" + folder.resolve("none.safetensors") + "]",
                        "out=" + folder))
                .isEqualTo(ExitStatus.FAILED);
        assertThat(said()).contains("none.safetensors does not exist");
        assertThat(run("export", "run=" + fox(), "tuned=" + MODEL, "out=" + folder))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(said()).contains("rank must be given with tuned");
        assertThat(run("export", "run=" + fox(), "blocks=[nowhere:1]")).isEqualTo(ExitStatus.FAILED);
        assertThat(said()).contains("no layer of the adapter lies in nowhere; it has unet.down_blocks.0");
        assertThat(run("export", "run=null", "model.path=" + MODEL, "out=" + folder))
                .isEqualTo(ExitStatus.FAILED);
        assertThat(said()).contains("there is no adapter to write as kohya");
    }

    @Test
    void aPathInWhatIsSaidOfTheAdapterIsRefusedBeforeTraining() {
        assertThat(run("train", "export.description=trained in /home/ana/pictures"))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(said()).contains("export.description goes into the adapter's metadata and must not hold a path");
    }

    @Test
    void theAdaptersFileSaysWhatItIsAndWhatItWasTrainedOn() throws IOException {
        Map<String, String> metadata = metadata(fox().resolve("adapter.safetensors"));
        assertThat(metadata)
                .containsEntry("ss_network_module", "networks.lora")
                .containsEntry("ss_network_dim", "2")
                .containsEntry("ss_network_alpha", "1")
                .containsEntry("ss_base_model_version", "sd_v1")
                .containsEntry("ss_sd_model_name", "sd1")
                .containsEntry("ss_resolution", "(16, 16)")
                .containsEntry("ss_num_train_images", "4")
                .containsEntry("ss_num_batches_per_epoch", "2")
                .containsEntry("ss_epoch", "2")
                .containsEntry("ss_steps", "3")
                .containsEntry("ss_optimizer", "adamw")
                .containsEntry("ss_lr_scheduler", "cosine")
                .containsEntry("ss_mixed_precision", "no")
                .containsEntry("ss_dataset_dirs", "{\"pictures\":{\"img_count\":4,\"n_repeats\":1}}")
                .containsEntry("ss_tag_frequency", "{\"pictures\":{\"night\":4,\"red fox\":4,\"snow\":1}}")
                .containsEntry("modelspec.sai_model_spec", "1.0.1")
                .containsEntry("modelspec.architecture", "stable-diffusion-v1/lora")
                .containsEntry("modelspec.implementation", "diffusers")
                .containsEntry("modelspec.title", "fox")
                .containsEntry("modelspec.resolution", "16x16")
                .containsEntry("modelspec.prediction_type", "epsilon")
                .containsEntry("modelspec.timestep_range", "0,1000")
                .containsEntry("modelspec.trigger_phrase", "foxstyle")
                .containsEntry("modelspec.author", "Ana Example")
                .containsEntry("modelspec.license", "CC-BY-4.0")
                .containsEntry("modelspec.tags", "fox, night")
                .containsEntry("modelspec.date", "2026-01-31")
                .containsEntry("atelier.licences", "{\"CC0-1.0\":4}")
                .containsKeys("sshs_model_hash", "sshs_legacy_hash", "atelier.ledger_sha256", "atelier.credits_sha256");
        assertThat(metadata.get("modelspec.hash_sha256")).isEqualTo("0x" + metadata.get("sshs_model_hash"));
        JsonNode bucket =
                new ObjectMapper().readTree(metadata.get("ss_bucket_info")).at("/buckets/0");
        assertThat(bucket.toString()).contains("\"resolution\":[16,16]").contains("\"count\":4");
        String uri = metadata.get("modelspec.thumbnail");
        assertThat(uri).startsWith("data:image/jpeg;base64,");
        byte[] jpeg = Base64.getDecoder().decode(uri.substring(uri.indexOf(',') + 1));
        assertThat(ImageIO.read(new ByteArrayInputStream(jpeg)).getWidth()).isLessThanOrEqualTo(256);
    }

    @Test
    void noFileThatTravelsHoldsAPathOrTheUsersHome() throws IOException {
        export("format=[kohya,peft,diffusers,merged,single_file]");
        List<Path> travelling = new ArrayList<>(List.of(fox().resolve("adapter.safetensors")));
        for (Path place : List.of(folder, fox().resolve("merged"), fox().resolve("export"))) {
            try (Stream<Path> all = Files.walk(place)) {
                all.filter(Files::isRegularFile).forEach(travelling::add);
            }
        }
        assertThat(travelling).hasSizeGreaterThan(20);
        for (Path file : travelling) {
            // Latin-1 keeps every byte, so a text is found wherever it stands.
            String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
            for (String secret : List.of(SECRET, ROOT.toString(), shared.toString(), "home/", "\"_name_or_path\"")) {
                assertThat(bytes.contains(secret)).as("%s in %s", secret, file).isFalse();
            }
        }
    }
}
