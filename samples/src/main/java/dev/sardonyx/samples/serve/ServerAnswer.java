package dev.sardonyx.samples.serve;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a server answers. */
record ServerAnswer(int status, String contentType, byte[] body, Map<String, String> headers) {
  private static final Gson GSON = new Gson();

  /** What clients send, which can be long, is repeated in messages. */
  private static final int MOST_SAID = 1000;

  static ServerAnswer json(int status, JsonElement json) {
    return text(status, "application/json", GSON.toJson(json));
  }

  static ServerAnswer text(int status, String contentType, String text) {
    return new ServerAnswer(status, contentType, text.getBytes(StandardCharsets.UTF_8), Map.of());
  }

  /** The protocol's way to tell what is wrong. */
  static ServerAnswer failure(RequestFailure failure) {
    JsonObject json = new JsonObject();
    String message = String.valueOf(failure.getMessage());
    json.addProperty(
        "error", message.length() > MOST_SAID ? message.substring(0, MOST_SAID) + "..." : message);
    ServerAnswer answer = json(failure.status(), json);
    return failure.status() == 503 ? answer.with("Retry-After", "1") : answer;
  }

  ServerAnswer with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new ServerAnswer(status, contentType, body, more);
  }
}
