package dev.sardonyx.samples.spring;

import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * What {@code application.yaml} or the command line says.
 *
 * @param model the model's file; its weights may lie beside it
 * @param batchSize how many images are computed at once, at most
 * @param waiting how many requests may wait
 * @param timeout how long a request may take
 * @param maxBody how large a request may be
 * @param maxPixels how many pixels an image may have
 */
@ConfigurationProperties("classifier")
record ClassifierProperties(
    Path model, int batchSize, int waiting, Duration timeout, DataSize maxBody, long maxPixels) {}
