/**
 * Layers with weights, residual blocks, and ready networks. Images are NCHW: batch, channels,
 * height, width. Sequences are {@code [N,T,C]}: batch, time, channels; N and T may be symbolic.
 *
 * <pre>{@code
 * GraphBuilder b = GraphBuilder.of("net");
 * Layers nn = Layers.of(b, 42);
 * Value x = b.input("image", TensorType.of(ElementType.FLOAT, Shape.parse("N,1,28,28")));
 * Value y = b.relu(nn.conv(x, 32, 3));
 * y = nn.residualBlock(y, 32);
 * b.output(b.softmax(nn.dense(b.flatten(y), 10)), "probabilities");
 * }</pre>
 *
 * <p>{@link dev.sardonyx.ir.nn.Layers} has the methods of all themes: {@link
 * dev.sardonyx.ir.nn.ResidualBlocks}, {@link dev.sardonyx.ir.nn.ConvolutionLayers}, {@link
 * dev.sardonyx.ir.nn.NormalizationLayers}, {@link dev.sardonyx.ir.nn.RecurrentLayers} and {@link
 * dev.sardonyx.ir.nn.AttentionLayers}. What has no weights, such as {@code relu} and {@code
 * dropout}, is the builder's own. {@link dev.sardonyx.ir.nn.Initializer} says how weights begin:
 *
 * <pre>{@code
 * GraphBuilder b = GraphBuilder.of("text");
 * Layers nn = Layers.of(b, 42).withWeights(Initializer.heNormal());
 * Value tokens = b.input("tokens", TensorType.of(ElementType.INT64, Shape.parse("N,T")));
 * Value x = nn.positionEmbedding(nn.embedding(tokens, 20_000, 64), 512);
 * x = nn.transformerBlock(x, TransformerOptions.of(4, 256).withPreNorm(true));
 * b.output(nn.lstm(x, 32, RecurrentLayerOptions.DEFAULT.bidirectional()), "states");
 * }</pre>
 */
@NullMarked
package dev.sardonyx.ir.nn;

import org.jspecify.annotations.NullMarked;
