package dev.sardonyx.samples.spring;

import dev.sardonyx.runtime.session.OrderlyExit;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.ConfigurableApplicationContext;

/** Classifies images over HTTP. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class ClassifierApplication {
  public static void main(String[] args) {
    SpringApplication application = new SpringApplication(ClassifierApplication.class);
    // Spring's shutdown hook would run beside ONNX Runtime's, which ends the runs under way; so the
    // requests that Spring still waits for would fail.
    application.setRegisterShutdownHook(false);
    ConfigurableApplicationContext context = application.run(args);
    OrderlyExit.add(context::close);
  }
}
