package dev.sardonyx.export.text;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Metadata;
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
      named(tensor.name(), tensor.metadata(), out);
      data(tensor, out);
    } else if (constant.data() instanceof SparseTensor sparse) {
      parts(sparse, out);
    }
  }

  /** {@code float[2] name {1.0, 2.0}}, the name being optional. */
  void tensor(Tensor tensor, TextOut out) {
    out.add(TypeText.print(tensor.type()));
    named(tensor.name(), tensor.metadata(), out);
    data(tensor, out);
  }

  private static void named(String name, Metadata metadata, TextOut out) {
    out.add(name.isEmpty() ? "" : " " + Words.name(name)).add(Annotations.text(metadata));
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
    out.add(" {");
    Elements.print(
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
                : Elements.numbers(tensor.elementType(), tensor.size()))
            > limit;
    out.add(cut ? (limit == 0 ? "..." : ", ...") : "").add("}");
  }
}
