/**
 * Runs test suites in the layout of the ONNX backend suite against the parts of Sardonyx and
 * against any backend.
 *
 * <pre>{@code
 * final class MyRuntimeTest implements BackendConformance {  // a JUnit test for each case
 *   @Override
 *   public Backend backend() {
 *     return new MyRuntime();
 *   }
 * }
 * }</pre>
 *
 * <p>{@link dev.sardonyx.runtime.conformance.junit} is the way in for tests, {@link
 * dev.sardonyx.runtime.conformance.Conformance} for programs; the suite comes along. What a backend
 * is known not to pass stands in a file of lines, each case with its cause. A backend that can
 * crash belongs into an {@code IsolatedBackend}.
 */
@NullMarked
package dev.sardonyx.runtime.conformance;

import org.jspecify.annotations.NullMarked;
