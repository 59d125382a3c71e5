package dev.bts.it;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;

/** The arrows between the modules, and between the rooms of the kernel backend. */
@AnalyzeClasses(
    packages = "dev.bts",
    importOptions = {
      ImportOption.DoNotIncludeTests.class,
      ModuleArrowsTest.DoNotIncludeTestJars.class
    })
class ModuleArrowsTest {
  @ArchTest
  static final ArchRule arrowsPointOneWay =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("api")
          .definedBy("dev.bts.api..")
          .layer("accounting")
          .definedBy("dev.bts.accounting..")
          .layer("kernel")
          .definedBy("dev.bts.kernel..")
          .layer("sim")
          .definedBy("dev.bts.sim..")
          .layer("cli")
          .definedBy("dev.bts.cli..")
          .optionalLayer("it")
          .definedBy("dev.bts.it..")
          .whereLayer("it")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("cli")
          .mayOnlyBeAccessedByLayers("it")
          .whereLayer("kernel")
          .mayOnlyBeAccessedByLayers("cli", "it")
          .whereLayer("sim")
          .mayOnlyBeAccessedByLayers("cli", "it")
          .whereLayer("accounting")
          .mayOnlyBeAccessedByLayers("kernel", "sim", "cli", "it");

  @ArchTest
  static final ArchRule theInterfaceDependsOnNothingButAnnotations =
      classes()
          .that()
          .resideInAPackage("dev.bts.api..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("dev.bts.api..", "java..", "org.jspecify.annotations");

  @ArchTest
  static final ArchRule onlyModulesKnowGuice =
      noClasses()
          .that()
          .haveSimpleNameNotEndingWith("Module")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.google.inject..");

  @ArchTest
  static final ArchRule onlySystemCallsKnowJna =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.bts.kernel.sys..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.sun.jna..");

  @ArchTest
  static final ArchRule systemCallsKnowOnlyTheInterface =
      noClasses()
          .that()
          .resideInAPackage("dev.bts.kernel.sys..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("dev.bts..")
                  .and(not(resideInAnyPackage("dev.bts.kernel.sys..", "dev.bts.api.."))));

  @ArchTest
  static final ArchRule theDecoderKnowsOnlyTheInterface =
      classes()
          .that()
          .resideInAPackage("dev.bts.kernel.x86..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "dev.bts.kernel.x86..",
              "dev.bts.kernel.sys..",
              "dev.bts.api..",
              "java..",
              "org.jspecify.annotations");

  @ArchTest
  static final ArchRule theRoomsOfTheKernelBackendFormNoCycle =
      slices().matching("dev.bts.kernel.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule librariesDoNotPrint =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.bts.api..", "dev.bts.accounting..", "dev.bts.kernel..", "dev.bts.sim..")
          .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS);

  /** Leaves out the test classes of other modules, which come as jars or as directories. */
  static final class DoNotIncludeTestJars implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar") && !location.contains("/test-classes/");
    }
  }
}
