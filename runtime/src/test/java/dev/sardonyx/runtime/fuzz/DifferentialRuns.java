package dev.sardonyx.runtime.fuzz;

import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.runtime.conformance.Outcome;
import dev.sardonyx.runtime.conformance.generate.*;
import dev.sardonyx.runtime.isolated.IsolatedBackend;
import java.nio.file.Path;
import java.time.Duration;
import java.util.*;

public final class DifferentialRuns {
  public static void main(String[] a) throws Exception {
    long seed = Long.parseLong(a[0]);
    int per = Integer.parseInt(a[1]);
    Path folder = Path.of(a[2]);
    long t0 = System.nanoTime();
    int[] n = new int[5]; int none = 0, total = 0;
    Map<String, Integer> kinds = new TreeMap<>();
    try (CaseGenerator g = CaseGenerator.of(seed, 26);
        CaseShrinker shrinker = new CaseShrinker();
        IsolatedBackend ort = IsolatedBackend.onnxRuntime().withTimeout(Duration.ofSeconds(30))) {
      Differential d = new Differential(new dev.sardonyx.runtime.ConvertingBackend(ort, dev.sardonyx.runtime.OrtBackend.TARGET));
      for (String op : g.operators()) {
        if (a.length > 3 && !op.matches(a[3])) continue;
        int made = 0;
        int[] st = new int[5];
        for (int i = 0; i < per; i++) {
          Optional<GeneratedCase> c = g.next(op);
          if (c.isEmpty()) continue;
          made++;
          Outcome o = d.outcome(c.get());
          st[o.status().ordinal()]++;
          n[o.status().ordinal()]++;
          if (o.status().isFailure()) {
            String kind = op + " " + o.status() + " " + o.reason().replaceAll("\\R", " ").replaceAll("-?\\d[\\d.E+-]*", "#");
            kind = kind.length() > 150 ? kind.substring(0, 150) : kind;
            if (kinds.merge(kind, 1, Integer::sum) == 1) {
              GeneratedCase s = d.shrink(c.get(), shrinker);
              s.write(folder);
              Outcome so = d.outcome(s);
              System.out.println("  FOUND " + s.name() + " " + so.status() + " " + so.reason().replaceAll("\\R", " "));
              System.out.println("     " + s.model().opsetImports() + s.model().graph().nodes().get(0));
              System.out.println("     " + s.inputs() + " -> " + s.outputs());
            }
          } else if (o.status() == Outcome.Status.SKIPPED) {
            String kind = op + " SKIPPED " + o.reason().replaceAll("\\R", " ").replaceAll("-?\\d[\\d.E+-]*", "#");
            kinds.merge(kind.length() > 120 ? kind.substring(0, 120) : kind, 1, Integer::sum);
          }
        }
        total += made;
        System.out.println("OP " + op + " " + made + " " + Arrays.toString(st));
      }
    }
    kinds.forEach((k, v) -> System.out.println("KIND " + v + " " + k));
    System.out.println("TOTAL " + total + " " + Arrays.toString(Outcome.Status.values()) + Arrays.toString(n) + " " + (System.nanoTime() - t0) / 1_000_000 + " ms");
    System.exit(0);
  }
}
