package atelier.inference.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.WrongCommandException;
import atelier.common.file.Sha256;
import atelier.diffusion.tensor.Precision;
import atelier.inference.picture.GenerationParameters;
import atelier.inference.picture.PictureFile;
import atelier.inference.picture.PictureFormat;
import atelier.inference.request.PromptSettings.WildcardSettings;
import atelier.inference.sampler.schedule.SamplerKind;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows 34, 35 and 36: pictures that are made again from their records. */
class FromImageTest {
    private static final SamplingSettings SAMPLING =
            new SamplingSettings(20, SamplerKind.DDIM, null, null, 7.5, 0, 0, 1, 0, NoiseKind.TORCH);
    private static final String SETTINGS = "\nSteps: 9, Sampler: Euler a, CFG scale: 6, Seed: 42, Size: 64x48";

    @TempDir
    private Path folder;

    private Path model;

    @BeforeEach
    void write() throws IOException {
        model = Files.writeString(folder.resolve("sd15.safetensors"), "weights");
    }

    private GenerationPlan plan(Path from, AdapterAndEmbeddingSettings adapted) throws IOException {
        return plan(from, adapted, new SourceSettings(null, null, null, null, 0.75, null, 0.5));
    }

    private GenerationPlan plan(Path from, AdapterAndEmbeddingSettings adapted, SourceSettings source)
            throws IOException {
        OutputSettings output = new OutputSettings(
                folder,
                PictureFormat.PNG,
                95,
                true,
                false,
                1,
                0,
                new PictureMetadata.Settings(PictureMetadata.FULL),
                1024);
        PromptSettings words = new PromptSettings(null, "", null, from, 0, 1, WildcardSettings.NONE);
        return GenerationPlan.of(words, SAMPLING, source, output, adapted, model, Precision.FP32);
    }

    private static AdapterAndEmbeddingSettings in(Path folder) {
        return new AdapterAndEmbeddingSettings(List.of(), null, folder, List.of(), List.of(), List.of());
    }

    private static AdapterAndEmbeddingSettings given(Path file) {
        return new AdapterAndEmbeddingSettings(
                List.of(new AdapterChoice(file, 1)), null, null, List.of(), List.of(), List.of());
    }

    /** A PNG with one text in a chunk of a kind. */
    private Path png(String chunk, String keyword, String text) throws IOException {
        BufferedImage picture = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
        IIOMetadata metadata =
                writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(picture), null);
        IIOMetadataNode root = new IIOMetadataNode("javax_imageio_png_1.0");
        IIOMetadataNode kind = new IIOMetadataNode(chunk);
        IIOMetadataNode entry = new IIOMetadataNode(chunk + "Entry");
        Map<String, String> attributes = chunk.equals("iTXt")
                ? Map.of(
                        "text",
                        text,
                        "compressionFlag",
                        "TRUE",
                        "compressionMethod",
                        "0",
                        "languageTag",
                        "",
                        "translatedKeyword",
                        "")
                : chunk.equals("zTXt") ? Map.of("text", text, "compressionMethod", "deflate") : Map.of("value", text);
        entry.setAttribute("keyword", keyword);
        attributes.forEach(entry::setAttribute);
        kind.appendChild(entry);
        root.appendChild(kind);
        metadata.mergeTree("javax_imageio_png_1.0", root);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.write(new IIOImage(picture, null, metadata));
        }
        writer.dispose();
        return Files.write(folder.resolve(chunk + keyword + ".png"), bytes.toByteArray());
    }

    private Path parameters(String text) throws IOException {
        return png("tEXt", "parameters", text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tEXt", "zTXt", "iTXt"})
    void everyKindOfTextChunkIsRead(String chunk) throws IOException {
        GenerationPlan plan = plan(
                png(chunk, "parameters", "a café\nNegative prompt: bad" + SETTINGS), AdapterAndEmbeddingSettings.NONE);
        assertThat(plan.jobs().get(0).prompt()).isEqualTo("a café");
        assertThat(plan.jobs().get(0).negativePrompt()).isEqualTo("bad");
        assertThat(plan.jobs().get(0).seeds()).containsExactly(42L);
        assertThat(plan.sampling().sampler()).isEqualTo(SamplerKind.EULER_ANCESTRAL);
        assertThat(plan.sampling().rng()).isEqualTo(NoiseKind.CUDA);
        assertThat(plan.source().width()).isEqualTo(64);
        assertThat(plan.notices()).isEmpty();
    }

    @Test
    void comfysTextIsReadFromItsOwnKeyword() throws IOException {
        Path picture = png(
                "tEXt",
                "prompt",
                "{\"1\":{\"class_type\":\"KSampler\",\"inputs\":{\"seed\":3,\"steps\":4,\"cfg\":5,\"sampler_name\":\"heun\","
                        + "\"scheduler\":\"karras\",\"positive\":[\"2\",0],\"negative\":[\"2\",0]}},"
                        + "\"2\":{\"class_type\":\"CLIPTextEncode\",\"inputs\":{\"text\":\"a fox\"}}}");
        GenerationPlan plan = plan(picture, AdapterAndEmbeddingSettings.NONE);
        assertThat(plan.jobs().get(0).prompt()).isEqualTo("a fox");
        assertThat(plan.sampling().sampler()).isEqualTo(SamplerKind.HEUN);
        assertThat(plan.sampling().rng()).isEqualTo(NoiseKind.TORCH);
    }

    @ParameterizedTest
    @ValueSource(strings = {"jpeg", "webp"})
    void exifOfBothByteOrdersIsRead(String format) throws IOException {
        Path file = folder.resolve("x." + format);
        PictureFile.write(
                file,
                new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB),
                record("sd15.safetensors", null, List.of(), null),
                PictureFormat.valueOf(format.toUpperCase(Locale.ROOT)),
                90);
        byte[] bytes = Files.readAllBytes(file);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int from = text.indexOf("UNICODE\0") + 8;
        int to = text.indexOf("\0A\0t\0e\0l\0i\0e\0r", from) + 14;
        for (int i = from; i < to; i += 2) {
            byte first = bytes[i];
            bytes[i] = bytes[i + 1];
            bytes[i + 1] = first;
        }
        // Without our own record, which a JPEG's comment holds.
        int own = text.indexOf("atelier {");
        if (own > 0) {
            bytes[own] = 'X';
        }
        Files.write(file, bytes);
        GenerationPlan plan = plan(file, AdapterAndEmbeddingSettings.NONE);
        assertThat(plan.jobs().get(0).prompt()).isEqualTo("old words");
        assertThat(plan.sampling().steps()).isEqualTo(33);
    }

    @Test
    void fooocusKeepsItsTextInExifsFirstFolder() throws IOException {
        Path file = folder.resolve("fooocus.webp");
        PictureFile.write(file, new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB), null, PictureFormat.WEBP, 90);
        byte[] text =
                "{\"prompt\":\"a fox\",\"seed\":\"7\",\"steps\":30,\"sampler\":\"dpmpp_2m\",\"scheduler\":\"karras\"}\0"
                        .getBytes(StandardCharsets.US_ASCII);
        ByteBuffer exif = ByteBuffer.allocate(26 + text.length + text.length % 2);
        exif.putShort((short) 0x4d4d).putShort((short) 42).putInt(8);
        exif.putShort((short) 1)
                .putShort((short) 0x9286)
                .putShort((short) 2)
                .putInt(text.length)
                .putInt(26)
                .putInt(0);
        exif.put(text);
        byte[] plain = Files.readAllBytes(file);
        ByteBuffer whole =
                ByteBuffer.allocate(plain.length + 8 + exif.capacity()).order(ByteOrder.LITTLE_ENDIAN);
        whole.put(plain)
                .put("EXIF".getBytes(StandardCharsets.US_ASCII))
                .putInt(exif.capacity())
                .put(exif.array());
        whole.putInt(4, whole.capacity() - 8);
        GenerationPlan plan = plan(Files.write(file, whole.array()), AdapterAndEmbeddingSettings.NONE);
        assertThat(plan.jobs().get(0).prompt()).isEqualTo("a fox");
        assertThat(plan.sampling().steps()).isEqualTo(30);
        assertThat(plan.sampling().sampler()).isEqualTo(SamplerKind.DPMPP_2M);
    }

    @Test
    void tagsAreAdaptersOrAreNamedAndNeverWords() throws IOException {
        Path ink = Files.writeString(folder.resolve("ink.safetensors"), "x");
        Path picture = parameters("a fox <lora:ink:0.8> <hypernet:old:1>\nNegative prompt: bad <lora:ink:1>" + SETTINGS
                + ", Lora hashes: \"ink: 0123456789ab\"");
        GenerationPlan found = plan(picture, in(folder));
        assertThat(found.jobs().get(0).prompt()).isEqualTo("a fox");
        assertThat(found.jobs().get(0).negativePrompt()).isEqualTo("bad");
        assertThat(found.jobs().get(0).adapters()).containsExactly(new AdapterChoice(ink, 0.8));
        assertThat(found.jobs().get(0).tags()).containsExactly("lora:ink:0.8", "hypernet:old:1", "lora:ink:1");
        assertThat(found.notices())
                .containsExactly(
                        "from_image: <lora:ink:0.8> with the hash 0123456789ab - " + ink
                                + " has that name and is another file; it is taken",
                        "from_image: <hypernet:old:1> - not known here; it is left out",
                        "from_image: <lora:ink:1> in the negative prompt - not known here; it is left out");
        GenerationPlan none = plan(picture, AdapterAndEmbeddingSettings.NONE);
        assertThat(none.jobs().get(0).prompt()).isEqualTo("a fox");
        assertThat(none.jobs().get(0).adapters()).isEmpty();
        assertThat(none.notices())
                .first()
                .asString()
                .contains("<lora:ink:0.8> - no adapters are given; it is left out");
        assertThatThrownBy(() -> plan(parameters("a <lora:pen:1>" + SETTINGS), in(folder)))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContaining("holds no adapter 'pen'");
    }

    @Test
    void anotherModelIsNamed() throws IOException {
        String own = Sha256.of(model).substring(0, 10);
        assertThat(plan(parameters("a" + SETTINGS + ", Model hash: " + own + ", Model: other"), in(folder))
                        .notices())
                .isEmpty();
        assertThat(plan(parameters("a" + SETTINGS + ", Model hash: 6ce0161689, Model: v1-5"), in(folder))
                        .notices())
                .containsExactly("from_image: Model: v1-5, Model hash: 6ce0161689 - model.path=" + model
                        + " is another model, and draws it; for the same picture name its own: model.path=FILE");
        assertThat(plan(parameters("a" + SETTINGS + ", Model: sd15"), in(folder))
                        .notices())
                .isEmpty();
    }

    @Test
    void andIsNamedAndItsPartsAreDrawnAsOne() throws IOException {
        GenerationPlan plan = plan(parameters("a fox AND snow:0.5" + SETTINGS), AdapterAndEmbeddingSettings.NONE);
        assertThat(plan.jobs().get(0).prompt()).isEqualTo("a fox, snow");
        assertThat(plan.notices()).singleElement().asString().contains("AND - several prompts");
        GenerationPlan choice = plan(parameters("a {red|blue} fox" + SETTINGS), AdapterAndEmbeddingSettings.NONE);
        assertThat(choice.jobs().get(0).prompt()).isEqualTo("a {red|blue} fox");
        assertThat(choice.notices()).singleElement().asString().contains("{a|b}");
    }

    @Test
    void aRandomSeedOfAnotherProgramIsDrawnAndSaid() throws IOException {
        Path picture = parameters("a" + SETTINGS.replace("Seed: 42", "Seed: -1"));
        GenerationPlan plan = plan(picture, AdapterAndEmbeddingSettings.NONE);
        long seed = plan.jobs().get(0).seeds().get(0);
        assertThat(seed).isBetween(0L, 0xFFFFFFFFL);
        assertThat(plan.notices())
                .containsExactly("from_image: seed -1 stands for a random one; this time it is " + seed);
    }

    private static GenerationParameters record(
            String model, String hash, List<GenerationParameters.AdapterUse> adapters, String image) {
        return new GenerationParameters(
                "old words",
                "",
                99,
                33,
                4,
                0,
                0,
                1,
                "heun",
                false,
                null,
                null,
                96,
                64,
                0,
                "cuda",
                model,
                hash,
                "fp32",
                adapters,
                image,
                null,
                null,
                null,
                image == null ? null : 0.5,
                null,
                null,
                List.of(),
                true,
                null,
                "Atelier");
    }

    private Path picture(GenerationParameters record) throws IOException {
        Path file = folder.resolve("own.png");
        PictureFile.write(file, new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB), record, PictureFormat.PNG, 95);
        return file;
    }

    @Test
    void anAdapterIsFoundByItsDigestWhateverItIsCalledNow() throws IOException {
        Path ink = Files.writeString(folder.resolve("renamed.safetensors"), "ink");
        Path deep = Files.createDirectories(folder.resolve("deep"));
        Path other = Files.writeString(deep.resolve("ink.safetensors"), "other");
        var use = new GenerationParameters.AdapterUse("ink.safetensors", 0.5, Sha256.of(ink));
        Path picture = picture(record("sd15.safetensors", null, List.of(use), null));
        assertThat(plan(picture, given(ink)).jobs().get(0).adapters()).containsExactly(new AdapterChoice(ink, 0.5));
        assertThatThrownBy(() -> plan(picture, in(deep)))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContaining(
                        other + " has its name and is another file; name it: adapters=[FOLDER/ink.safetensors]");
        assertThatThrownBy(() -> plan(picture, AdapterAndEmbeddingSettings.NONE))
                .hasMessageContaining("the picture's adapter 'ink.safetensors' (sha256 ")
                .hasMessageContaining("is not among the files that the command names");
        Path moved =
                Files.move(ink, Files.createDirectories(folder.resolve("more")).resolve("ink.safetensors"));
        assertThat(plan(picture, in(folder)).jobs().get(0).adapters()).containsExactly(new AdapterChoice(moved, 0.5));
    }

    @Test
    void olderPicturesWithPathsAreStillRead() throws IOException {
        Path ink = Files.writeString(folder.resolve("ink.safetensors"), "ink");
        var use = new GenerationParameters.AdapterUse(ink.toString(), 0.5, Sha256.of(ink));
        Path start = folder.resolve("start.png");
        PictureFile.write(start, new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), null, PictureFormat.PNG, 95);
        GenerationPlan plan = plan(
                picture(record(model.toString(), null, List.of(use), start.toString())),
                AdapterAndEmbeddingSettings.NONE);
        assertThat(plan.jobs().get(0).adapters()).containsExactly(new AdapterChoice(ink, 0.5));
        assertThat(plan.model()).isEqualTo(model);
        assertThat(plan.source().initImage()).isEqualTo(start);
        assertThat(plan.notices()).isEmpty();
    }

    @Test
    void theStartingPictureIsFoundByNameBesideThePictureOrMustBeNamed() throws IOException {
        Path picture = picture(record("sd15.safetensors", null, List.of(), "start.png"));
        assertThatThrownBy(() -> plan(picture, AdapterAndEmbeddingSettings.NONE))
                .hasMessageContaining("the picture's starting picture 'start.png'")
                .hasMessageContaining("name it: init_image=FOLDER/start.png");
        Path start = Files.writeString(folder.resolve("start.png"), "x");
        assertThat(plan(picture, AdapterAndEmbeddingSettings.NONE).source().initImage())
                .isEqualTo(start);
        Path other = Files.writeString(folder.resolve("given.png"), "y");
        assertThat(plan(
                                picture,
                                AdapterAndEmbeddingSettings.NONE,
                                new SourceSettings(null, null, other, null, 0.75, null, 0.5))
                        .source()
                        .initImage())
                .isEqualTo(other);
    }

    @Test
    void anotherModelThanTheRecordsIsSaid() throws IOException {
        String own = Sha256.of(model).substring(0, 10);
        assertThat(plan(picture(record("renamed", own, List.of(), null)), AdapterAndEmbeddingSettings.NONE)
                        .notices())
                .isEmpty();
        assertThat(plan(
                                picture(record("sd15.safetensors", "0000000000", List.of(), null)),
                                AdapterAndEmbeddingSettings.NONE)
                        .notices())
                .containsExactly("from_image: the picture was made with the model 'sd15.safetensors' (0000000000), and"
                        + " model.path=" + model + " (" + own + ") is another, which draws it now; for the same picture"
                        + " write model.path=FOLDER/sd15.safetensors");
    }
}
