/**
 * Models that compute in small integers. A number {@code x} is stored as {@code q} with {@code x =
 * (q - zeroPoint) * scale}.
 */
@NullMarked
package dev.sardonyx.export.quantize;

import org.jspecify.annotations.NullMarked;
