package dev.sardonyx.runtime.conformance;

import dev.sardonyx.ir.Printable;
import java.io.StringWriter;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** A report in the XML that build servers read test results from: a suite for each stage. */
public final class JUnitXml {
  private JUnitXml() {}

  /** The text of the file. */
  public static String of(ConformanceReport report) {
    StringWriter text = new StringWriter();
    try {
      XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(text);
      xml.writeStartDocument("UTF-8", "1.0");
      xml.writeCharacters("\n");
      xml.writeStartElement("testsuites");
      for (ConformanceReport.StageScore score : report.stages()) {
        suite(xml, score, report);
      }
      xml.writeEndElement();
      xml.writeEndDocument();
      xml.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException("XML cannot be written into memory", e);
    }
    return text + "\n";
  }

  private static void suite(
      XMLStreamWriter xml, ConformanceReport.StageScore score, ConformanceReport report)
      throws XMLStreamException {
    xml.writeCharacters("\n");
    xml.writeStartElement("testsuite");
    xml.writeAttribute("name", plain(score.stage()));
    xml.writeAttribute("tests", String.valueOf(score.cases()));
    xml.writeAttribute("failures", String.valueOf(score.failed()));
    xml.writeAttribute("errors", "0");
    xml.writeAttribute("skipped", String.valueOf(score.known() + score.skipped()));
    xml.writeAttribute("time", seconds(score.millis() * 1000));
    for (CaseResult result : report.results()) {
      for (CaseResult.StageResult stage : result.stages()) {
        if (stage.stage().equals(score.stage())) {
          testCase(xml, result, stage);
        }
      }
    }
    xml.writeCharacters("\n");
    xml.writeEndElement();
  }

  private static void testCase(XMLStreamWriter xml, CaseResult result, CaseResult.StageResult stage)
      throws XMLStreamException {
    xml.writeCharacters("\n  ");
    xml.writeStartElement("testcase");
    xml.writeAttribute(
        "classname", plain(result.operators().size() == 1 ? result.operators().get(0) : "models"));
    xml.writeAttribute("name", plain(result.name()));
    xml.writeAttribute("time", seconds(stage.micros()));
    Outcome outcome = stage.outcome();
    if (!outcome.isPassed()) {
      boolean isFailure = outcome.status().isFailure();
      xml.writeEmptyElement(isFailure ? "failure" : "skipped");
      if (isFailure) {
        xml.writeAttribute("type", outcome.status().text());
      }
      String kind = outcome.status().isKnown() ? outcome.status().text() + ": " : "";
      xml.writeAttribute("message", plain(kind + outcome.reason()));
    }
    xml.writeEndElement();
  }

  /** Texts come from files, and not every character is allowed in XML. */
  private static String plain(String text) {
    return Printable.line(text);
  }

  private static String seconds(long micros) {
    return String.format(Locale.ROOT, "%.6f", micros / 1e6);
  }
}
