package atelier.cli.moving;

import com.google.common.collect.ImmutableList;
import java.util.List;

/** Trainers whose configurations are read. */
enum Program {
    SD_SCRIPTS("sd-scripts", ImmutableList.of("sd-scripts")),
    KOHYA_SS("kohya_ss", ImmutableList.of("kohya_ss", "sd-scripts")),
    ONETRAINER("OneTrainer", ImmutableList.of("onetrainer")),
    AI_TOOLKIT("ai-toolkit", ImmutableList.of("ai-toolkit")),
    SIMPLETUNER("SimpleTuner", ImmutableList.of("simpletuner"));

    private final String title;
    private final ImmutableList<String> tables;

    Program(String title, ImmutableList<String> tables) {
        this.title = title;
        this.tables = tables;
    }

    String title() {
        return title;
    }

    /** Names of its tables of keys; the first that has a key counts. */
    List<String> tables() {
        return tables;
    }
}
