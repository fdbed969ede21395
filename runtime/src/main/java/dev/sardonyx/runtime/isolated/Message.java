package dev.sardonyx.runtime.isolated;

/** The messages between the two processes; each begins with its number. */
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
  /** The names of the values that a run can give are asked for. */
  OBSERVABLE(6),
  /** The answer: it is done. */
  DONE(7),
  /** The answer: an exception. */
  FAILED(8);

  private final int number;

  Message(int number) {
    this.number = number;
  }

  /** The number that it is sent as. */
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
