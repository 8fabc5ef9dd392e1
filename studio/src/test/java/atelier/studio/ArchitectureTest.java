package atelier.studio;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import atelier.diffusion.tensor.HostCopy;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import java.util.List;

/** The direction of dependencies, over the whole product: this module sees all others. */
@AnalyzeClasses(packages = "atelier", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final int MOST_CLASSES = 24;

    /**
     * The trainer's packages from the top down: each sees those below it. States are near the bottom, as optimisers save
     * themselves into them; settings stand with what uses them, and only the run knows them all.
     */
    private static final List<String> TRAINER = List.of(
            "run",
            "output",
            "listen",
            "prepare",
            "loop",
            "step",
            "memory",
            "objective",
            "optimizer",
            "schedule",
            "state",
            "metrics",
            "cache",
            "folder");

    @ArchTest
    static final ArchRule modulesDependDownwards = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("common")
            .definedBy("atelier.common..")
            .layer("datasets")
            .definedBy("atelier.datasets..")
            .layer("diffusion")
            .definedBy("atelier.diffusion..")
            .layer("trainer")
            .definedBy("atelier.trainer..")
            .layer("inference")
            .definedBy("atelier.inference..")
            .layer("evaluation")
            .definedBy("atelier.evaluation..")
            .layer("cli")
            .definedBy("atelier.cli..")
            .layer("studio")
            .definedBy("atelier.studio..")
            .whereLayer("studio")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("cli")
            .mayOnlyBeAccessedByLayers("studio")
            .whereLayer("trainer")
            .mayOnlyBeAccessedByLayers("studio", "cli")
            .whereLayer("evaluation")
            .mayOnlyBeAccessedByLayers("studio", "cli")
            .whereLayer("inference")
            .mayOnlyBeAccessedByLayers("studio", "cli", "evaluation")
            .whereLayer("datasets")
            .mayOnlyBeAccessedByLayers("studio", "cli", "evaluation", "trainer")
            .whereLayer("diffusion")
            .mayOnlyBeAccessedByLayers("studio", "cli", "evaluation", "trainer", "inference")
            .whereLayer("common")
            .mayNotAccessAnyLayer()
            .because("data and model are usable, and tested, without each other and without a trainer, and training"
                    + " and drawing without each other");

    @ArchTest
    static final ArchRule packagesHaveNoCircles = slices().matching("atelier.(**)")
            .should()
            .beFreeOfCycles()
            .because("two packages that import each other are one, and can be neither read nor tested apart");

    @ArchTest
    static final ArchRule theTrainersPackagesSeeThoseBelowThem = trainer();

    private static ArchRule trainer() {
        LayeredArchitecture layers = layeredArchitecture().consideringOnlyDependenciesInLayers();
        for (String name : TRAINER) {
            layers = layers.layer(name).definedBy("atelier.trainer." + name + "..");
        }
        layers = layers.whereLayer(TRAINER.get(0)).mayNotBeAccessedByAnyLayer();
        for (int i = 1; i < TRAINER.size(); i++) {
            layers = layers.whereLayer(TRAINER.get(i))
                    .mayOnlyBeAccessedByLayers(TRAINER.subList(0, i).toArray(String[]::new));
        }
        return layers.because("a run is composed at the top, of steps that know nothing of it: each part can be tried"
                + " with what lies below it alone");
    }

    @ArchTest
    static final ArchRule onlyTheConfigurationKnowsTypesafeConfig = noClasses()
            .that()
            .resideOutsideOfPackage("atelier.cli.config..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.typesafe.config..")
            .because("settings reach everything else as records that have checked themselves");

    @ArchTest
    static final ArchRule onlyTheTensorPackageKnowsTheEnginesInside = noClasses()
            .that()
            .resideOutsideOfPackage("atelier.diffusion.tensor..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("ai.djl.pytorch..")
            .because("what DJL's PyTorch engine lacks is worked around in one place");

    @ArchTest
    static final ArchRule arraysAreReadThroughHostCopy = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(HostCopy.class.getName())
            .should()
            .callMethodWhere(DescribedPredicate.describe(
                    "the engine's readers of an array",
                    call -> call.getTargetOwner().isAssignableTo(NDArray.class)
                            && call.getName()
                                    .matches("to\\w*Array|toByteBuffer|get(Float|Double|Int|Long|Byte|Boolean|Uint8)")))
            .because("each would leave a copy of a GPU's array with the array's manager");

    @ArchTest
    static final ArchRule commandsThrowWhatUsersUnderstand = noClasses()
            .that()
            .resideInAPackage("atelier.cli.command..")
            .should()
            .callConstructorWhere(DescribedPredicate.describe(
                    "IllegalArgumentException or IllegalStateException",
                    call -> call.getTargetOwner().isEquivalentTo(IllegalArgumentException.class)
                            || call.getTargetOwner().isEquivalentTo(IllegalStateException.class)))
            .because("what a command refuses a user caused: it is a UserException, whose kind is the exit status, and"
                    + " any other exception is shown as a fault of the program's own");

    /** A package is read as a whole: what takes more than a screen's list of names is two. */
    @ArchTest
    static void noPackageHasManyMoreThanTwentyClasses(JavaClasses classes) {
        classes.stream()
                .filter(each ->
                        !each.getName().contains("$") && !each.getSimpleName().equals("package-info"))
                .collect(groupingBy(JavaClass::getPackageName, counting()))
                .forEach((name, count) ->
                        assertThat(count).as("classes of " + name).isLessThanOrEqualTo(MOST_CLASSES));
    }
}
