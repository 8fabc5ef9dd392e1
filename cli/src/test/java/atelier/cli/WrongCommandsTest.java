package atelier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import atelier.cli.command.ExitStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A command that is wrong ends with status 2, names place, fact and remedy, and touches nothing. */
class WrongCommandsTest {
    @TempDir
    static Path folder;

    private static TinyRuns runs;

    /** Leaves a finished run fox, an interrupted one, and one of another family of models. */
    @BeforeAll
    static void writeRunsAndFiles() throws IOException {
        runs = new TinyRuns(folder, "sd1", 16, 16);
        runs.train("fox");
        copy(runs.run("fox"), runs.run("stopped"));
        Files.delete(runs.adapter("stopped"));
        copy(runs.run("fox"), runs.run("unnamed"));
        Files.delete(runs.run("unnamed").resolve("resolved.conf"));
        TinyRuns others = new TinyRuns(Files.createDirectory(folder.resolve("others")), "sd2", 16, 16);
        others.train("wide");

        byte[] whole = Files.readAllBytes(runs.adapter("fox"));
        Files.write(folder.resolve("cut.safetensors"), Arrays.copyOf(whole, whole.length / 2));
        Files.writeString(folder.resolve("words.txt"), "no weights, no picture, no pairs");
        Files.writeString(folder.resolve("no-caption.csv"), "image,words\npairs0.png,fox\n");
        Files.write(folder.resolve("latin1.csv"), new byte[] {'i', 'm', 'a', 'g', 'e', ',', (byte) 0xE9, '\n'});
        Files.writeString(folder.resolve("no-prompt.csv"), "caption,seed\nfox,1\n");
        Files.createDirectory(folder.resolve("empty"));
        Files.createDirectory(folder.resolve("folder.safetensors"));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : (Iterable<Path>) all::iterator) {
                Files.copy(each, to.resolve(from.relativize(each).toString()));
            }
        }
    }

    /** Every file and folder, with size and time. */
    private static List<String> listing() throws IOException {
        List<String> listing = new ArrayList<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : (Iterable<Path>) all::iterator) {
                String size = Files.isRegularFile(each) ? Files.size(each) + " bytes, " : "";
                listing.add(folder.relativize(each) + ": " + size + Files.getLastModifiedTime(each));
            }
        }
        listing.sort(null);
        return listing;
    }

    private static ExitStatus run(String command) {
        List<String> words = new ArrayList<>();
        for (String word : command.replace("HERE", folder.toString()).split(" ")) {
            words.add(word.replace("MODEL", runs.model.toString()));
        }
        if (words.get(0).equals("train")
                && words.stream().noneMatch(word -> word.startsWith("resume=") || word.startsWith("--"))) {
            List<String> keys = words.subList(1, words.size());
            boolean named = keys.stream().anyMatch(key -> key.startsWith("run.name="));
            return runs.tryToTrain(named ? "" : "fox", keys.toArray(String[]::new));
        }
        if (words.get(0).equals("generate")) {
            for (String given : List.of(
                    "model.path=" + runs.model,
                    "device=cpu",
                    "width=32",
                    "height=32",
                    "steps=2",
                    "safety=off",
                    "out=" + folder.resolve("drawn"))) {
                String start = given.substring(0, given.indexOf('=') + 1);
                if (words.stream().noneMatch(word -> word.startsWith(start))) {
                    words.add(given);
                }
            }
        }
        return runs.run(words);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            # train
            train model.path=HERE/none | model.path: | does not exist | it names a diffusers folder
            train model.path=HERE/words.txt | words.txt | is neither a folder nor a .safetensors file | model.path names
            train model.path=HERE/empty | empty | is not a whole diffusers model | model.path names the folder
            train model.path=HERE/cut.safetensors | cut.safetensors | is not a readable safetensors file | fetch or export it again
            train model.path=HERE/folder.safetensors | folder.safetensors | is not a whole diffusers model | model.path names the folder
            train model.dtype=fp16 | model.dtype=fp16 | needs a GPU | on the CPU use bf16
            train train.cache_dtype=fp16 | train.cache_dtype=fp16 | needs a GPU | on the CPU use bf16
            train device=cuda:99 | device=cuda:99 | GPU | ;
            train train.devices=[cuda:99] | device=cuda:99 | GPU | ;
            train data.pairs=HERE/none.csv | none.csv: | does not exist | set data.pairs to a file or folder
            train data.pairs=HERE/words.txt | words.txt line 1: | has no column 'image' | name the columns, image and caption
            train data.pairs=HERE/empty | empty: | no | ;
            train data.pairs=HERE/no-caption.csv | no-caption.csv | column | ;
            train data.pairs=HERE/latin1.csv | latin1.csv | UTF-8 | save the file as UTF-8
            train data.encoding=klingon | data.encoding | 'klingon' | must be a charset such as utf-8
            train adapter.init_from=HERE/none.safetensors | adapter.init_from: | does not exist | it names an adapter
            train adapter.init_from=HERE/cut.safetensors | cut.safetensors | is not a readable safetensors file | fetch or export it again
            train adapter.rank=0 | override 'adapter.rank=0': | got 0 | must be at least 1
            train adapter.rnak=8 train.stesp=9 | override 'adapter.rnak=8': | there is no key | did you mean adapter.rank
            train train.steps=many | override 'train.steps=many': | the text 'many' | it must be a whole number
            train sample.sampler=eulr | sample.sampler | eulr | euler
            train run.dir=HERE/words.txt run.name=fox | run.dir: | is a file | name another folder
            train resume=HERE/empty | resume= | is no run's folder | runs lie under run.dir
            train resume=HERE/runs/none | resume= | is no run's folder | runs lie under run.dir
            # generate
            generate steps=2 | prompt | is not set | say what to draw
            generate prompt=fox width=33 | width and height | got 33x32 | 34x32 is the nearest size
            generate prompt=fox steps=0 | steps | got 0 | must be at least 1
            generate prompt=fox sampler=eulr | sampler | eulr | euler
            generate prompt=fox device=cuda:99 | device=cuda:99 | GPU | ;
            generate prompt=fox model.dtype=fp16 | model.dtype=fp16 | needs a GPU | on the CPU use bf16
            generate prompt=fox model.path=HERE/none | model.path | does not exist | it names a diffusers folder
            generate prompt=fox init_image=HERE/words.txt | words.txt | is not a picture | PNG, JPEG and WebP
            generate prompt=fox init_image=HERE/none.png | none.png | does not exist | name a PNG, JPEG or WebP
            generate prompt=fox adapter=HERE/none.safetensors | adapter | does not exist | ;
            generate prompt=fox adapter=HERE/cut.safetensors | cut.safetensors | is not a readable safetensors file | fetch or export it again
            generate prompt=fox adapter=HERE/others/runs/wide/adapter.safetensors | others/runs/wide/adapter.safetensors | does not fit | draw with a model of that family
            generate prompts=HERE/none.csv | prompts=HERE/none.csv | does not exist | ;
            generate prompts=HERE/no-prompt.csv | no-prompt.csv | has no column 'prompt' | its first line must name
            generate from_image=HERE/words.txt | words.txt | is not a picture | ;
            generate prompt=fox out=HERE/words.txt | out: | is a file | name another folder
            generate prompt=fox --multirun steps=2,0 | override 'steps=0': | got 0 | must be at least 1
            generate prompt=fox --multirun stpes=2,3 | override 'stpes=2': | there is no key | did you mean steps
            # evaluate
            evaluate run=HERE/runs/none | run= | holds no adapter.safetensors | name the folder of a run
            evaluate run=HERE/runs/stopped | run= | holds no adapter.safetensors | name the folder of a run that has ended
            evaluate run=HERE/runs/unnamed | unnamed | does not exist | name a run's folder
            evaluate compare=[HERE/runs/fox] | compare | needs at least two runs | such as compare=[
            evaluate compare=[HERE/runs/fox,HERE/runs/stopped] | report.json | does not exist | evaluate the run first
            evaluate run=HERE/runs/fox out=HERE/words.txt | out: | is a file | name another folder
            # export
            export run=HERE/empty | run= | is no run's folder | give model.path
            export run=HERE/runs/stopped | run= | holds no adapter.safetensors | name the folder of a run that has ended
            export run=HERE/runs/fox adapters=[HERE/none.safetensors] out=HERE/made | none.safetensors | does not exist | ;
            export run=null model.path=MODEL out=HERE/made | configs/export.conf: | format names kohya, and there is no adapter to write | write merged or single_file
            export run=HERE/runs/fox blocks=[nowhere:1] | blocks | nowhere | it has unet.down_blocks.0
            export run=HERE/runs/fox out=HERE/words.txt | out: | is a file | name another folder
            # dataset, optout, inspect
            dataset check data.pairs=HERE/none.csv out=HERE/made | none.csv: | does not exist | set data.pairs to a file or folder
            dataset check data.pairs=HERE/pairs.csv out=HERE/words.txt | out: | is a file | name another folder
            dataset stats data.pairs=HERE/words.txt out=HERE/made | words.txt line 1: | has no column 'image' | name the columns, image and caption
            dataset hash data.pairs=HERE/latin1.csv | latin1.csv | UTF-8 | save the file as UTF-8
            optout check data.pairs=HERE/none.csv out=HERE/made | none.csv: | does not exist | set data.pairs to a file or folder
            optout build optout.manifests=[HERE/none.jsonl] out=HERE/made.list | optout.manifests: | does not exist | name opt-out lists
            optout build optout.manifests=[HERE/empty] out=HERE/made.list | optout.manifests: | is a folder, not a file | name opt-out lists
            optout build optout.manifests=[HERE/optout.jsonl] out=HERE/empty | out: | is a folder | name the file to write
            inspect HERE/none.safetensors | file: | does not exist | name a .safetensors file
            inspect HERE/words.txt | words.txt | is not a readable safetensors file | fetch or export it again
            inspect HERE/empty | empty | is not a whole diffusers model | ;
            # options
            train --rerun HERE/none.conf | '--rerun | does not exist | name a run's folder
            train --rerun HERE/empty | '--rerun | does not exist | name a run's folder
            train --rerun | '--rerun' | names no file | write --rerun checkpoints/NAME
            train --multrun train.steps=1,2 | '--multrun' | is no option | ;
            trian train.steps=1 | 'trian': | is no command | did you mean train
            """)
    void aWrongCommandNamesPlaceFactAndRemedyAndTouchesNothing(String command, String place, String fact, String remedy)
            throws IOException {
        List<String> before = listing();
        ExitStatus status = run(command);
        assertThat(status).as(runs.said()).isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said())
                .contains("error: ")
                .contains(place.replace("HERE", folder.toString()))
                .contains(fact)
                .contains(remedy)
                .doesNotContain("Exception");
        assertThat(listing()).containsExactlyElementsOf(before);
    }

    /** What only the pictures or the loaded model tell: the earlier run of the name has it again, and is as it was. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            train validation.pairs=HERE/pairs.csv validation.every=1 | validation.pairs | holds 5 pictures that data.pairs holds too | take them out
            train train.gradient_checkpointing=true train.checkpointed_blocks=[down] | train.checkpointed_blocks | 'down' | down_blocks.0
            train +adapter.ranks.nothing=4 | adapter.ranks: | 'nothing' fits no layer | layers are called
            """)
    void aCommandThatTurnsOutWrongLeavesTheEarlierRunAsItWas(String command, String place, String fact, String remedy)
            throws IOException {
        List<String> before = files("runs/");
        assertThat(run(command)).as(runs.said()).isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains(place).contains(fact).contains(remedy);
        assertThat(files("runs/")).containsExactlyElementsOf(before);
    }

    @Test
    void aRunThatIsResumedWithOtherSettingsStaysAsItWas() throws IOException {
        copy(runs.run("stopped"), runs.run("resumed"));
        List<String> before = files("runs/resumed/");
        assertThat(run("train resume=HERE/runs/resumed train.seed=9"))
                .as(runs.said())
                .isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said())
                .contains("resumed/state/step-000004 was saved by another run:", "train.seed: saved 0, now 9")
                .contains("train.resume_anyway=true");
        assertThat(files("runs/resumed/")).containsExactlyElementsOf(before);
    }

    /** The files below, without those that judging the pictures again writes, and without locks. */
    private static List<String> files(String below) throws IOException {
        return listing().stream()
                .filter(line -> line.startsWith(below) && line.contains("bytes"))
                .filter(line -> !line.contains("/.lock:"))
                .filter(line -> !line.startsWith("runs/resumed/ledger.") && !line.startsWith("runs/resumed/credits."))
                .toList();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aFileThatMayNotBeReadIsNamed() throws IOException {
        Path closed = Files.copy(folder.resolve("pairs.csv"), folder.resolve("closed.csv"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
        assumeThat(Files.isReadable(closed)).as("the user may read everything").isFalse();
        List<String> before = listing();
        assertThat(run("train data.pairs=HERE/closed.csv")).as(runs.said()).isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said())
                .contains("closed.csv")
                .contains("may not be read")
                .contains("change its permissions");
        assertThat(listing()).containsExactlyElementsOf(before);
    }
}
