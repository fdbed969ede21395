package dev.sardonyx.training.read.samediff;

/** The operators that are not read, with the reasons. */
final class RefusedOperators {
  private static final String FAILS =
      "DL4J itself fails on it, so nothing says what it should give";

  private RefusedOperators() {}

  static void add(OperatorTable.Builder table) {
    table.refuse(
        "it draws random numbers, which no two runtimes draw alike",
        "distribution_bernoulli",
        "distribution_binomial",
        "distribution_gaussian",
        "distribution_lognormal",
        "distribution_truncated",
        "distribution_uniform",
        "random_exponential",
        "random_crop",
        "dropout",
        "dropout_inverted");
    table.refuse(
        "losses are for training: name the outputs before it",
        "absolute_difference_loss",
        "cosine_distance_loss",
        "hinge_loss",
        "huber_loss",
        "l2_loss",
        "log_loss",
        "log_poisson_loss",
        "mean_pairwssqerr_loss",
        "mean_sqerr_loss",
        "sigm_cross_entropy_loss",
        "softmax_cross_entropy_loss",
        "softmax_cross_entropy_loss_with_logits",
        "sparse_softmax_cross_entropy_loss_with_logits");
    matrices(table);
    windows(table);
    images(table);
    colours(table);
    failing(table);
    others(table);
  }

  private static void matrices(OperatorTable.Builder table) {
    table.refuse("ONNX has no decomposition of matrices", "cholesky", "lu", "qr", "svd");
    table.refuse(
        "ONNX solves no equations",
        "lstsq",
        "matrix_inverse",
        "solve",
        "solve_ls",
        "triangular_solve");
  }

  private static void windows(OperatorTable.Builder table) {
    table.refuse("ONNX has no windows as columns", "extract_image_patches", "im2col", "col2im");
    table.refuse(
        "ONNX numbers the places of maxima in another way, and DL4J itself gives results of a"
            + " wrong shape",
        "max_pool_with_argmax");
    table.refuse("ONNX crops boxes of images in another way (RoiAlign)", "crop_and_resize");
    table.refuse(
        "ONNX takes boxes of several classes, and gives as many as there are",
        "non_max_suppression",
        "non_max_suppression_v3",
        "non_max_suppression_overlaps");
  }

  private static void images(OperatorTable.Builder table) {
    table.refuse(
        "its coefficients are looked up in a table of 1024, and rounded",
        "resize_bicubic",
        "resize_area");
  }

  private static void colours(OperatorTable.Builder table) {
    table.refuse("ONNX has no hues", "adjust_hue", "adjust_saturation", "hsv_to_rgb", "rgb_to_hsv");
  }

  private static void failing(OperatorTable.Builder table) {
    table.refuse(
        FAILS,
        "assign",
        "batched_gemm",
        "clipbyavgnorm",
        "create_view",
        "ctc_loss",
        "dilation2d",
        "eig",
        "normalize_moments",
        "repeat",
        "scatter_update",
        "set_shape",
        "sru",
        "sruCell",
        "lstmBlock",
        "where_np");
    table.refuse(
        "DL4J itself gives values of the shape's type, not of the values'",
        "compat_sparse_to_dense");
  }

  private static void others(OperatorTable.Builder table) {
    table.refuse("ONNX has it from opset 26 on only", "cumprod");
    table.refuse("ONNX has no sets", "listdiff");
    table.refuse(
        "it is control flow",
        "switch",
        "merge",
        "enter",
        "exit",
        "next_iteration",
        "loop_cond",
        "While",
        "If");
  }
}
