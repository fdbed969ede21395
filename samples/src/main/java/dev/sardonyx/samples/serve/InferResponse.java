package dev.sardonyx.samples.serve;

import com.google.gson.stream.JsonWriter;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.runtime.input.JsonTensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A response of the protocol.
 *
 * @param body JSON, and after it the elements of the outputs in binary form
 * @param jsonLength how many bytes are JSON
 * @param isBinary whether there are outputs in binary form
 */
record InferResponse(byte[] body, int jsonLength, boolean isBinary) {
  /**
   * The outputs that a request wants.
   *
   * @param classes the names of the model's classes; none if they are not known
   * @throws RequestFailure if classes are wanted of an output that has none
   */
  static InferResponse of(String model, List<String> classes, InferRequest request, Outputs outputs)
      throws IOException, RequestFailure {
    List<InferRequest.Wanted> wanted =
        request.outputs().isEmpty()
            ? outputs.keySet().stream().map(name -> new InferRequest.Wanted(name, null, 0)).toList()
            : request.outputs();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    List<ByteBuffer> binary = new ArrayList<>();
    try (JsonWriter json = new JsonWriter(new OutputStreamWriter(body, StandardCharsets.UTF_8))) {
      json.beginObject();
      json.name("model_name").value(model);
      json.name("model_version").value(HostedModel.VERSION);
      if (request.id() != null) {
        json.name("id").value(request.id());
      }
      json.name("outputs").beginArray();
      for (InferRequest.Wanted output : wanted) {
        boolean isBinary = output.binary() == null ? request.binaryOutputs() : output.binary();
        Tensor tensor = outputs.tensor(output.name());
        if (output.classification() > 0) {
          tensor = TopClasses.of(output.name(), tensor, output.classification(), classes);
        }
        write(json, output.name(), tensor, isBinary, binary);
      }
      json.endArray().endObject();
    }
    int jsonLength = body.size();
    try (WritableByteChannel channel = Channels.newChannel(body)) {
      for (ByteBuffer bytes : binary) {
        channel.write(bytes);
      }
    }
    return new InferResponse(body.toByteArray(), jsonLength, !binary.isEmpty());
  }

  private static void write(
      JsonWriter json, String name, Tensor tensor, boolean isBinary, List<ByteBuffer> binary)
      throws IOException {
    json.beginObject();
    json.name("name").value(name);
    json.name("datatype").value(Datatype.of(tensor.elementType()).orElseThrow().name());
    json.name("shape").beginArray();
    for (long dim : tensor.dims()) {
      json.value(dim);
    }
    json.endArray();
    if (isBinary) {
      ByteBuffer bytes = TensorBytes.of(tensor);
      binary.add(bytes);
      json.name("parameters").beginObject();
      json.name("binary_data_size").value(bytes.remaining()).endObject();
    } else {
      json.name("data");
      JsonTensor.writeFlat(json, tensor);
    }
    json.endObject();
  }
}
