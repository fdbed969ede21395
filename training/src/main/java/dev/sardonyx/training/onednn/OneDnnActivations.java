package dev.sardonyx.training.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;

import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationHardSigmoid;
import org.nd4j.linalg.activations.impl.ActivationHardTanH;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationMish;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftPlus;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;

/** Functions of single numbers. */
final class OneDnnActivations {
  private OneDnnActivations() {}

  /** One of oneDNN's functions with its parameters. */
  record Formula(algorithm formula, float alpha, float beta) {
    /** {@code alpha x + beta}. */
    static Formula linear(double alpha, double beta) {
      return new Formula(algorithm.eltwise_linear, (float) alpha, (float) beta);
    }
  }

  static boolean isIdentity(IActivation activation) {
    return activation instanceof ActivationIdentity;
  }

  /** Whether it is the ReLU without a slope, threshold or maximum. */
  static boolean isRelu(IActivation activation) {
    return activation.equals(new ActivationReLU());
  }

  /** Records an activation. */
  static RecordedValue add(RecordingSite site, IActivation activation) {
    if (isIdentity(activation)) {
      return site.input();
    }
    if (isRelu(activation)) {
      return relu(site);
    }
    Formula function = function(activation);
    if (function == null) {
      site.leave(activation.getClass().getSimpleName());
      return Foreign.activation(site, activation);
    }
    return add(site, function);
  }

  private static @Nullable Formula function(IActivation activation) {
    if (activation instanceof ActivationLReLU leaky) {
      return new Formula(algorithm.eltwise_relu, (float) leaky.getAlpha(), 0);
    }
    if (activation instanceof ActivationELU elu && elu.getAlpha() == 1) {
      return new Formula(algorithm.eltwise_elu, 1, 0);
    }
    if (activation instanceof ActivationSigmoid) {
      return new Formula(algorithm.eltwise_logistic, 0, 0);
    }
    if (activation instanceof ActivationTanH) {
      return new Formula(algorithm.eltwise_tanh, 0, 0);
    }
    if (activation instanceof ActivationSoftPlus) {
      return new Formula(algorithm.eltwise_soft_relu, 1, 0);
    }
    if (activation instanceof ActivationSwish) {
      return new Formula(algorithm.eltwise_swish, 1, 0);
    }
    if (activation instanceof ActivationMish) {
      return new Formula(algorithm.eltwise_mish, 0, 0);
    }
    if (activation instanceof ActivationHardSigmoid) {
      return new Formula(algorithm.eltwise_hardsigmoid, 0.2f, 0.5f);
    }
    if (activation instanceof ActivationReLU6) {
      return new Formula(algorithm.eltwise_clip, 0, 6);
    }
    if (activation instanceof ActivationHardTanH) {
      return new Formula(algorithm.eltwise_clip, -1, 1);
    }
    return null;
  }

  /** Records a function whose gradient is computed from its input. */
  static RecordedValue add(RecordingSite site, Formula function) {
    RecordedValue x = site.input();
    Tape tape = site.tape();
    eltwise_forward.primitive_desc description = forward(site, function);
    memory y = tape.allocate(x.order());
    tape.call(
        description,
        new eltwise_forward(description),
        new PrimitiveArguments().with(DNNL_ARG_SRC, x.data()).with(DNNL_ARG_DST, y));
    RecordedValue result = RecordedValue.of(x.dims(), y, x.learns());
    tape.onTheWayBack(
        () -> {
          ValueGradient gradient = tape.take(result);
          if (gradient != null) {
            tape.give(x, back(site, function, description, x.data(), DNNL_ARG_SRC, gradient));
          }
        });
    return result;
  }

  /** Records a ReLU, whose gradient is computed from its result. */
  private static RecordedValue relu(RecordingSite site) {
    RecordedValue x = site.input();
    Tape tape = site.tape();
    eltwise_forward.primitive_desc description =
        forward(site, new Formula(algorithm.eltwise_relu, 0, 0));
    memory y = tape.allocate(x.order());
    tape.call(
        description,
        new eltwise_forward(description),
        new PrimitiveArguments().with(DNNL_ARG_SRC, x.data()).with(DNNL_ARG_DST, y));
    RecordedValue result = RecordedValue.of(x.dims(), y, x.learns());
    tape.onTheWayBack(
        () -> {
          ValueGradient gradient = tape.take(result);
          if (gradient != null) {
            tape.give(x, throughRelu(site, result, gradient));
          }
        });
    return result;
  }

  /** The gradient before a ReLU from the one behind it. */
  static ValueGradient throughRelu(
      RecordingSite site, RecordedValue result, ValueGradient gradient) {
    Formula function = new Formula(algorithm.eltwise_relu_use_dst_for_bwd, 0, 0);
    return back(
        site,
        function,
        forward(site.with(result), function),
        result.data(),
        DNNL_ARG_DST,
        gradient);
  }

  private static eltwise_forward.primitive_desc forward(RecordingSite site, Formula function) {
    memory.desc order = site.input().order();
    return new eltwise_forward.primitive_desc(
        site.tape().cpu(),
        prop_kind.forward_training,
        function.formula,
        order,
        order,
        function.alpha,
        function.beta,
        site.tape().attributes(),
        false);
  }

  /**
   * Records a function's way back.
   *
   * @param read what its gradient is computed from, and which argument that is
   */
  private static ValueGradient back(
      RecordingSite site,
      Formula function,
      eltwise_forward.primitive_desc forward,
      memory read,
      int argument,
      ValueGradient gradient) {
    Tape tape = site.tape();
    memory.desc order = gradient.data().get_desc();
    eltwise_backward.primitive_desc description =
        new eltwise_backward.primitive_desc(
            tape.cpu(),
            function.formula,
            order,
            order,
            read.get_desc(),
            function.alpha,
            function.beta,
            forward,
            tape.attributes(),
            false);
    ValueGradient before = tape.replacing(gradient);
    tape.call(
        description,
        new eltwise_backward(description),
        new PrimitiveArguments()
            .with(argument, read)
            .with(DNNL_ARG_DIFF_DST, gradient.data())
            .with(DNNL_ARG_DIFF_SRC, before.data()));
    tape.releaseUnlessReused(gradient, before);
    return before;
  }
}
