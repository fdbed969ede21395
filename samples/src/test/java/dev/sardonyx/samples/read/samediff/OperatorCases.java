package dev.sardonyx.samples.read.samediff;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.nd4j.autodiff.samediff.SDVariable;

/** Cases of the methods of a namespace. */
final class OperatorCases {
  private final String namespace;
  private final List<OperatorCase> all = new ArrayList<>();

  OperatorCases(Class<?> namespace) {
    this.namespace = namespace.getSimpleName() + ".";
  }

  OperatorCases of(String method, Function<Bench, SDVariable> body) {
    return of(method, "", body);
  }

  OperatorCases of(String method, String what, Function<Bench, SDVariable> body) {
    all.add(OperatorCase.of(namespace + method, what, body));
    return this;
  }

  OperatorCases all(String method, Function<Bench, SDVariable[]> body) {
    return all(method, "", body);
  }

  OperatorCases all(String method, String what, Function<Bench, SDVariable[]> body) {
    all.add(OperatorCase.all(namespace + method, what, body));
    return this;
  }

  OperatorCases refused(String method, Function<Bench, SDVariable> body) {
    return refused(method, "", body);
  }

  OperatorCases refused(String method, String what, Function<Bench, SDVariable> body) {
    return refusedAll(method, what, b -> new SDVariable[] {body.apply(b)});
  }

  OperatorCases refusedAll(String method, String what, Function<Bench, SDVariable[]> body) {
    all.add(new OperatorCase(namespace + method, what, OperatorCase.Fate.REFUSED, body));
    return this;
  }

  OperatorCases broken(String method, String what, Function<Bench, SDVariable> body) {
    return brokenAll(method, what, b -> new SDVariable[] {body.apply(b)});
  }

  OperatorCases brokenAll(String method, String what, Function<Bench, SDVariable[]> body) {
    all.add(new OperatorCase(namespace + method, what, OperatorCase.Fate.BROKEN, body));
    return this;
  }

  List<OperatorCase> list() {
    return Collections.unmodifiableList(all);
  }
}
