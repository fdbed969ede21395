/**
 * A model in a Spring Boot application: the session as a bean that is closed with the context,
 * behind a REST controller, with health and metrics.
 */
package dev.sardonyx.samples.spring;
