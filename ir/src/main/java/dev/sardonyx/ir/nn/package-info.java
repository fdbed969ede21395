/**
 * Layers with weights, residual blocks, and ready networks. Images are NCHW: batch, channels,
 * height, width.
 *
 * <pre>{@code
 * GraphBuilder b = GraphBuilder.of("net");
 * Layers nn = Layers.of(b, 42);
 * Value x = b.input("image", TensorType.of(ElementType.FLOAT, Shape.parse("N,1,28,28")));
 * Value y = b.relu(nn.conv(x, 32, 3));
 * y = nn.residualBlock(y, 32);
 * b.output(b.softmax(nn.dense(b.flatten(y), 10)), "probabilities");
 * }</pre>
 */
@NullMarked
package dev.sardonyx.ir.nn;

import org.jspecify.annotations.NullMarked;
