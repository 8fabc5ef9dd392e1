package atelier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import atelier.cli.command.GatedTraining;
import atelier.cli.config.Composer;
import atelier.cli.config.ConfigFolder;
import atelier.cli.config.ConfigurationException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** More than fifty mistakes in what one asks of train, on the shipped configuration: each error names its place and the remedy. */
class MistypedTrainingTest {
    private static final ConfigFolder FOLDER = new ConfigFolder(Path.of(System.getProperty("atelier.root")));

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    optimizer.learning_rate=1e-4   | --help lists the keys
                    learning_rate=1e-4             | here it is called optimizer.lr
                    network_dim=8                  | here it is called adapter.rank
                    network_alpha=8                | here it is called adapter.alpha
                    max_train_steps=8              | here it is called train.steps
                    train_batch_size=8             | here it is called train.batch_size
                    mixed_precision=bf16           | here it is called model.dtype
                    output_dir=runs                | here it is called run.dir
                    resume_from_checkpoint=runs/a  | here it is called resume
                    lr=1e-4                        | did you mean optimizer.lr
                    rank=8                         | did you mean adapter.rank
                    adapter.zzqqxxjjkk=8                | --help lists the keys
                    adapter.rnak=8                 | did you mean adapter.rank
                    adapter.target=attention       | did you mean adapter.targets
                    train.stpes=8                  | did you mean train.steps
                    train.batchsize=8              | did you mean train.batch_size
                    train.save-every=8             | did you mean train.save_every
                    train.sampleEvery=8            | did you mean train.sample_every
                    data.pair=a.csv                | did you mean data.pairs
                    data.image=a                   | did you mean data.images
                    optout.manifest=a.csv          | did you mean optout.manifests
                    licence.alow=[CC0-1.0]         | did you mean licence.allow
                    model.pth=a                    | did you mean model.path
                    run.nmae=a                     | did you mean run.name
                    devcie=cpu                     | did you mean device
                    device=gpu                     | device must be auto, cpu, cuda or cuda:N
                    device=cuda:first              | device must be auto, cpu, cuda or cuda:N
                    model.dtype=fp23               | did you mean fp32
                    model.dtype=half               | one of fp32, fp16, bf16
                    adapter.method=lroa            | did you mean lora
                    optimizer.name=adam            | did you mean adamw
                    optimizer=adamx                | did you mean adamw
                    schedule=cosin                 | did you mean cosine
                    schedule.name=cosign           | did you mean cosine
                    data=emoji                     | options: base, demo, folder
                    model=sd14                     | did you mean sd15
                    experiment=stile               | did you mean style
                    experiment=gpu_16gb            | options: character, concept
                    adapter.rank=0                 | adapter.rank must be at least 1, got 0
                    adapter.rank=8.5               | it must be a whole number
                    adapter.alpha=-1               | adapter.alpha must be above 0
                    adapter.targets=[]             | adapter.targets must name at least one
                    adapter.targets=[atention]     | did you mean attention
                    optimizer.lr=0                 | optimizer.lr must be above 0
                    optimizer.lr=1e-4x             | it must be a number
                    train.steps=0                  | train.steps must be at least 1
                    train.steps=1000,2000          | add --multirun
                    train.gradient_checkpointing=yes | true or false
                    data.resolution=512x512        | it must be a whole number
                    data.flip=2                    | data.flip must lie between 0 and 1
                    licence.mode=license           | did you mean licensed
                    optout.perceptual_distance=99  | must be from 0 to 31
                    schedule.warmup=-1             | schedule.warmup must be at least 0
                    run.name=../elsewhere          | run.name must begin with a letter
                    train.seed=-1                  | train.seed must be at least 0, got -1
                    sample.seed=-1                 | sample.seed must be at least 0, got -1
                    validation.seed=-1             | validation.seed must be at least 0, got -1
                    sample.steps=0                 | sample.steps must be at least 1
                    train                          | write key=value
                    ~train.step                    | did you mean train.steps
                    +train.steps=5                 | drop the +
                    validation.fractoin=0.1        | did you mean validation.fraction
                    validation.fraction=1.5        | validation.fraction must be from 0 to below 1
                    validation.fraction=10%        | it must be a number
                    validation.every=0             | validation.every must be at least 1
                    train.keep_state=3             | did you mean train.keep_states
                    train.devices=[gpu1]           | train.devices must name cpu, cuda or cuda:N
                    train.loss_scale=0             | train.loss_scale must be from 1
                    data.mask=alfa                 | did you mean alpha
                    data.masks=masks               | set data.mask = file
                    data.prior_images=class        | data.prior_images belongs to data.prior_pairs
                    """)
    void errorsNameThePlaceAndTheRemedy(String typed, String remedy) {
        ConfigurationException error = catchThrowableOfType(
                ConfigurationException.class,
                () -> new Composer(FOLDER).compose("train", List.of(typed)).bind(GatedTraining.class));
        assertThat(error).as(typed).isNotNull();
        assertThat(error.getMessage()).contains(remedy);
        assertThat(error.problems().get(0).place()).contains("'" + typed + "'");
    }
}
