package dev.sardonyx.samples.spring;

import dev.sardonyx.runtime.image.ImageBytes;
import dev.sardonyx.runtime.session.ModelRunException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * {@code POST /classify} with {@code {"pixels": [...]}} or an image. No thread waits for the
 * network: it is answered when the batch that holds the request has been computed.
 */
@RestController
@RequestMapping("/classify")
class ClassifierController {
  private final Classifier classifier;
  private final ClassifierProperties properties;

  ClassifierController(Classifier classifier, ClassifierProperties properties) {
    this.classifier = classifier;
    this.properties = properties;
  }

  /**
   * @param pixels from 0 to 1, row by row, channel by channel
   */
  record Numbers(float[] pixels) {}

  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  CompletableFuture<Classification> numbers(@RequestBody Numbers numbers) {
    if (numbers.pixels() == null) {
      throw new IllegalArgumentException("There is no 'pixels'");
    }
    return classifier.classify(numbers.pixels());
  }

  @PostMapping(consumes = "image/*")
  CompletableFuture<Classification> image(@RequestBody byte[] file) {
    try {
      return classifier.classify(ImageBytes.decode("the body", file, properties.maxPixels()));
    } catch (IOException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /**
   * All that is wrong with a request, in the words of Sardonyx: the input, its type and both sizes.
   */
  @ExceptionHandler
  ProblemDetail refused(IllegalArgumentException e) {
    return ProblemDetail.forStatusAndDetail(HttpStatus.BAD_REQUEST, e.getMessage());
  }

  /** More requests wait than may; or the model has been closed, since the server is stopping. */
  @ExceptionHandler({RejectedExecutionException.class, IllegalStateException.class})
  ProblemDetail unavailable(RuntimeException e) {
    return ProblemDetail.forStatusAndDetail(HttpStatus.SERVICE_UNAVAILABLE, e.getMessage());
  }

  @ExceptionHandler
  ProblemDetail late(TimeoutException e) {
    return ProblemDetail.forStatusAndDetail(
        HttpStatus.GATEWAY_TIMEOUT, "It was not computed within " + properties.timeout());
  }

  /** The network failed on these numbers; the message names the node. */
  @ExceptionHandler
  ProblemDetail failed(ModelRunException e) {
    return ProblemDetail.forStatusAndDetail(HttpStatus.INTERNAL_SERVER_ERROR, e.getMessage());
  }
}
