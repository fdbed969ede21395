package dev.sardonyx.samples.spring;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpMethod;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses bodies that are too large, or do not say how large they are, before they are read. Tomcat
 * itself limits forms alone.
 */
@Component
class BodyLimit extends OncePerRequestFilter {
  private final long bytes;

  BodyLimit(ClassifierProperties properties) {
    this.bytes = properties.maxBody().toBytes();
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    long length = request.getContentLengthLong();
    if (length > bytes) {
      response.sendError(413, "The body has " + length + " bytes; " + bytes + " are allowed");
    } else if (length < 0 && HttpMethod.POST.matches(request.getMethod())) {
      response.sendError(411, "The request does not say how long its body is");
    } else {
      chain.doFilter(request, response);
    }
  }
}
