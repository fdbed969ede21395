package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.ValueType;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttentionInferenceTest {
  @Test
  void headsApart() {
    NodeCase.inAllVersions(
        "Attention",
        n -> n.in("float[B,8,S,16]", "float[B,4,T,16]", "float[B,4,T,10]").outputs(4),
        "float[B,8,S,10]; float[B,4,T,16]; float[B,4,T,10]; float[B,8,S,T]");
  }

  @Test
  void headsPacked() {
    NodeCase.inAllVersions(
        "Attention",
        n ->
            n.in("float[B,S,128]", "float[B,T,64]", "float[B,T,40]")
                .with("q_num_heads", 8)
                .with("kv_num_heads", 4)
                .outputs(4),
        "float[B,S,80]; float[B,4,T,16]; float[B,4,T,10]; float[B,8,S,T]");
  }

  @Test
  void thePastIsPrepended() {
    NodeCase.inAllVersions(
        "Attention",
        n ->
            n.in("float[B,8,1,16]", "float[B,8,1,16]", "float16[B,8,1,10]", "")
                .in("float[B,8,P,16]", "float16[B,8,P,10]")
                .outputs(3),
        "float[B,8,1,10]; float[B,8,P+1,16]; float16[B,8,P+1,10]");
  }

  @Test
  void attentionProblems() {
    assertEquals(
        "SX-305 q_num_heads: Attention: input a [B,S,128] packs its heads into 128, so attribute"
            + " q_num_heads must be given and divide it, but is missing",
        NodeCase.of("Attention", 23)
            .in("float[B,S,128]", "float[B,T,64]", "float[B,T,40]")
            .problem());
    assertEquals(
        "SX-303 b: Attention: the head size of a [B,8,S,16] is 16, but that of b [B,4,T,12] is 12;"
            + " they must be equal",
        NodeCase.of("Attention", 23)
            .in("float[B,8,S,16]", "float[B,4,T,12]", "float[B,4,T,10]")
            .problem());
    assertEquals(
        "SX-303 b: Attention: the 8 heads of a [B,8,S,16] are not a multiple of the 3 heads of b"
            + " [B,3,T,16]",
        NodeCase.of("Attention", 23)
            .in("float[B,8,S,16]", "float[B,3,T,16]", "float[B,3,T,10]")
            .problem());
    assertEquals(
        "SX-304 a: Attention: input a has shape [B,S], but Attention takes rank 3 or 4",
        NodeCase.of("Attention", 23).in("float[B,S]", "float[B,S]", "float[B,S]").problem());
  }

  @Test
  void linearAttention() {
    assertEquals(
        "float[B,T,80]; float[B,4,16,10]",
        NodeCase.of("LinearAttention", 27)
            .in("float[B,T,128]", "float[B,T,64]", "float[B,T,40]")
            .with("q_num_heads", 8)
            .with("kv_num_heads", 4)
            .with("update_rule", "linear")
            .outputs(2)
            .types());
    assertEquals(
        "float[B,T,80]; float16[2,4,16,10]",
        NodeCase.of("LinearAttention", 27)
            .in("float[B,T,128]", "float[B,T,64]", "float[B,T,40]", "float16[2,4,16,10]")
            .in("float[B,T,4]", "float[B,T,4]")
            .with("q_num_heads", 8)
            .with("kv_num_heads", 4)
            .outputs(2)
            .types());
    assertEquals(
        "SX-305 update_rule: LinearAttention: update_rule gated needs input decay, which is"
            + " not given",
        NodeCase.of("LinearAttention", 27)
            .in("float[B,T,128]", "float[B,T,64]", "float[B,T,40]")
            .with("q_num_heads", 8)
            .with("kv_num_heads", 4)
            .with("update_rule", "gated")
            .problem());
  }

  @Test
  void rotaryEmbedding() {
    assertEquals(
        "float[B,S,128]",
        NodeCase.of("RotaryEmbedding", 23)
            .in("float[B,S,128]", "float[P,8]", "float[P,8]", "int64[B,S]")
            .with("num_heads", 8)
            .types());
    assertEquals(
        "float[B,4,S,16]",
        NodeCase.of("RotaryEmbedding", 23)
            .in("float[B,4,S,16]", "float[B,S,2]", "float[B,S,2]")
            .with("rotary_embedding_dim", 4)
            .types());
    assertEquals(
        "SX-303 b: RotaryEmbedding: b [B,S,4] has 4 on axis 2, but must have 8, half of the rotated"
            + " 16",
        NodeCase.of("RotaryEmbedding", 23)
            .in("float[B,4,S,16]", "float[B,S,4]", "float[B,S,4]")
            .problem());
  }

  @Test
  void swiGlu() {
    assertEquals("float[N,64]", NodeCase.of("SwiGLU", 28).in("float[N,64]", "float[?,?]").types());
    assertEquals(
        "SX-303 b: SwiGLU: shapes [N,64] of a and [N,1] of b must be equal",
        NodeCase.of("SwiGLU", 28).in("float[N,64]", "float[N,1]").problem());
  }

  @Test
  void flexAttentionAndItsGraphs() {
    assertEquals(
        "float16[B,8,S,10]",
        flex("Dropout").in("float16[B,8,S,16]", "float16[B,4,T,16]", "float16[B,4,T,10]").types());
    assertEquals(
        "SX-305 score_mod: ai.onnx.preview.FlexAttention: the graph of attribute score_mod gives"
            + " [bool[B,8,S,T]], but must give one tensor of the scores' type float[B,8,S,T]",
        flex("IsNaN").in("float16[B,8,S,16]", "float16[B,4,T,16]", "float16[B,4,T,10]").problem());
  }

  private static NodeCase flex(String modifier) {
    Graph graph =
        Graph.of(
            "scores",
            List.of(Input.of("s", ValueType.unknown())),
            List.of(Output.of("t", ValueType.unknown())),
            List.of(Node.of(modifier, List.of("s"), List.of(Result.of("t")))),
            List.of());
    return NodeCase.of("ai.onnx.preview.FlexAttention", 1)
        .with(Attribute.ofGraph("score_mod", graph));
  }
}
