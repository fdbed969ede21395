package dev.sardonyx.export;

import com.google.protobuf.Message;
import dev.sardonyx.export.OnnxResidue.AttributeFields;
import dev.sardonyx.export.OnnxResidue.Declared;
import dev.sardonyx.export.OnnxResidue.DeclaredAnew;
import dev.sardonyx.export.OnnxResidue.GraphFields;
import dev.sardonyx.export.OnnxResidue.Storage;
import dev.sardonyx.export.OnnxResidue.TensorFields;
import dev.sardonyx.export.proto.AttributeProto;
import dev.sardonyx.export.proto.ModelProto;
import dev.sardonyx.export.proto.StringStringEntryProto;
import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.export.proto.ValueInfoProto;
import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.SparseTensorType;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.infer.TypeMerge;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds faults of a file's messages that the IR cannot represent. */
final class FileFaults {
  private FileFaults() {}

  /** Faults of a value's declaration, or of a model. */
  static List<String> of(Message rest, ValueType now) {
    if (rest instanceof ValueInfoProto value
        && value.hasType()
        && !hasElementType(TypeMessages.read(value.getType()))
        && TypeMessages.read(value.getType()).equals(now)) {
      return List.of("is declared without an element type, which runtimes refuse");
    }
    return rest instanceof ModelProto model && repeats(model.getMetadataPropsList())
        ? List.of("has two metadata_props of one key")
        : List.of();
  }

  private static boolean repeats(List<StringStringEntryProto> entries) {
    Set<String> keys = new HashSet<>();
    return entries.stream().anyMatch(entry -> !keys.add(entry.getKey()));
  }

  /** Whether a type names the element type of its tensors; true for types that have no tensors. */
  static boolean hasElementType(ValueType type) {
    if (type instanceof TensorType tensor) {
      return tensor.elementType() != ElementType.UNDEFINED;
    }
    if (type instanceof SparseTensorType sparse) {
      return sparse.elementType() != ElementType.UNDEFINED;
    }
    if (type instanceof SequenceType sequence) {
      return hasElementType(sequence.element());
    }
    return !(type instanceof OptionalType optional) || hasElementType(optional.element());
  }

  static List<String> of(AttributeFields attribute) {
    AttributeProto rest = attribute.rest();
    List<String> faults = new ArrayList<>();
    if (attribute.typeOmitted()) {
      faults.add("does not say its type");
    }
    // The rest has the values of other types, and also the attribute's own value if that is a type.
    AttributeProto.Builder others = rest.toBuilder();
    AttributeMessages.clear(others, attribute.readAs());
    if (attribute.readAs() == AttributeType.TYPE_PROTO) {
      others.clearTp();
    } else if (attribute.readAs() == AttributeType.TYPE_PROTOS) {
      others.clearTypeProtos();
    }
    AttributeType other = AttributeMessages.filled(others.build());
    if (other != AttributeType.UNDEFINED) {
      faults.add("of type " + attribute.readAs() + " has a value of type " + other + " as well");
    }
    return faults;
  }

  static List<String> of(TensorFields tensor, ValueType now) {
    List<String> fields = new ArrayList<>();
    TensorProto rest = tensor.rest();
    if (!rest.getRawData().isEmpty()) {
      fields.add("raw_data");
    }
    if (rest.getFloatDataCount() > 0) {
      fields.add("float_data");
    }
    if (rest.getInt32DataCount() > 0) {
      fields.add("int32_data");
    }
    if (rest.getStringDataCount() > 0) {
      fields.add("string_data");
    }
    if (rest.getInt64DataCount() > 0) {
      fields.add("int64_data");
    }
    if (rest.getDoubleDataCount() > 0) {
      fields.add("double_data");
    }
    if (rest.getUint64DataCount() > 0) {
      fields.add("uint64_data");
    }
    boolean ownIsThere = tensor.storage() == Storage.VERBATIM;
    if (fields.size() <= (ownIsThere ? 1 : 0)) {
      return List.of();
    }
    if (now instanceof TensorType type && type.shape().size().isFixed(0)) {
      return List.of("has no elements, but data in " + String.join(", ", fields));
    }
    return List.of("has its elements in more than one place, also in " + String.join(", ", fields));
  }

  /** Faults of declarations that contradict an earlier one of the same value. */
  static List<String> of(GraphFields graph) {
    List<String> faults = new ArrayList<>();
    for (Declared declared : graph.valueInfo() == null ? List.<Declared>of() : graph.valueInfo()) {
      if (declared instanceof DeclaredAnew anew) {
        ValueType again = TypeMessages.read(anew.message().getType());
        if (TypeMerge.both(again, anew.of()).isEmpty()) {
          faults.add(
              "declares value " + anew.name() + " as " + anew.of() + " and again as " + again);
        }
      }
    }
    return faults;
  }
}
