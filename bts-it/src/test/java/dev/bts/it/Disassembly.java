package dev.bts.it;

import dev.bts.kernel.testing.Requirements;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The code of a program at fixed addresses, as objdump reads it. */
final class Disassembly {
  private static final Pattern INSTRUCTION =
      Pattern.compile("^\\s*([0-9a-f]+):\\t([0-9a-f ]+)\\t(?:(?:bnd|notrack|rep[nz]*) )*(\\w+).*");
  private static final Pattern SYMBOL = Pattern.compile("^([0-9a-f]+) <(\\w+)>:$");
  private static final Set<String> ALWAYS_BRANCHES = Set.of("jmp", "call", "ret", "hlt", "ud2");
  private static final int HEX = 16;

  private record Decoded(long next, boolean goesOn) {}

  private record Stretch(long from, long to) {}

  private final Map<Long, Decoded> instructions = new HashMap<>();
  private final Map<String, Long> symbols = new HashMap<>();
  private final Set<Stretch> straight = new HashSet<>();

  private Disassembly() {}

  static Disassembly of(Path program, Path directory) throws IOException {
    Requirements.tool("objdump", "install binutils");
    CommandRun run =
        CommandRun.of(
            List.of("objdump", "--disassemble", "--wide", program.toString()),
            Map.of("PATH", "/usr/bin:/bin"),
            directory);
    Disassembly disassembly = new Disassembly();
    run.output().lines().forEach(disassembly::read);
    return disassembly;
  }

  private void read(String line) {
    Matcher instruction = INSTRUCTION.matcher(line);
    if (instruction.matches()) {
      long address = Long.parseLong(instruction.group(1), HEX);
      int length = instruction.group(2).trim().split(" +").length;
      boolean goesOn = !ALWAYS_BRANCHES.contains(instruction.group(3));
      instructions.put(address, new Decoded(address + length, goesOn));
    }
    Matcher symbol = SYMBOL.matcher(line);
    if (symbol.matches()) {
      symbols.put(symbol.group(2), Long.parseLong(symbol.group(1), HEX));
    }
  }

  /** Returns the address of a function. */
  long symbol(String name) {
    Long address = symbols.get(name);
    if (address == null) {
      throw new AssertionError("there is no " + name + " in the disassembly");
    }
    return address;
  }

  /** Returns whether the program comes from one address to another without a taken branch. */
  boolean isStraight(long from, long to) {
    Stretch stretch = new Stretch(from, to);
    if (straight.contains(stretch)) {
      return true;
    }
    long at = from;
    while (at < to) {
      Decoded decoded = instructions.get(at);
      if (decoded == null || !decoded.goesOn()) {
        return false;
      }
      at = decoded.next();
    }
    if (at != to) {
      return false;
    }
    straight.add(stretch);
    return true;
  }
}
