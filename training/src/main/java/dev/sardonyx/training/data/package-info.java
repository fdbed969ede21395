/** Labelled images for training: the IDX files of MNIST and its kin, and batches made from them. */
@NullMarked
package dev.sardonyx.training.data;

import org.jspecify.annotations.NullMarked;
