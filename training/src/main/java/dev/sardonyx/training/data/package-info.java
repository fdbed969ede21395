/**
 * Labelled images for training: the IDX files of MNIST and its kin, and batches made from them.
 *
 * <pre>{@code
 * IdxFolder data = IdxFolder.of(Path.of("fashion-mnist"));  // four files, gzipped or not
 * LabelledImages train = data.train().limit(10_000);
 * Tensor images = data.test().tensor(0, 100);               // float[100,1,28,28], from 0 to 1
 * }</pre>
 *
 * <p>Other data come from any {@code DataSetIterator} of DL4J.
 */
@NullMarked
package dev.sardonyx.training.data;

import org.jspecify.annotations.NullMarked;
