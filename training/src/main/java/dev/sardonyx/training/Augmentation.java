package dev.sardonyx.training;

import org.nd4j.linalg.dataset.api.DataSetPreProcessor;

/**
 * Changes examples at random before each time they are learnt from, so that a network sees more
 * than there is. {@link ImageAugmentation} is one.
 */
@FunctionalInterface
public interface Augmentation {
  /**
   * What changes the batches of one epoch.
   *
   * @param seed decides about all that is random in it, so that the same seed repeats it exactly
   */
  DataSetPreProcessor of(long seed);
}
