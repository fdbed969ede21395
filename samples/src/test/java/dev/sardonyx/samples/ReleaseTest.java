package dev.sardonyx.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** A repository takes what is signed alone, so that each module must be. */
final class ReleaseTest {
  private static final Path ROOT = Path.of("..");

  private static final String SIGNING =
      "/project/profiles/profile[id='release']/build/plugins/plugin[artifactId='maven-gpg-plugin'"
          + " and executions/execution/goals/goal='sign']/version";

  private static Document pom(Path folder) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(folder.resolve("pom.xml").toFile());
  }

  private static List<String> texts(Document pom, String path) throws XPathExpressionException {
    NodeList found =
        (NodeList)
            XPathFactory.newInstance().newXPath().evaluate(path, pom, XPathConstants.NODESET);
    return IntStream.range(0, found.getLength())
        .mapToObj(i -> found.item(i).getTextContent().strip())
        .toList();
  }

  @Test
  void everyModuleIsSigned() throws Exception {
    Document root = pom(ROOT);
    List<String> signing = texts(root, SIGNING);
    assertEquals(1, signing.size());
    List<String> modules = texts(root, "/project/modules/module");
    assertFalse(modules.isEmpty());
    for (String module : modules) {
      Document pom = pom(ROOT.resolve(module));
      boolean inherits =
          texts(pom, "/project/parent/artifactId").equals(texts(root, "/project/artifactId"));
      if (!inherits) {
        assertEquals(signing, texts(pom, SIGNING), module);
      }
    }
  }
}
