/**
 * Images as the tensors that networks expect.
 *
 * <pre>{@code
 * BufferedImage image = ImageBytes.decode("the request", bytes, 20_000_000);
 * Tensor x = Preprocessing.torchvision().apply(image);  // float[1,3,224,224]
 * }</pre>
 *
 * <p>{@link dev.sardonyx.runtime.image.Preprocessing} resizes, crops, orders channels and
 * normalises, with the pixels that Pillow's resampling gives; ready forms are those of torchvision
 * and Keras. {@link dev.sardonyx.runtime.image.ImageBytes} bounds what a stranger's image may take.
 */
@NullMarked
package dev.sardonyx.runtime.image;

import org.jspecify.annotations.NullMarked;
