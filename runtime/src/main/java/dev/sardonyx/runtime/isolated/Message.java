package dev.sardonyx.runtime.isolated;

/** What the two processes say to each other; each of them begins with its number. */
enum Message {
  /** The backend's name is asked for. */
  NAME(1),
  /** A model is to be prepared, under a number. */
  PREPARE(2),
  /** A prepared model is to be run. */
  RUN(3),
  /** A prepared model is needed no more. */
  CLOSE(4),
  /** Why a model cannot be run is asked for. */
  WHY_UNSUPPORTED(5),
  /** The values that can be asked for are asked for. */
  OBSERVABLE(6),
  /** The answer: it is done. */
  DONE(7),
  /** The answer: an exception. */
  FAILED(8);

  private final int number;

  Message(int number) {
    this.number = number;
  }

  /** What stands for it on the line. */
  int number() {
    return number;
  }

  static Message of(int number) {
    for (Message message : values()) {
      if (message.number == number) {
        return message;
      }
    }
    throw new IllegalStateException("a message of an unknown kind, " + number);
  }
}
