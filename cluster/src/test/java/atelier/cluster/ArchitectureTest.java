package atelier.cluster;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The direction of dependencies of this module; the studio's test of the same name watches the others. */
@AnalyzeClasses(packages = "atelier", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final int MOST_CLASSES = 24;

    @ArchTest
    static final ArchRule onlyTheClusterKnowsSpark = noClasses()
            .that()
            .resideOutsideOfPackage("atelier.cluster..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.spark..", "scala..")
            .because("whoever has one machine need not have Spark");

    @ArchTest
    static final ArchRule nothingDependsOnTheCluster = noClasses()
            .that()
            .resideOutsideOfPackage("atelier.cluster..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("atelier.cluster..")
            .because("the default build has no such module");

    @ArchTest
    static final ArchRule packagesHaveNoCircles = slices().matching("atelier.cluster.(**)")
            .should()
            .beFreeOfCycles()
            .because("two packages that import each other are one, and can be neither read nor tested apart");

    @ArchTest
    static void noPackageHasManyMoreThanTwentyClasses(JavaClasses classes) {
        classes.stream()
                .filter(each -> each.getPackageName().startsWith("atelier.cluster")
                        && !each.getName().contains("$")
                        && !each.getSimpleName().equals("package-info"))
                .collect(groupingBy(JavaClass::getPackageName, counting()))
                .forEach((name, count) ->
                        assertThat(count).as("classes of " + name).isLessThanOrEqualTo(MOST_CLASSES));
    }
}
