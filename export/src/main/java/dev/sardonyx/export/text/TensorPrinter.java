package dev.sardonyx.export.text;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;
import java.util.function.Consumer;

/**
 * Prints tensors.
 *
 * @param limit how many numbers of a tensor are printed
 */
record TensorPrinter(long limit) {

  /** {@code float[2] w = {1.0, 2.0}}. */
  void constant(Constant constant, TextOut out) {
    out.add(TypeText.print(constant.type()) + " " + Words.name(constant.name()));
    out.add(Annotations.text(constant.metadata())).add(" =");
    if (constant.data() instanceof Tensor tensor) {
      out.add(said(tensor));
      data(tensor, out);
    } else if (constant.data() instanceof SparseTensor sparse) {
      parts(sparse, out);
    }
  }

  /** {@code float[2] name {1.0, 2.0}}, the name being optional. */
  void tensor(Tensor tensor, TextOut out) {
    out.add(TypeText.print(tensor.type()));
    if (Words.isIdentifier(tensor.name())) {
      out.add(" " + tensor.name()).add(Annotations.text(tensor.metadata()));
    } else {
      out.add(said(tensor));
    }
    data(tensor, out);
  }

  /** The tensor's name in an annotation, where ONNX's syntax has no place for it. */
  private static String said(Tensor tensor) {
    String name = tensor.name();
    return Annotations.text(tensor.metadata(), name.isEmpty() ? "" : Annotations.name(name));
  }

  void sparse(SparseTensor tensor, TextOut out) {
    out.add(TypeText.print(tensor.type()));
    parts(tensor, out);
  }

  private void parts(SparseTensor tensor, TextOut out) {
    out.add(Annotations.text(tensor.metadata())).add(" {");
    tensor(tensor.values(), out);
    out.add(", ");
    tensor(tensor.indices(), out);
    out.add("}");
  }

  private void data(Tensor tensor, TextOut out) {
    if (!tensor.isReadable()) {
      out.add(" {...}");
      return;
    }
    out.add(" {");
    ElementText.print(
        tensor,
        limit,
        new Consumer<String>() {
          private boolean first = true;

          @Override
          public void accept(String number) {
            out.item(number, first);
            first = false;
          }
        });
    boolean cut =
        (tensor.source() == null
                ? tensor.size()
                : ElementText.numbers(tensor.elementType(), tensor.size()))
            > limit;
    out.add(cut ? (limit == 0 ? "..." : ", ...") : "").add("}");
  }
}
