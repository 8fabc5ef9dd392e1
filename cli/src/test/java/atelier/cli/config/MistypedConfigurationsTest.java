package atelier.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each row is something a user types wrongly; the error names the place as typed, and the remedy. */
class MistypedConfigurationsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    adapter.rnak=8             | override 'adapter.rnak=8'         | did you mean adapter.rank
                    adpater.rank=8             | override 'adpater.rank=8'         | did you mean adapter.rank
                    rank=8                     | override 'rank=8'                 | did you mean adapter.rank
                    train.step=8               | override 'train.step=8'           | did you mean train.steps
                    steps=8                    | override 'steps=8'                | did you mean train.steps
                    train.saveEvery=8          | override 'train.saveEvery=8'      | did you mean train.save_every
                    train.save-every=8         | override 'train.save-every=8'     | did you mean train.save_every
                    divice=cpu                 | override 'divice=cpu'             | did you mean device
                    Device=cpu                 | override 'Device=cpu'             | did you mean device
                    network_dim=8              | override 'network_dim=8'          | here it is called adapter.rank
                    max_train_steps=8          | override 'max_train_steps=8'      | here it is called train.steps
                    colour=red                 | override 'colour=red'             | --help lists the keys
                    train.steps.more=8         | override 'train.steps.more=8'     | did you mean train.steps
                    ~train.stepz               | override '~train.stepz'           | did you mean train.steps
                    ~train.steps               | override '~train.steps'           | give it a whole number
                    +train.steps=8             | override '+train.steps=8'         | drop the +
                    +train.warmup=8            | override '+train.warmup=8'        | --help lists the keys
                    +experiment=long           | override '+experiment=long'       | drop the +
                    train=8                    | override 'train=8'                | set one of its keys: train.
                    train={step: 8}            | override 'train={step: 8}'        | did you mean train.steps
                    train={steps: 8            | override 'train={steps: 8'        | set one of its keys
                    train={steps ? 8}          | override 'train={steps ? 8}'      | quote it
                    model=tinny                | override 'model=tinny'            | did you mean tiny?
                    model=sdxl                 | override 'model=sdxl'             | options: large, tiny
                    model=mine.conf            | override 'model=mine.conf'        | check the path
                    experiment=[long,bigg]     | override 'experiment=[long,bigg]' | did you mean big?
                    modle=tiny                 | override 'modle=tiny'             | did you mean model?
                    train.steps                | 'train.steps'                     | write key=value
                    cat                        | 'cat'                             | write key=value
                    =8                         | override '=8'                     | write words with dots
                    train..steps=8             | override 'train..steps=8'         | write words with dots
                    train.steps=               | override 'train.steps='           | it must be a whole number
                    train.steps=many           | override 'train.steps=many'       | it must be a whole number
                    train.steps=1.5            | override 'train.steps=1.5'        | it must be a whole number
                    train.steps="8"            | override 'train.steps="8"'        | it must be a whole number
                    train.steps=1e30           | override 'train.steps=1e30'       | a whole number from
                    train.steps=1,2            | override 'train.steps=1,2'        | add --multirun
                    train.steps=[8]            | override 'train.steps=[8]'        | it must be a whole number
                    train.steps=null           | override 'train.steps=null'       | give it a whole number
                    train.steps=0              | override 'train.steps=0'          | must be at least 1, got 0
                    train.save_every=3000000000 | override 'train.save_every=3000000000' | to 2147483647
                    adapter.rank=-4            | override 'adapter.rank=-4'        | must be at least 1, got -4
                    train.rate=fast            | override 'train.rate=fast'        | it must be a number
                    train.rate=1e999           | override 'train.rate=1e999'       | it must be a number
                    train.shuffle=yes          | override 'train.shuffle=yes'      | true or false
                    train.shuffle=1            | override 'train.shuffle=1'        | true or false
                    train.limit=10             | override 'train.limit=10'         | with its unit
                    train.limit=ten minutes    | override 'train.limit=ten minutes' | with its unit
                    device=gpu                 | override 'device=gpu'             | one of auto, cpu, cuda
                    device=CPU                 | override 'device=CPU'             | one of auto, cpu, cuda
                    model.dtype=fp23           | override 'model.dtype=fp23'       | did you mean fp32
                    model.dtype=float32        | override 'model.dtype=float32'    | one of fp32, bf16, fp16
                    adapter.targets=attention,resnets | override 'adapter.targets=attention,resnets' | a list, [one, two]
                    adapter.targets=[atention] | override 'adapter.targets=[atention]' | did you mean attention
                    model.path=                | override 'model.path='            | it must be a path
                    model.path=[a,b]           | override 'model.path=[a,b]'       | it must be a path
                    data.manifests=a.csv,b.csv | override 'data.manifests=a.csv,b.csv' | a list, [one, two]
                    +adapter.ranks.down=x      | override '+adapter.ranks.down=x'  | it must be a whole number
                    adapter.ranks=4            | override 'adapter.ranks=4'        | a section
                    """)
    void errorsNameThePlaceAndTheRemedy(String typed, String place, String remedy) {
        ConfigurationException error = catchThrowableOfType(ConfigurationException.class, () -> Tree.settings(typed));
        assertThat(error).as(typed).isNotNull();
        assertThat(error.problems().toString()).contains(remedy);
        assertThat(error.problems().get(0).place()).isEqualTo(place);
    }

    @ParameterizedTest
    @CsvSource({
        "--multi, did you mean --multirun?",
        "--learning-rate=1, keys take no dashes: learning_rate=1",
        "--rerun, names no file",
        "-x, options: --help"
    })
    void wrongOptionsAreErrorsToo(String option, String remedy) {
        ConfigurationException error =
                catchThrowableOfType(ConfigurationException.class, () -> Arguments.of(List.of(option)));
        assertThat(error).hasMessageContaining("'" + option + "'").hasMessageContaining(remedy);
    }

    @Test
    void allProblemsAreReportedAtOnce() {
        ConfigurationException error = catchThrowableOfType(
                ConfigurationException.class,
                () -> Tree.settings("adapter.rnak=8", "model=sdxl", "train.steps=1.5", "device=gpu", "adapter.rank=0"));
        assertThat(error.problems())
                .extracting(Problem::place)
                .contains(
                        "override 'adapter.rnak=8'",
                        "override 'model=sdxl'",
                        "override 'train.steps=1.5'",
                        "override 'device=gpu'",
                        "override 'adapter.rank=0'");
    }
}
