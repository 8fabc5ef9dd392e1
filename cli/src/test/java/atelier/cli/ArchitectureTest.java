package atelier.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import ai.djl.ndarray.NDArray;
import atelier.diffusion.tensor.HostCopy;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The direction of dependencies, over the whole product: this module sees all others. */
@AnalyzeClasses(packages = "atelier", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule modulesDependDownwards = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("datasets")
            .definedBy("atelier.datasets..")
            .layer("diffusion")
            .definedBy("atelier.diffusion..")
            .layer("trainer")
            .definedBy("atelier.trainer..")
            .optionalLayer("inference")
            .definedBy("atelier.inference..")
            .optionalLayer("evaluation")
            .definedBy("atelier.evaluation..")
            .layer("cli")
            .definedBy("atelier.cli..")
            .whereLayer("cli")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("trainer")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("evaluation")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("inference")
            .mayOnlyBeAccessedByLayers("cli", "evaluation", "trainer")
            .whereLayer("datasets")
            .mayOnlyBeAccessedByLayers("cli", "evaluation", "trainer")
            .whereLayer("diffusion")
            .mayOnlyBeAccessedByLayers("cli", "evaluation", "trainer", "inference")
            .because("data and model are usable, and tested, without each other and without a trainer");

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
    static final ArchRule modulesHaveNoCircles = slices().matching("atelier.(*)..")
            .should()
            .beFreeOfCycles()
            .because("a circle between modules cannot be built");
}
