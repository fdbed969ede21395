package dev.sardonyx.runtime.conformance;

import dev.sardonyx.ir.Printable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A report as one HTML page that needs nothing else: light and dark, for wide and small screens.
 */
public final class Scoreboard {
  private static final String STYLE =
      """
      :root{color-scheme:light dark;--bg:#fff;--fg:#1c1e21;--dim:#5f6670;--line:#dfe3e8;--card:#f6f8fa;
      --good:#1a7f37;--some:#9a6700;--bad:#cf222e}
      @media(prefers-color-scheme:dark){:root{--bg:#0f1216;--fg:#e6e9ee;--dim:#9aa3ae;--line:#2c333c;
      --card:#171c22;--good:#4cc26b;--some:#d9a53a;--bad:#ff7b72}}
      *{box-sizing:border-box}
      body{margin:0 auto;max-width:70rem;padding:1rem;background:var(--bg);color:var(--fg);
      font:16px/1.5 system-ui,sans-serif}
      h1{font-size:1.5rem;margin:.5rem 0}h2{font-size:1.15rem;margin:2rem 0 .5rem}
      .stages{display:grid;grid-template-columns:repeat(auto-fit,minmax(14rem,1fr));gap:.75rem}
      .stage{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.75rem}
      .stage b{display:block;overflow-wrap:anywhere}.stage strong{font-size:1.6rem}
      .dim{color:var(--dim);font-size:.875rem}
      .bar{display:flex;height:.5rem;border-radius:.25rem;overflow:hidden;background:var(--line)}
      .bar i{display:block}.good{color:var(--good)}.some{color:var(--some)}.bad{color:var(--bad)}
      .bar .good{background:var(--good)}.bar .bad{background:var(--bad)}
      .bar .some{background:var(--some)}
      .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}
      th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line);
      vertical-align:top}
      th{position:sticky;top:0;background:var(--bg)}td.n,th.n{text-align:right;white-space:nowrap;
      font-variant-numeric:tabular-nums}
      td.t{overflow-wrap:anywhere;min-width:10rem}
      input{width:100%;padding:.5rem;font:inherit;color:inherit;background:var(--card);
      border:1px solid var(--line);border-radius:.4rem;margin:.25rem 0 .5rem}
      summary{cursor:pointer;padding:.3rem 0}
      @media(max-width:40rem){body{padding:.75rem}th,td{padding:.3rem .35rem;font-size:.9rem}
      .flow thead{display:none}.flow tr{display:block;padding:.4rem 0;
      border-bottom:1px solid var(--line)}.flow tr[hidden]{display:none}
      .flow td{display:inline;border:0}.flow td.t{display:block}}
      """;

  /** Hides the rows that lack what is typed; without scripts all are shown. */
  private static final String SCRIPT =
      """
      const box=document.getElementById('find');box.hidden=false;
      box.addEventListener('input',()=>{const want=box.value.toLowerCase();
      for(const row of document.querySelectorAll('#cases tbody tr'))
      row.hidden=!row.textContent.toLowerCase().includes(want)});
      """;

  private final StringBuilder html = new StringBuilder();
  private final ConformanceReport report;

  private Scoreboard(ConformanceReport report) {
    this.report = report;
  }

  /**
   * The page.
   *
   * @param title such as what was tested
   */
  public static String of(String title, ConformanceReport report) {
    return new Scoreboard(report).page(title);
  }

  private String page(String title) {
    add("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
    add("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n");
    add("<title>" + text(title) + "</title>\n<style>\n" + STYLE + "</style></head><body>\n");
    add("<h1>" + text(title) + "</h1>\n<p>" + text(report.verdict()) + "</p>\n");
    stages();
    reasons();
    cases();
    for (Grouping grouping : Grouping.values()) {
      groups(grouping);
    }
    add("<script>\n" + SCRIPT + "</script>\n</body></html>\n");
    return html.toString();
  }

  private void add(String markup) {
    html.append(markup);
  }

  private static String text(String plain) {
    return Printable.line(plain)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private void stages() {
    add("<div class=\"stages\">\n");
    for (ConformanceReport.StageScore score : report.stages()) {
      long all = Math.max(1, score.cases());
      add("<div class=\"stage\"><b>" + text(score.stage()) + "</b><strong>");
      add(percent(score.passed(), all) + "</strong>");
      add("<div class=\"bar\">");
      part("good", score.passed(), all);
      part("bad", score.failed(), all);
      part("some", score.known() + score.skipped(), all);
      add("</div><span class=\"dim\">");
      add(
          String.format(
              Locale.ROOT,
              "%,d passed, %,d failed, %s%,d not supported, %.1f s",
              score.passed(),
              score.failed(),
              score.known() == 0 ? "" : "%,d known, ".formatted(score.known()),
              score.skipped(),
              score.millis() / 1000.0));
      add("</span></div>\n");
    }
    add("</div>\n");
  }

  private void part(String kind, long count, long all) {
    if (count > 0) {
      add(
          String.format(
              Locale.ROOT,
              "<i class=\"%s\" style=\"width:%.2f%%\"></i>",
              kind,
              100.0 * count / all));
    }
  }

  private static String percent(long part, long all) {
    return String.format(Locale.ROOT, "%.1f %%", 100.0 * part / Math.max(1, all));
  }

  private void reasons() {
    List<ConformanceReport.ReasonGroup> groups = report.reasons();
    if (groups.isEmpty()) {
      return;
    }
    add(
        "<h2>Reasons</h2>\n<div class=\"scroll\"><table class=\"flow\"><thead><tr><th>stage<th>outcome");
    add("<th class=\"n\">cases<th>reason<th>for example</tr></thead><tbody>\n");
    for (ConformanceReport.ReasonGroup group : groups) {
      add("<tr><td>" + text(group.stage()) + "<td class=\"" + colour(group.status()) + "\">");
      add(group.status().text() + "<td class=\"n\">" + group.count() + "<td class=\"t\">");
      add(text(group.reason()) + "<td class=\"t\">" + text(group.example()) + "</tr>\n");
    }
    add("</tbody></table></div>\n");
  }

  private static String colour(Outcome.Status status) {
    return status.isFailure() ? "bad" : status == Outcome.Status.PASSED ? "good" : "some";
  }

  private void cases() {
    add("<h2>Cases that do not pass</h2>\n");
    add("<input id=\"find\" type=\"search\" placeholder=\"Find\" aria-label=\"Find\" hidden>\n");
    add(
        "<div class=\"scroll\"><table id=\"cases\" class=\"flow\"><thead><tr><th>case<th>stage<th>outcome");
    add("<th>reason</tr></thead><tbody>\n");
    for (ConformanceReport.Finding finding : report.findings()) {
      if (finding.status() != Outcome.Status.PASSED) {
        add("<tr><td class=\"t\">" + text(finding.caseName()) + "<td>" + text(finding.stage()));
        add("<td class=\"" + colour(finding.status()) + "\">" + finding.status().text());
        add("<td class=\"t\">" + text(finding.reason()) + "</tr>\n");
      }
    }
    add("</tbody></table></div>\n");
  }

  private void groups(Grouping grouping) {
    Map<String, Map<String, Grouping.Score>> rows = new LinkedHashMap<>();
    for (Grouping.Score score : grouping.scores(report.results())) {
      rows.computeIfAbsent(score.group(), name -> new LinkedHashMap<>()).put(score.stage(), score);
    }
    add("<h2>By " + grouping.heading() + "</h2>\n<details");
    add(rows.size() > 40 ? "><summary>" + rows.size() + " in all</summary>" : " open><summary>");
    add(rows.size() > 40 ? "" : rows.size() + " in all</summary>");
    add("<div class=\"scroll\"><table><thead><tr><th>" + grouping.heading());
    report.stages().forEach(stage -> add("<th class=\"n\">" + text(stage.stage())));
    add("</tr></thead><tbody>\n");
    rows.forEach(
        (name, scores) -> {
          add("<tr><td class=\"t\">" + text(name));
          for (ConformanceReport.StageScore stage : report.stages()) {
            score(scores.get(stage.stage()));
          }
          add("</tr>\n");
        });
    add("</tbody></table></div></details>\n");
  }

  private void score(Grouping.@Nullable Score score) {
    if (score == null) {
      add("<td class=\"n\">");
      return;
    }
    String kind = score.passed() == score.cases() ? "good" : score.passed() == 0 ? "bad" : "some";
    add("<td class=\"n " + kind + "\">" + score.passed() + "/" + score.cases());
  }
}
