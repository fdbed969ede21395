package dev.sardonyx.samples.view;

import dev.sardonyx.samples.page.PageTemplate;
import java.util.List;
import java.util.stream.Collectors;

/** The page of a drawing, as one file. */
final class ViewPage {
  /** The script by its subjects, each using those before it when it is loaded. */
  private static final List<String> SCRIPTS =
      List.of("base.js", "items.js", "view.js", "details.js", "search.js", "page.js");

  private ViewPage() {}

  static String of(String title, String data) {
    return PageTemplate.of(ViewPage.class, "view.html")
        .withText("title", title)
        .withStyle(resource("drawing.css") + PageTemplate.theme() + resource("view.css"))
        .withScript(
            SCRIPTS.stream()
                .map(ViewPage::resource)
                .collect(Collectors.joining("", "(() => {\n", "})();\n")))
        .with("data", data)
        .html();
  }

  static String resource(String name) {
    return PageTemplate.resource(ViewPage.class, name);
  }
}
