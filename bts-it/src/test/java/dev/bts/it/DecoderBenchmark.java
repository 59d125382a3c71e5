package dev.bts.it;

import dev.bts.kernel.x86.DecodeStatus;
import dev.bts.kernel.x86.Decoder;
import dev.bts.kernel.x86.Instruction;
import dev.bts.kernel.x86.Vendor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import net.fornwall.jelf.ElfFile;
import net.fornwall.jelf.ElfSection;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Measures how many instructions a second the decoder decodes, one after another through the code
 * of a real program: its {@code .text} section, {@code -Dbts.program=FILE} (default: bash).
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DecoderBenchmark {
  private final Decoder decoder = new Decoder(Vendor.ofThisMachine());
  private final Instruction instruction = new Instruction();
  private ByteBuffer code = ByteBuffer.allocate(0);
  private long base;

  /** The instructions of all calls; JMH reports them per second. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Counter {
    /** How many instructions were decoded. */
    public long instructions;

    /** Forgets the instructions of the iteration before. */
    @Setup(Level.Iteration)
    public void reset() {
      instructions = 0;
    }
  }

  /** Reads the code. */
  @Setup
  public void read() throws IOException {
    Path program = Path.of(System.getProperty("bts.program", "/bin/bash"));
    ElfFile elf = ElfFile.from(Files.readAllBytes(program));
    ElfSection text = elf.firstSectionByName(".text");
    if (text == null) {
      throw new IOException(program + " has no .text section");
    }
    code = ByteBuffer.wrap(text.getData());
    base = text.header.sh_addr;
  }

  /** Decodes all of it. */
  @Benchmark
  public long decode(Counter counter) {
    int at = 0;
    long sum = 0;
    while (at < code.limit()) {
      DecodeStatus status = decoder.decode(code, at, code.limit(), base + at, instruction);
      int length = status == DecodeStatus.COMPLETE ? instruction.length() : 1;
      sum += instruction.nextAddress();
      at += length;
      counter.instructions++;
    }
    return sum;
  }
}
