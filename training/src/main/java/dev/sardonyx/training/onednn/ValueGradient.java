package dev.sardonyx.training.onednn;

import org.bytedeco.dnnl.memory;

/**
 * The loss's gradient with respect to a value, or a summand of it.
 *
 * @param buffer what the memory lies in; whoever holds the gradient is one of its users
 */
record ValueGradient(memory data, Buffer buffer) {}
