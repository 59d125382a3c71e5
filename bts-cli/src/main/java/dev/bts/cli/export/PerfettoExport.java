package dev.bts.cli.export;

import com.google.protobuf.CodedOutputStream;
import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.cli.calls.CallStacks;
import dev.bts.cli.symbols.AddressSpaces;
import dev.bts.cli.symbols.Location;
import dev.bts.cli.symbols.Symbolizer;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The calls of a trace as a timeline for Perfetto: a track for each thread, a slice for each call.
 *
 * <p>A trace has no time of each branch. A branch takes one nanosecond here, whichever thread takes
 * it; so lengths are counts of branches, and the order of threads is that of the trace.
 */
final class PerfettoExport implements TraceExport, CallStacks.Listener {
  private static final int SEQUENCE = 1;

  /** Names are interned up to here; then they begin anew. */
  private static final int NAMES_MAX = 1 << 16;

  /** Tracks of processes have numbers from here on, those of threads their tids. */
  private static final long PROCESS_TRACKS = 1L << 32;

  private final AddressSpaces spaces = new AddressSpaces();
  private final Symbolizer symbolizer = new Symbolizer(spaces);
  private final CallStacks stacks = new CallStacks(spaces, symbolizer, this);
  private final OutputStream stream;
  private final CodedOutputStream out;
  private final Map<String, Integer> names = new HashMap<>();
  private final Set<Long> tracks = new HashSet<>();
  private boolean begun;

  PerfettoExport(Path path) throws IOException {
    stream = new BufferedOutputStream(Files.newOutputStream(path));
    out = CodedOutputStream.newInstance(stream);
  }

  /** Writes the fields of a message. */
  private interface Fields {
    void write(CodedOutputStream message) throws IOException;
  }

  @Override
  public void branches(BranchCursor cursor) {
    stacks.branches(cursor);
  }

  @Override
  public void event(SideEvent event) {
    stacks.event(event);
  }

  @Override
  public void entered(int pid, int tid, long branch, long callSite, long target) {
    String name = name(symbolizer.locate(pid, target), target);
    describe(pid, tid);
    if (names.size() >= NAMES_MAX) {
      names.clear();
      begun = false;
    }
    Integer known = names.get(name);
    int number = known == null ? names.size() + 1 : known;
    boolean first = !begun;
    begun = true;
    packet(
        packet -> {
          packet.writeUInt64(PerfettoLayout.PACKET_TIMESTAMP, branch);
          packet.writeUInt32(PerfettoLayout.PACKET_SEQUENCE_ID, SEQUENCE);
          packet.writeUInt32(
              PerfettoLayout.PACKET_SEQUENCE_FLAGS,
              PerfettoLayout.SEQ_NEEDS_INCREMENTAL_STATE
                  | (first ? PerfettoLayout.SEQ_INCREMENTAL_STATE_CLEARED : 0));
          if (known == null) {
            message(
                packet, PerfettoLayout.PACKET_INTERNED_DATA, data -> intern(data, number, name));
          }
          message(
              packet,
              PerfettoLayout.PACKET_TRACK_EVENT,
              event -> {
                event.writeEnum(PerfettoLayout.EVENT_TYPE, PerfettoLayout.TYPE_SLICE_BEGIN);
                event.writeUInt64(PerfettoLayout.EVENT_NAME_IID, number);
                event.writeUInt64(PerfettoLayout.EVENT_TRACK_UUID, track(tid));
              });
        });
    names.put(name, number);
  }

  @Override
  public void left(int pid, int tid, long branch, long callSite, long target, long inside) {
    packet(
        packet -> {
          packet.writeUInt64(PerfettoLayout.PACKET_TIMESTAMP, branch);
          packet.writeUInt32(PerfettoLayout.PACKET_SEQUENCE_ID, SEQUENCE);
          message(
              packet,
              PerfettoLayout.PACKET_TRACK_EVENT,
              event -> {
                event.writeEnum(PerfettoLayout.EVENT_TYPE, PerfettoLayout.TYPE_SLICE_END);
                event.writeUInt64(PerfettoLayout.EVENT_TRACK_UUID, track(tid));
              });
        });
  }

  @Override
  public void finish() {
    stacks.finish();
    try {
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }

  private static void intern(CodedOutputStream data, int number, String name) throws IOException {
    message(
        data,
        PerfettoLayout.INTERNED_EVENT_NAMES,
        entry -> {
          entry.writeUInt64(PerfettoLayout.EVENT_NAME_IID_OF_NAME, number);
          entry.writeString(PerfettoLayout.EVENT_NAME_NAME, name);
        });
  }

  /** Describes the tracks of a process and a thread when they are first needed. */
  private void describe(int pid, int tid) {
    String comm = spaces.comm(pid);
    if (tracks.add(PROCESS_TRACKS + pid)) {
      track(
          PROCESS_TRACKS + pid,
          PerfettoLayout.DESCRIPTOR_PROCESS,
          process -> {
            process.writeInt32(PerfettoLayout.PROCESS_PID, pid);
            process.writeString(PerfettoLayout.PROCESS_NAME, comm);
          });
    }
    if (tracks.add(track(tid))) {
      track(
          track(tid),
          PerfettoLayout.DESCRIPTOR_THREAD,
          thread -> {
            thread.writeInt32(PerfettoLayout.THREAD_PID, pid);
            thread.writeInt32(PerfettoLayout.THREAD_TID, tid);
            thread.writeString(PerfettoLayout.THREAD_NAME, comm);
          });
    }
  }

  private static long track(int tid) {
    return Integer.toUnsignedLong(tid);
  }

  private void track(long uuid, int kind, Fields fields) {
    packet(
        packet -> {
          packet.writeUInt32(PerfettoLayout.PACKET_SEQUENCE_ID, SEQUENCE);
          message(
              packet,
              PerfettoLayout.PACKET_TRACK_DESCRIPTOR,
              descriptor -> {
                descriptor.writeUInt64(PerfettoLayout.DESCRIPTOR_UUID, uuid);
                message(descriptor, kind, fields);
              });
        });
  }

  private void packet(Fields fields) {
    try {
      message(out, PerfettoLayout.TRACE_PACKET, fields);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a message in a message. Its length comes first: it is written to memory before. */
  private static void message(CodedOutputStream to, int field, Fields fields) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream message = CodedOutputStream.newInstance(bytes, 64);
    fields.write(message);
    message.flush();
    to.writeByteArray(field, bytes.toByteArray());
  }

  private static String name(Location location, long address) {
    if (location.module().isEmpty()) {
      return Long.toHexString(address);
    }
    return location.function().isEmpty()
        ? location.moduleName() + "+0x" + Long.toHexString(location.offset())
        : location.function();
  }
}
