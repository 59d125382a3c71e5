package dev.bts.it.containers;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** What {@code bts plan --json} says in a container. */
final class Plans {
  private final JsonNode policies;

  private Plans(JsonNode policies) {
    this.policies = policies;
  }

  /** Makes a plan. */
  static Plans of(Inside inside, String... options) {
    String[] arguments = new String[options.length + 2];
    arguments[0] = "plan";
    arguments[1] = "--json";
    System.arraycopy(options, 0, arguments, 2, options.length);
    Inside.Run run = inside.bts(arguments);
    try {
      return new Plans(new ObjectMapper().readTree(run.output()).path("policies"));
    } catch (JsonProcessingException e) {
      throw new AssertionError("no plan: " + run, e);
    }
  }

  /** Returns the largest buffer that a policy grants, in pages. */
  long largestPages(String policy) {
    return policy(policy).path("largest_pages").asLong();
  }

  /** Returns how many pages are in use on one of a policy's accounts. */
  long usedPages(String policy, String counter) {
    for (JsonNode account : policy(policy).path("accounts")) {
      if (account.path("counter").asText().equals(counter)) {
        return account.path("used_pages").asLong();
      }
    }
    throw new AssertionError("no " + counter + " in " + policies.toPrettyString());
  }

  private JsonNode policy(String name) {
    for (JsonNode policy : policies) {
      if (policy.path("policy").asText().equals(name)) {
        return policy;
      }
    }
    throw new AssertionError("no policy " + name + " in " + policies.toPrettyString());
  }
}
