/**
 * Files that are there whole or not at all. Everything Sardonyx writes goes through {@link
 * dev.sardonyx.ir.file.AtomicFile}: models, their data, checkpoints, reports. It lives here, on the
 * ground floor, since export, training and the command line all need it and have nothing else in
 * common; it knows bytes, and no format.
 */
@NullMarked
package dev.sardonyx.ir.file;

import org.jspecify.annotations.NullMarked;
