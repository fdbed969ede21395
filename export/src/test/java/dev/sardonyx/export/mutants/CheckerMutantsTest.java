package dev.sardonyx.export.mutants;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.BackendSuite;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.check.Report;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The checker passes every model of the ONNX backend suite, and finds the one fault put into each
 * of several hundred of them: the right code, at the right node, as a root cause.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CheckerMutantsTest {
  private static final int MODELS_PER_FAULT = 12;

  private final Map<String, Model> models = new LinkedHashMap<>();

  @BeforeAll
  void readSuite() throws IOException {
    try (BackendSuite suite = BackendSuite.open()) {
      for (String file : suite.models()) {
        models.put(file.replace("/model.onnx", ""), OnnxReader.read(suite.bytes(file)));
      }
    }
  }

  @Test
  void everyModelOfTheSuiteIsValid() {
    List<String> faults = new ArrayList<>();
    models.forEach(
        (name, model) -> {
          Report report = Checker.check(model);
          if (!report.isValid()) {
            faults.add(name + ":\n" + report);
          }
        });
    assertEquals(List.of(), faults, faults.size() + " valid models are refused");
  }

  @Test
  void everyFaultIsFoundWhereItIs() {
    List<Mutant> mutants = mutants();
    assertTrue(mutants.size() >= 200, "only " + mutants.size() + " mutants");
    List<String> missed = new ArrayList<>();
    for (Mutant mutant : mutants) {
      Report report = Checker.check(mutant.model());
      if (report.rootCauses().stream().noneMatch(p -> matches(p, mutant))) {
        missed.add(
            mutant.fault()
                + ": expected "
                + mutant.code().id()
                + " at '"
                + mutant.node()
                + "', found\n"
                + report);
      }
    }
    System.out.println(mutants.size() - missed.size() + " of " + mutants.size() + " mutants found");
    assertEquals(List.of(), missed, missed.size() + " of " + mutants.size() + " faults missed");
  }

  private static boolean matches(Problem problem, Mutant mutant) {
    return problem.code() == mutant.code()
        && problem.node().equals(mutant.node())
        // Of what ONNX Runtime takes earlier than ONNX has it, a warning.
        && (problem.severity() == Problem.Severity.ERROR
            || problem.code() == ProblemCode.OPERATOR_TOO_NEW);
  }

  /** Each fault in up to a dozen models it can be put into, drawn by a fixed seed. */
  private List<Mutant> mutants() {
    Map<String, Mutation> mutations = new LinkedHashMap<>();
    mutations.putAll(StructureMutations.all());
    mutations.putAll(NodeMutations.all());
    mutations.putAll(TypeMutations.all());
    List<Mutant> mutants = new ArrayList<>();
    mutations.forEach(
        (fault, mutation) -> {
          List<String> names = new ArrayList<>(models.keySet());
          Collections.shuffle(names, new Random(fault.hashCode()));
          int found = 0;
          for (String name : names) {
            Model model = models.get(name);
            Optional<Mutant> mutant =
                found < MODELS_PER_FAULT ? mutation.apply(model) : Optional.empty();
            if (mutant.isPresent()) {
              found++;
              Mutant m = mutant.get();
              mutants.add(new Mutant(fault + " in " + name, m.model(), m.code(), m.node()));
            }
          }
          assertTrue(found > 0, "no model of the suite has room for the fault: " + fault);
        });
    return mutants;
  }
}
