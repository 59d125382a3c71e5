package dev.bts.cli.yaml;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.bts.api.Explanation;
import dev.bts.api.InvalidRequestException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Iterator;

/** A YAML file whose document is a mapping of known keys. What is wrong in it is said with it. */
public final class YamlMapping {
  private static final int MOST_BYTES = 1 << 20;

  private final String asked;
  private final String kind;
  private final JsonNode root;

  /** Opens a file; what it throws is told as the reason why the file cannot be read. */
  @FunctionalInterface
  public interface Source {
    /** Returns its content, to be closed by the caller. */
    InputStream open() throws IOException;
  }

  /**
   * Reads a file.
   *
   * @param asked what it is read for, as errors begin
   * @param kind what to name instead of a file that is none, as errors end
   * @param beginning what such a file begins with
   * @throws InvalidRequestException if it cannot be read, is too large, or is no mapping
   */
  public YamlMapping(String asked, String kind, String beginning, Source source) {
    this.asked = asked;
    this.kind = kind;
    root = tree(content(source));
    if (!root.isObject()) {
      throw wrong("it is no mapping of keys to values", "begin with '" + beginning + "'");
    }
  }

  private String content(Source source) {
    try (InputStream in = source.open()) {
      byte[] content = in.readNBytes(MOST_BYTES + 1);
      if (content.length > MOST_BYTES) {
        throw wrong("it has more than " + MOST_BYTES + " bytes", "name " + kind);
      }
      return new String(content, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw wrong("it cannot be read: " + e, "name " + kind);
    }
  }

  private JsonNode tree(String content) {
    try {
      YAMLFactory yaml = new YAMLFactory();
      yaml.enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
      return new ObjectMapper(yaml).readTree(content);
    } catch (JsonProcessingException e) {
      String where = e.getLocation() == null ? "" : "line " + e.getLocation().getLineNr() + ": ";
      throw wrong(where + e.getOriginalMessage(), "write it as YAML");
    }
  }

  /** Returns the mapping. */
  public JsonNode root() {
    return root;
  }

  /**
   * Checks the keys of the mapping, or of one within it.
   *
   * @throws InvalidRequestException if there is another one
   */
  public void requireKeys(JsonNode mapping, Collection<String> known) {
    for (Iterator<String> names = mapping.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!known.contains(name)) {
        throw wrong("there is no key '" + name + "'", "use " + String.join(", ", known));
      }
    }
  }

  /** Returns the failure of something in the file. */
  public InvalidRequestException wrong(String obstacle, String remedy) {
    return new InvalidRequestException(new Explanation(asked, obstacle, remedy));
  }
}
