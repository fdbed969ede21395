package dev.sardonyx.export;

import com.google.protobuf.Message;
import dev.sardonyx.export.proto.AttributeProto;
import dev.sardonyx.export.proto.GraphProto;
import dev.sardonyx.export.proto.TensorProto;
import dev.sardonyx.export.proto.ValueInfoProto;
import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Residue;
import dev.sardonyx.ir.ValueType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a file says about an element beyond what the IR holds: the element's message without the
 * fields that the IR holds. The writer adds those fields to it again, so that unknown fields,
 * fields that are present but empty, and the like are kept.
 */
sealed interface OnnxResidue extends Residue {

  record Fields(Message rest) implements OnnxResidue {
    @Override
    public List<String> faults(ValueType now) {
      return FileFaults.of(rest, now);
    }
  }

  /**
   * @param readAs the type that the value was read as
   * @param typeOmitted whether the file left the type out
   * @param valueOmitted whether the file left a default value out
   */
  record AttributeFields(
      AttributeProto rest, AttributeType readAs, boolean typeOmitted, boolean valueOmitted)
      implements OnnxResidue {
    @Override
    public List<String> faults(ValueType now) {
      return FileFaults.of(this);
    }
  }

  /** Which of a tensor's fields hold the elements. */
  enum Storage {
    /** {@code raw_data}, or {@code string_data} for strings. */
    RAW,
    /** The field for the element type. */
    TYPED,
    /**
     * The field for the element type, whose numbers have bits that the type does not use; they are
     * kept in the rest.
     */
    VERBATIM,
    /** Another file; the reference is in the rest. */
    EXTERNAL
  }

  record TensorFields(TensorProto rest, ElementType elementType, Storage storage)
      implements OnnxResidue {
    @Override
    public List<String> faults(ValueType now) {
      return FileFaults.of(this, now);
    }
  }

  /**
   * @param valueInfo the declared values in the file's order; null if the writer would use the same
   *     order anyway
   */
  record GraphFields(GraphProto rest, @Nullable List<Declared> valueInfo) implements OnnxResidue {
    @Override
    public List<String> faults(ValueType now) {
      return FileFaults.of(this);
    }
  }

  /** An entry of a graph's {@code value_info}. */
  sealed interface Declared {
    String name();
  }

  /** An entry that declares a node's result. */
  record DeclaredResult(String name) implements Declared {}

  /**
   * Any other entry, unchanged.
   *
   * @param of the type of the value of that name when the file was read, which may differ from the
   *     entry's
   */
  record DeclaredAnew(String name, ValueInfoProto message, ValueType of) implements Declared {}

  /** The rest of a message kept with an element, or {@code none}. */
  static <M extends Message> M rest(Metadata metadata, M none) {
    if (metadata.residue() instanceof Fields fields && none.getClass().isInstance(fields.rest)) {
      @SuppressWarnings("unchecked") // has just been checked
      M rest = (M) fields.rest;
      return rest;
    }
    return none;
  }
}
