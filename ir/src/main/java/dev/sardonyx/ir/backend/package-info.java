/** What every backend has in common: how a model is made ready and run. */
@NullMarked
package dev.sardonyx.ir.backend;

import org.jspecify.annotations.NullMarked;
