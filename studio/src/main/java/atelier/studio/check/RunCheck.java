package atelier.studio.check;

import atelier.cli.choice.ChosenSettings;
import atelier.cli.command.GatedTraining;
import atelier.cli.config.Composer;
import atelier.cli.config.Composition;
import atelier.cli.config.ConfigFolder;
import atelier.cli.config.ConfigurationException;
import atelier.cli.config.Problem;
import atelier.common.error.RefusedException;
import atelier.common.error.UserException;
import atelier.datasets.consent.ConsentFilter;
import atelier.datasets.consent.ConsentSettings;
import atelier.datasets.consent.ledger.Ledger;
import atelier.datasets.consent.ledger.Outcome;
import atelier.datasets.consent.ledger.RefusedSetException;
import atelier.datasets.consent.ledger.Verdict;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Pair;
import atelier.studio.run.LedgerRow;
import atelier.studio.run.RunControl;
import atelier.studio.run.Runs;
import atelier.trainer.memory.HostMemory;
import atelier.trainer.prepare.RunInputs;
import atelier.trainer.run.OpenedRun;
import atelier.trainer.run.RunCost;
import atelier.trainer.run.TrainingRun;
import atelier.trainer.run.TrainingSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Composes, binds and judges as {@code train} would, by the same code, and starts nothing: no file is written, no model
 * loaded, no picture decoded.
 */
public final class RunCheck {
    private static final int MOST_LEFT = 2000;

    private final Composer composer;
    private final Set<String> groups;
    private final PathRoots roots;
    private final RunControl control;
    private final SpeedOfLikeRuns speed;

    /** @param root the folder that holds {@code configs/} */
    public RunCheck(Path root, PathRoots roots, RunControl control, Runs runs) {
        ConfigFolder folder = new ConfigFolder(root);
        this.composer = new Composer(folder);
        this.groups = folder.groups();
        this.roots = roots;
        this.control = control;
        this.speed = new SpeedOfLikeRuns(runs);
    }

    /** The groups' names. */
    public Set<String> groups() {
        return Collections.unmodifiableSet(groups);
    }

    /**
     * Refuses what cannot be started, before it is.
     *
     * @throws ConfigurationException with everything that is wrong
     */
    public void require(List<String> changes) {
        Composition composition = composer.compose("train", changes);
        roots.require(composition);
        composition.bind(GatedTraining.class);
    }

    /** Looks at one run at a time: to judge a large set takes both processors. */
    public synchronized CheckResult check(List<String> changes) throws IOException {
        Found found = new Found(changes);
        Composition composition;
        try {
            composition = composer.compose("train", changes);
        } catch (ConfigurationException e) {
            found.wrong(e, Set.of());
            return found.result();
        }
        Set<String> keys = composition.flat().keySet();
        List<Problem> outside = roots.problems(composition);
        if (!outside.isEmpty()) {
            outside.forEach(each -> found.wrong(each, keys));
            return found.result();
        }
        try {
            composition.bind(GatedTraining.class);
            found.run = control.named(changes);
            Composition chosen = ChosenSettings.forTraining(
                    composition, each -> each.bind(GatedTraining.class).training(), found.notes::add);
            TrainingSettings settings = chosen.bind(GatedTraining.class).training();
            OpenedRun opened = TrainingRun.open(settings);
            RunInputs inputs = opened.inputs();
            inputs.pairs().notices().forEach(found.notes::add);
            judge(settings, inputs, found);
            size(settings, opened.cost(), chosen, found);
        } catch (ConfigurationException e) {
            found.wrong(e, keys);
        } catch (RefusedException e) {
            found.refused = e.getMessage();
        } catch (UserException e) {
            found.wrong(parsed(String.valueOf(e.getMessage())), keys);
        } catch (FindingException e) {
            found.wrong(parsed(e.finding().message()), keys);
        }
        return found.result();
    }

    private static Problem parsed(String message) {
        int colon = message.indexOf(": ");
        return colon > 0
                ? new Problem(message.substring(0, colon), message.substring(colon + 2), "")
                : new Problem("", message, "");
    }

    private static void judge(TrainingSettings settings, RunInputs inputs, Found found) throws FindingException {
        Ledger ledger;
        try {
            ledger = new ConsentFilter(new ConsentSettings(settings.optout(), settings.licence()))
                    .apply(inputs.pairs(), settings.data().captions().added());
        } catch (RefusedSetException e) {
            found.refused = e.getMessage();
            ledger = e.ledger();
        }
        found.ledger = ledger;
        if (found.refused == null && ledger.included().isEmpty()) {
            found.refused = "no picture may be trained on: " + ledger.summary();
        }
    }

    private void size(TrainingSettings settings, RunCost cost, Composition chosen, Found found) throws IOException {
        Ledger ledger = found.ledger;
        int shown = ledger == null
                ? 0
                : ledger.included().stream().mapToInt(Pair::repeats).sum();
        double trained = settings.validation().pairs() == null
                ? 1 - settings.validation().fraction()
                : 1;
        long pictures = Math.round(shown * trained) * settings.data().repeats();
        int steps = settings.train().steps();
        int each = settings.train().picturesPerStep();
        Optional<SpeedOfLikeRuns.Speed> like = speed.of(chosen);
        found.size = new CheckResult.Size(
                steps,
                each,
                pictures == 0 ? 0 : (double) steps * each / pictures,
                cost.onCpu() ? cost.memory() : cost.card(),
                !cost.onCpu(),
                cost.onCpu() ? HostMemory.here().freeBytes() : 0,
                cost.disk(),
                like.map(speed -> speed.seconds() * steps).orElse(null),
                like.map(SpeedOfLikeRuns.Speed::run).orElse(null));
    }

    /** What has been found out so far. */
    private static final class Found {
        private final List<String> changes;
        private final List<CheckResult.Wrong> problems = new ArrayList<>();
        private final List<String> notes = new ArrayList<>();
        private @Nullable String refused;
        private RunControl.@Nullable NewRun run;
        private @Nullable Ledger ledger;
        private CheckResult.@Nullable Size size;

        Found(List<String> changes) {
            this.changes = changes;
        }

        void wrong(ConfigurationException e, Set<String> keys) {
            e.problems().forEach(each -> wrong(each, keys));
        }

        void wrong(Problem problem, Set<String> keys) {
            problems.add(new CheckResult.Wrong(
                    ProblemKey.of(problem, keys), problem.place(), problem.fact(), problem.remedy()));
        }

        CheckResult result() {
            List<String> words = run == null ? changes : run.changes();
            return new CheckResult(
                    problems.isEmpty() && refused == null,
                    problems,
                    refused,
                    new RunControl.NewRun("", words).command(),
                    run == null ? "" : run.name(),
                    counts(),
                    left(),
                    notes,
                    size);
        }

        private @Nullable Map<String, Long> counts() {
            if (ledger == null) {
                return null;
            }
            Map<String, Long> counts = new LinkedHashMap<>();
            for (Outcome outcome : Outcome.values()) {
                counts.put(outcome.label(), ledger.count(outcome));
            }
            return counts;
        }

        private List<CheckResult.LeftOut> left() {
            return ledger == null
                    ? List.of()
                    : ledger.verdicts().stream()
                            .filter(verdict -> verdict.outcome() != Outcome.INCLUDED)
                            .limit(MOST_LEFT)
                            .map(verdict -> new CheckResult.LeftOut(row(verdict), Remedies.of(verdict)))
                            .toList();
        }

        private static LedgerRow row(Verdict verdict) {
            return new LedgerRow(
                    verdict.image().toString(),
                    verdict.outcome().label(),
                    verdict.rule().label(),
                    verdict.reason(),
                    verdict.list(),
                    verdict.line() == 0 ? "" : Long.toString(verdict.line()),
                    verdict.creator(),
                    verdict.licence(),
                    verdict.source());
        }
    }
}
