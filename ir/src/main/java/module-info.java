/**
 * The graph IR: models, building, checking, shape inference, passes and the reference evaluator.
 * Packages that are not exported are not part of the API.
 */
module dev.sardonyx.ir {
  requires transitive java.desktop; // ImageDecoder reads JPEG, PNG, ...
  requires static transitive org.jspecify;

  uses dev.sardonyx.ir.op.OperatorDefinition;
  uses dev.sardonyx.ir.op.OperatorLibrary;

  provides dev.sardonyx.ir.op.OperatorLibrary with
      dev.sardonyx.ir.contrib.ContribOperators;

  exports dev.sardonyx.ir;
  exports dev.sardonyx.ir.backend;
  exports dev.sardonyx.ir.build;
  exports dev.sardonyx.ir.check;
  exports dev.sardonyx.ir.convert;
  exports dev.sardonyx.ir.diff;
  exports dev.sardonyx.ir.edit;
  exports dev.sardonyx.ir.eval;
  exports dev.sardonyx.ir.file;
  exports dev.sardonyx.ir.infer;
  exports dev.sardonyx.ir.nn;
  exports dev.sardonyx.ir.op;
  exports dev.sardonyx.ir.pass;
  exports dev.sardonyx.ir.precision;
}
