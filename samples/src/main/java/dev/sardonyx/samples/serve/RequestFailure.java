package dev.sardonyx.samples.serve;

/** Why a request gets no result, with the status that tells the client. */
final class RequestFailure extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;

  RequestFailure(int status, String message) {
    super(message);
    this.status = status;
  }

  /** The client's fault. */
  static RequestFailure badRequest(String message) {
    return new RequestFailure(400, message);
  }

  /** What is missing. */
  static RequestFailure notFound(String message) {
    return new RequestFailure(404, message);
  }

  /** Not now; the client may try again soon. */
  static RequestFailure unavailable(String message) {
    return new RequestFailure(503, message);
  }

  int status() {
    return status;
  }
}
