package dev.sardonyx.ir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PrintableTest {
  @Test
  void whatATerminalActsOnIsEscaped() {
    assertEquals("a\\u001b[31mb", Printable.line("a\u001b[31mb"));
    assertEquals("x\\nSTATUS: valid\\r\\t", Printable.line("x\nSTATUS: valid\r\t"));
    assertEquals("\\u009b2J\\u007f\\u2028\\u202e", Printable.line("\u009b2J\u007f\u2028\u202e"));
    assertEquals("\\ud800", Printable.line("\ud800"));
    assertEquals("\\udb40\\udc41", Printable.line(new String(Character.toChars(0xE0041))));
  }

  @Test
  void whatCanBeSeenStays() {
    String text = "conv1/é\\漢字 \"😀\" [N,3]";
    assertEquals(text, Printable.line(text));
    assertEquals("a\nb", Printable.lines("a\nb"));
    assertEquals("a\n\\u001bb", Printable.lines("a\n\u001bb"));
  }

  @Test
  void noCharacterGetsThroughThatIsNotSeen() {
    for (int c = 0; c <= 0xFFFF; c++) {
      String line = Printable.line(String.valueOf((char) c));
      assertTrue(line.codePoints().allMatch(Printable::isPlain), Integer.toHexString(c));
    }
  }

  @Test
  void problemsAreOneLine() {
    Problem problem =
        Problem.error(ProblemCode.UNDEFINED_VALUE, "g\n", "n\r", "v\n", "", "", "node n\n is bad");
    assertEquals("SX-102 error in g\\n at n\\r: node n\\n is bad", problem.toString());
    assertEquals("v\n", problem.value(), "the name itself stays");
  }
}
