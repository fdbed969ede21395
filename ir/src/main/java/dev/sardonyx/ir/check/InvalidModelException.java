package dev.sardonyx.ir.check;

/** A model has errors; the message lists them. */
public final class InvalidModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // Reports hold records of strings; exceptions are not sent anywhere.
  private final Report report;

  public InvalidModelException(Report report) {
    super(
        (report.errors().size() == 1
                ? "The model has an error:\n"
                : "The model has " + report.errors().size() + " errors:\n")
            + report);
    this.report = report;
  }

  public Report report() {
    return report;
  }
}
