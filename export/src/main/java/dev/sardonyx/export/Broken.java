package dev.sardonyx.export;

import com.google.protobuf.InvalidProtocolBufferException;

/** Explains why bytes cannot be parsed, for people who do not know protobuf. */
final class Broken {
  private Broken() {}

  static String reason(InvalidProtocolBufferException e) {
    String message = String.valueOf(e.getMessage());
    if (message.contains("ended unexpectedly")) {
      return "it ends in the middle of a message (truncated, or not protobuf)";
    }
    if (message.contains("nesting")) {
      return "its messages nest deeper than the " + 100 + " levels that protobuf allows";
    }
    return "it is not valid protobuf (" + message + ")";
  }
}
