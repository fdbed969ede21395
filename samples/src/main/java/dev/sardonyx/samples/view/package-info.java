/**
 * Models as drawings: a page for the browser that stands alone, or an SVG.
 *
 * <p>{@link ModelDrawing} is the way in. A model becomes {@link DisplayGraph}s, one for its graph,
 * each subgraph and each function: boxes for nodes, inputs and outputs, and wires for values.
 * {@link Clustering} puts the boxes of each into clusters within clusters, by the names of nodes
 * and by blocks that one value enters and one leaves. The Eclipse Layout Kernel lays out every
 * cluster by itself ({@link Planner}), so that work grows with the model and not faster, and the
 * page moves the rest aside when a cluster is opened. {@link Marks} colour the nodes.
 */
@NullMarked
package dev.sardonyx.samples.view;

import org.jspecify.annotations.NullMarked;
