/** Models scored in Apache Spark. */
@NullMarked
package dev.sardonyx.runtime.spark;

import org.jspecify.annotations.NullMarked;
