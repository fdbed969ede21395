package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** Strings and n-grams. */
final class TextKernels {
  private TextKernels() {}

  static void register(Kernels kernels) {
    kernels.one("StringConcat", TextKernels::concat);
    kernels.add("StringSplit", TextKernels::split);
    kernels.one("RegexFullMatch", TextKernels::fullMatch);
    kernels.one("StringNormalizer", TextKernels::normalize);
    kernels.one("TfIdfVectorizer", TextKernels::tfIdf);
  }

  private static Tensor concat(KernelContext c) {
    long[] dims = Dims.broadcast(c.dims(0), c.dims(1));
    List<String> a =
        Elements.take(c.tensor(0), Dims.broadcastIndex(c.dims(0), dims), dims).strings();
    List<String> b =
        Elements.take(c.tensor(1), Dims.broadcastIndex(c.dims(1), dims), dims).strings();
    List<String> joined = new ArrayList<>(a.size());
    for (int i = 0; i < a.size(); i++) {
      joined.add(a.get(i) + b.get(i));
    }
    return Tensor.ofStrings(joined, dims);
  }

  /** Parts along a new last axis, filled with empty strings, and how many there are of each. */
  private static List<Datum> split(KernelContext c) {
    String delimiter = c.stringAttribute("delimiter", "");
    long most = c.intAttribute("maxsplit", Long.MAX_VALUE);
    List<List<String>> parts = new ArrayList<>();
    int longest = 0;
    for (String text : c.tensor(0).strings()) {
      List<String> split = delimiter.isEmpty() ? words(text, most) : split(text, delimiter, most);
      parts.add(split);
      longest = Math.max(longest, split.size());
    }
    List<String> all = new ArrayList<>();
    long[] counts = new long[parts.size()];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = parts.get(i).size();
      all.addAll(parts.get(i));
      for (int k = parts.get(i).size(); k < longest; k++) {
        all.add("");
      }
    }
    long[] dims = c.dims(0);
    return List.of(Tensor.ofStrings(all, Dims.concat(dims, longest)), Tensor.ofLongs(counts, dims));
  }

  private static List<String> split(String text, String delimiter, long most) {
    List<String> parts = new ArrayList<>();
    int from = 0;
    for (int at = text.indexOf(delimiter);
        at >= 0 && parts.size() < most;
        at = text.indexOf(delimiter, from)) {
      parts.add(text.substring(from, at));
      from = at + delimiter.length();
    }
    parts.add(text.substring(from));
    return parts;
  }

  /** Splits at runs of white space; none at the ends. */
  private static List<String> words(String text, long most) {
    List<String> parts = new ArrayList<>();
    String rest = text.strip();
    while (!rest.isEmpty()) {
      int end = 0;
      while (end < rest.length() && !Character.isWhitespace(rest.charAt(end))) {
        end++;
      }
      if (parts.size() >= most) {
        end = rest.length();
      }
      parts.add(rest.substring(0, end));
      rest = rest.substring(end).stripLeading();
    }
    return parts;
  }

  private static Tensor fullMatch(KernelContext c) {
    String text = c.stringAttribute("pattern", "");
    try {
      Pattern pattern = Pattern.compile(text);
      List<String> strings = c.tensor(0).strings();
      boolean[] matches = new boolean[strings.size()];
      for (int i = 0; i < matches.length; i++) {
        matches[i] = pattern.matcher(strings.get(i)).matches();
      }
      return Tensor.ofBooleans(matches, c.dims(0));
    } catch (PatternSyntaxException e) {
      throw new EvaluationException("pattern " + text + " is no regular expression", e);
    } catch (StackOverflowError e) {
      // Java's expressions recurse for each repetition of a group.
      throw new EvaluationException("a string is too long for pattern " + text, e);
    }
  }

  /** Drops accents and stop words, changes case; a row of which nothing is left is one "". */
  private static Tensor normalize(KernelContext c) {
    Tensor x = c.tensor(0);
    if (x.rank() < 1 || x.rank() > 2 || x.rank() == 2 && x.dim(0) != 1) {
      throw new EvaluationException("takes shape [C] or [1, C], not " + x.shape());
    }
    boolean caseSensitive = c.flag("is_case_sensitive");
    String action = c.stringAttribute("case_change_action", "NONE");
    Locale locale = Locale.forLanguageTag(c.stringAttribute("locale", "en-US").replace('_', '-'));
    List<String> given = c.stringsAttribute("stopwords");
    Set<String> stops = new HashSet<>();
    for (String word : given == null ? List.<String>of() : given) {
      stops.add(caseSensitive ? word : cased(word, action, locale));
    }
    List<String> kept = new ArrayList<>();
    for (String text : x.strings()) {
      String plain = withoutAccents(text);
      String compared = caseSensitive ? plain : cased(plain, action, locale);
      String left =
          String.join(
              " ", Arrays.stream(compared.split(" ", -1)).filter(w -> !stops.contains(w)).toList());
      if (!left.isEmpty()) {
        kept.add(cased(left, action, locale));
      }
    }
    if (kept.isEmpty()) {
      kept.add("");
    }
    return x.rank() == 1
        ? Tensor.ofStrings(kept, kept.size())
        : Tensor.ofStrings(kept, 1, kept.size());
  }

  private static String cased(String text, String action, Locale locale) {
    return switch (action) {
      case "LOWER" -> text.toLowerCase(locale);
      case "UPPER" -> text.toUpperCase(locale);
      default -> text;
    };
  }

  private static String withoutAccents(String text) {
    return text.chars().allMatch(ch -> ch < 128)
        ? text
        : Normalizer.normalize(text, Normalizer.Form.NFKD).replaceAll("\\p{Mn}", "");
  }

  /** Counts the n-grams of a pool in each row, and weighs the counts. */
  private static Tensor tfIdf(KernelContext c) {
    Tensor x = c.tensor(0);
    boolean text = x.elementType() == ElementType.STRING;
    List<?> items = text ? x.strings() : boxed(Elements.longs(x));
    long[] indexes = c.intsAttribute("ngram_indexes", new long[0]);
    Map<List<?>, Integer> pool = pool(c, indexes);
    int width = 0;
    for (long index : indexes) {
      width = Math.max(width, (int) index + 1);
    }
    int rows = x.rank() < 2 ? 1 : (int) x.dim(0);
    int columns = rows == 0 ? 0 : items.size() / rows;
    double[] counts = new double[Dims.size(rows, width)];
    for (int r = 0; r < rows; r++) {
      List<?> row = items.subList(r * columns, (r + 1) * columns);
      count(c, row, pool, counts, r * width);
    }
    weigh(c, counts, width, indexes);
    return x.rank() < 2
        ? Elements.of(ElementType.FLOAT, counts, width)
        : Elements.of(ElementType.FLOAT, counts, rows, width);
  }

  private static List<Long> boxed(long[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  /** From an n-gram to its output column. */
  private static Map<List<?>, Integer> pool(KernelContext c, long[] indexes) {
    List<String> strings = c.stringsAttribute("pool_strings");
    List<?> items =
        strings != null && !strings.isEmpty()
            ? strings
            : boxed(c.intsAttribute("pool_int64s", new long[0]));
    long[] starts = c.intsAttribute("ngram_counts", new long[0]);
    Map<List<?>, Integer> pool = new HashMap<>();
    int id = 0;
    for (int n = 1; n <= starts.length; n++) {
      int end = n < starts.length ? (int) starts[n] : items.size();
      for (int at = (int) starts[n - 1]; at + n <= end; at += n) {
        pool.put(items.subList(at, at + n), (int) indexes[id++]);
      }
    }
    return pool;
  }

  /** Items of an n-gram may lie up to max_skip_count apart, all equally far. */
  private static void count(
      KernelContext c, List<?> row, Map<List<?>, Integer> pool, double[] counts, int to) {
    int least = (int) c.intAttribute("min_gram_length");
    int most = (int) c.intAttribute("max_gram_length");
    int skips = (int) c.intAttribute("max_skip_count");
    for (int n = least; n <= most; n++) {
      for (int step = 1; step <= (n == 1 ? 1 : skips + 1); step++) {
        for (int from = 0; from + (n - 1) * step < row.size(); from++) {
          List<Object> gram = new ArrayList<>();
          for (int k = 0; k < n; k++) {
            gram.add(row.get(from + k * step));
          }
          Integer column = pool.get(gram);
          if (column != null) {
            counts[to + column]++;
          }
        }
      }
    }
  }

  /** The weights stand in the order of the pool, as the columns' numbers do. */
  private static void weigh(KernelContext c, double[] counts, int width, long[] indexes) {
    String mode = c.stringAttribute("mode", "TF");
    if (mode.equals("TF")) {
      return;
    }
    float @Nullable [] given = c.floatsAttribute("weights");
    double[] weights = new double[width];
    Arrays.fill(weights, 1);
    for (int i = 0; given != null && i < indexes.length && i < given.length; i++) {
      weights[(int) indexes[i]] = given[i];
    }
    for (int i = 0; i < counts.length; i++) {
      double count = mode.equals("IDF") ? Math.min(counts[i], 1) : counts[i];
      counts[i] = count * weights[i % width];
    }
  }
}
