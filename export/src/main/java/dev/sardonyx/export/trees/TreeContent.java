package dev.sardonyx.export.trees;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** What a file is, told by its first bytes. */
enum TreeContent {
  XGBOOST_JSON("is JSON; of LightGBM its own text is read, as save_model writes it"),
  XGBOOST_UBJSON("is a model of XGBoost, not of LightGBM"),
  LIGHTGBM("is a model of LightGBM, not of XGBoost"),
  XGBOOST_BINARY(
      "is of XGBoost's old binary format; load it with an XGBoost before 3.1 and save it as .ubj or"
          + " .json"),
  PICKLE("is a pickle; load it in Python and save the model that is in it with save_model"),
  DUMP("is a list, not a model; dump_model leaves out what save_model writes"),
  CATBOOST("is a model of CatBoost"),
  GZIP("is compressed by gzip; unpack it first"),
  ZIP("is a ZIP archive; unpack it first"),
  GIT_LFS("is a pointer of Git LFS to a model; git lfs pull fetches it"),
  UTF_16("is in UTF-16; it must be in UTF-8"),
  EMPTY("is empty"),
  OTHER("is neither JSON, UBJSON nor text of LightGBM");

  /** So many bytes tell what a file is. */
  static final int START = 512;

  private static final String BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";

  /** 136 bytes of numbers, then the objective's name after its length. */
  private static final Pattern OLD_BINARY =
      Pattern.compile("(?s)(binf|bs64).*|.{136}.\\x00{7}(reg|binary|multi|rank|count|survival):.*");

  private final String description;

  TreeContent(String description) {
    this.description = description;
  }

  /** What is wrong with such a file where another is wanted. */
  TreeFault fault() {
    return new TreeFault(description);
  }

  static TreeContent of(byte[] bytes) {
    String start = new String(bytes, 0, Math.min(bytes.length, START), StandardCharsets.ISO_8859_1);
    String text = (start.startsWith(BYTE_ORDER_MARK) ? start.substring(3) : start).stripLeading();
    if (bytes.length == 0) {
      return EMPTY;
    } else if (text.startsWith("tree\n") || text.startsWith("tree\r\n")) {
      return LIGHTGBM;
    } else if (text.startsWith("{")) {
      return isUbjson(start) ? XGBOOST_UBJSON : XGBOOST_JSON;
    } else if (text.startsWith("[")) {
      return DUMP;
    }
    return OLD_BINARY.matcher(start).matches() ? XGBOOST_BINARY : other(start);
  }

  /** JSON has a quote after its first brace, spaces apart; UBJSON the type of a length. */
  private static boolean isUbjson(String start) {
    return start.length() > 1 && start.charAt(0) == '{' && "iUIlL$#".indexOf(start.charAt(1)) >= 0;
  }

  private static TreeContent other(String start) {
    if (start.startsWith("\u001f\u008b")) {
      return GZIP;
    } else if (start.startsWith("PK\u0003\u0004")) {
      return ZIP;
    } else if (start.startsWith("CBM1")) {
      return CATBOOST;
    } else if (start.startsWith("version https://git-lfs")) {
      return GIT_LFS;
    } else if (start.startsWith("\u00ff\u00fe") || start.startsWith("\u00fe\u00ff")) {
      return UTF_16;
    }
    boolean isPickle =
        start.length() > 1
            && start.charAt(0) == 0x80
            && start.charAt(1) >= 2
            && start.charAt(1) < 6;
    return isPickle ? PICKLE : OTHER;
  }
}
