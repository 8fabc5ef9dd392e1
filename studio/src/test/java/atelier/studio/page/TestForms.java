package atelier.studio.page;

import atelier.cli.config.Composer;
import atelier.cli.config.ConfigFolder;
import atelier.cli.config.Help;
import atelier.studio.run.FormDescription;
import atelier.studio.run.FormGroup;
import atelier.studio.run.FormKey;
import atelier.studio.run.FormOption;
import atelier.cli.command.GatedTraining;
import java.util.ArrayList;
import java.util.List;

/** The form of train, from its settings: of the demonstration, and of pictures of one's own. */
final class TestForms {
    private TestForms() {}

    static List<FormDescription> forms() throws Exception {
        return List.of(form(List.of()), form(List.of("data.pairs=own")));
    }

    private static FormDescription form(List<String> changes) throws Exception {
        ConfigFolder folder = new ConfigFolder(FakeRoutes.ROOT);
        var composition = new Composer(folder).compose("train", changes);
        List<FormGroup> groups = new ArrayList<>();
        for (String group : List.of("experiment", "optimizer", "model")) {
            groups.add(new FormGroup(
                    group,
                    folder.options(group).stream()
                            .map(option -> new FormOption(
                                    option,
                                    folder.summary(group, option),
                                    composition.choices().getOrDefault(group, List.of()).contains(option),
                                    folder.sets(group, option)))
                            .toList()));
        }
        List<FormKey> keys = Help.lines(composition, GatedTraining.class).stream()
                .map(line -> new FormKey(
                        line.key(),
                        line.key().replaceAll("\\..*", ""),
                        line.type(),
                        line.type().contains(" | ") && !line.type().startsWith("auto | ")
                                ? List.of(line.type().replace(" or null", "").split(" \\| "))
                                : List.of(),
                        line.value(),
                        line.meaning()))
                .toList();
        return new FormDescription(groups, keys);
    }
}
