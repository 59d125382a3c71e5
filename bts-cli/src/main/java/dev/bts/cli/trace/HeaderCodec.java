package dev.bts.cli.trace;

import dev.bts.api.Fidelity;
import dev.bts.api.Mechanism;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The content of a header block. */
final class HeaderCodec {
  private HeaderCodec() {}

  static void write(TraceHeader header, ByteSink out) {
    out.putString(header.writer());
    out.putString(header.mechanism().label());
    out.putString(header.fidelity().label());
    out.putSigned(header.pid());
    Instant start = header.start();
    out.putSigned(start.getEpochSecond());
    out.putUnsigned(start.getNano());
    out.putSigned(header.startNanos());
    int facts = Math.min(header.machine().size(), FormatLimits.FACTS);
    out.putUnsigned(facts);
    for (Map.Entry<String, String> fact : header.machine().entrySet()) {
      if (facts-- == 0) {
        break;
      }
      out.putString(fact.getKey());
      out.putString(fact.getValue());
    }
    int arguments = Math.min(header.command().size(), FormatLimits.ARGUMENTS);
    out.putUnsigned(arguments);
    for (String argument : header.command().subList(0, arguments)) {
      out.putString(argument);
    }
  }

  static TraceHeader read(ByteSource in) throws CorruptBlockException {
    String writer = in.getString();
    Mechanism mechanism = mechanism(in.getString());
    Fidelity fidelity = fidelity(in.getString());
    int pid = in.getInt();
    Instant start = instant(in.getSigned(), in.getUnsigned());
    long startNanos = in.getSigned();
    Map<String, String> machine = new LinkedHashMap<>();
    int facts = in.getCount(FormatLimits.FACTS);
    for (int i = 0; i < facts; i++) {
      machine.put(in.getString(), in.getString());
    }
    List<String> command = new ArrayList<>();
    int arguments = in.getCount(FormatLimits.ARGUMENTS);
    for (int i = 0; i < arguments; i++) {
      command.add(in.getString());
    }
    in.expectEnd();
    return new TraceHeader(writer, machine, mechanism, fidelity, command, pid, start, startNanos);
  }

  private static Instant instant(long second, long nano) throws CorruptBlockException {
    try {
      return Instant.ofEpochSecond(second, nano);
    } catch (DateTimeException | ArithmeticException e) {
      throw new CorruptBlockException("its start time is impossible", e);
    }
  }

  private static Mechanism mechanism(String label) throws CorruptBlockException {
    for (Mechanism mechanism : Mechanism.values()) {
      if (mechanism.label().equals(label)) {
        return mechanism;
      }
    }
    throw new CorruptBlockException("no mechanism is called '" + label + "'");
  }

  private static Fidelity fidelity(String label) throws CorruptBlockException {
    Fidelity found = null;
    for (Fidelity fidelity : Fidelity.values()) {
      if (fidelity.label().equals(label)) {
        found = fidelity;
      }
    }
    if (found == null) {
      throw new CorruptBlockException("no fidelity is called '" + label + "'");
    }
    return found;
  }
}
