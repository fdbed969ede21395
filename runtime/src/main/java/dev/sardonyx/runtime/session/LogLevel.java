package dev.sardonyx.runtime.session;

import ai.onnxruntime.OrtLoggingLevel;

/** What ONNX Runtime prints to the standard error stream. */
public enum LogLevel {
  VERBOSE(OrtLoggingLevel.ORT_LOGGING_LEVEL_VERBOSE),
  INFO(OrtLoggingLevel.ORT_LOGGING_LEVEL_INFO),
  WARNING(OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING),
  ERROR(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR),
  /** Next to nothing: failures come as exceptions. */
  FATAL(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);

  private final OrtLoggingLevel level;

  LogLevel(OrtLoggingLevel level) {
    this.level = level;
  }

  OrtLoggingLevel level() {
    return level;
  }
}
