package dev.sardonyx.samples;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The floors of the house: imports run downward only, and each dependency stays in its room. */
@AnalyzeClasses(packages = "dev.sardonyx", importOptions = DoNotIncludeTests.class)
final class FloorsTest {
  private static final String IR = "dev.sardonyx.ir..";
  private static final String EXPORT = "dev.sardonyx.export..";
  private static final String TRAINING = "dev.sardonyx.training..";
  private static final String RUNTIME = "dev.sardonyx.runtime..";
  private static final String SPARK = "dev.sardonyx.runtime.spark..";
  private static final String SAMPLES = "dev.sardonyx.samples..";

  /** The JDK's image readers serve the operator ImageDecoder. */
  @ArchTest
  static final ArchRule IR_NEEDS_ONLY_JAVA_AND_JSPECIFY =
      classes()
          .that()
          .resideInAPackage(IR)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(IR, "java..", "javax.imageio..", "org.jspecify..");

  @ArchTest
  static final ArchRule EXPORT_STANDS_ON_IR =
      noClasses()
          .that()
          .resideInAPackage(EXPORT)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(TRAINING, RUNTIME, SAMPLES);

  @ArchTest
  static final ArchRule TRAINING_STANDS_ON_IR =
      noClasses()
          .that()
          .resideInAPackage(TRAINING)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(EXPORT, RUNTIME, SAMPLES);

  @ArchTest
  static final ArchRule RUNTIME_STANDS_ON_IR_AND_EXPORT =
      noClasses()
          .that()
          .resideInAPackage(RUNTIME)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(TRAINING, SAMPLES);

  @ArchTest
  static final ArchRule ONLY_TRAINING_AND_SAMPLES_MEET_DL4J =
      noClasses()
          .that()
          .resideInAnyPackage(IR, EXPORT, RUNTIME)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.deeplearning4j..", "org.nd4j..", "org.bytedeco..");

  @ArchTest
  static final ArchRule ONLY_RUNTIME_AND_SAMPLES_MEET_ONNX_RUNTIME =
      noClasses()
          .that()
          .resideInAnyPackage(IR, EXPORT, TRAINING)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.onnxruntime..");

  @ArchTest
  static final ArchRule ONLY_EXPORT_AND_RUNTIME_MEET_PROTOBUF =
      noClasses()
          .that()
          .resideInAnyPackage(IR, TRAINING, SAMPLES)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.google.protobuf..", "dev.sardonyx.export.proto..");

  @ArchTest
  static final ArchRule ONLY_ITS_MODULE_MEETS_SPARK =
      noClasses()
          .that()
          .resideOutsideOfPackage(SPARK)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(SPARK, "org.apache.spark..", "org.apache.hadoop..", "scala..");

  @ArchTest
  static final ArchRule ONLY_DRAWINGS_MEET_THE_LAYOUT_KERNEL =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.sardonyx.samples.view..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.eclipse..");
}
