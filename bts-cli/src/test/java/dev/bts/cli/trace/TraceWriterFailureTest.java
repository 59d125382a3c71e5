package dev.bts.cli.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.KernelException;
import dev.bts.api.record.BranchRecord;
import dev.bts.api.record.SideEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is full fails once, clearly, and what was written stays readable. */
class TraceWriterFailureTest {
  private static final SideEvent EVENT = new SideEvent.Signalled(1, 2, 3);

  @TempDir Path directory;

  /** Takes so many bytes and then has no room. */
  private static final class SmallDisk implements WritableByteChannel {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final int room;
    boolean open = true;

    SmallDisk(int room) {
      this.room = room;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
      int length = Math.min(from.remaining(), room - bytes.size());
      if (length == 0) {
        throw new IOException("No space left on device");
      }
      byte[] taken = new byte[length];
      from.get(taken);
      bytes.writeBytes(taken);
      return length;
    }

    @Override
    public boolean isOpen() {
      return open;
    }

    @Override
    public void close() {
      open = false;
    }
  }

  private static TraceWriter writerTo(SmallDisk disk) {
    return TraceWriter.to(disk, "small.bts", TraceFiles.impatientClock());
  }

  private static void fill(TraceWriter writer) {
    for (int i = 0; i < 1000; i++) {
      TraceFiles.feed(writer, List.of(new BranchRecord(i, i + 1, 0, 1)));
    }
  }

  @Test
  void theFailureSaysWhatToDoAndHowMuchIsReadable() throws IOException {
    SmallDisk disk = new SmallDisk(5000);
    TraceWriter writer = writerTo(disk);
    writer.begin(TraceFiles.HEADER);

    assertThatThrownBy(() -> fill(writer))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("write the trace to small.bts: No space left on device")
        .hasMessageContaining("branches in the blocks written so far are readable");

    Path file = TraceFiles.file(directory, disk.bytes.toByteArray());
    CollectingVisitor read = TraceFiles.read(file);
    assertThat(read.records()).hasSizeGreaterThan(10).startsWith(new BranchRecord(0, 1, 0, 1));
    assertThat(read.damage).isNotEmpty();
  }

  @Test
  void afterTheFailureEverythingIsDroppedUntilCloseThrowsAgain() {
    SmallDisk disk = new SmallDisk(1000);
    TraceWriter writer = writerTo(disk);
    writer.begin(TraceFiles.HEADER);
    assertThatThrownBy(() -> fill(writer)).isInstanceOf(KernelException.class);

    assertThatCode(() -> fill(writer)).doesNotThrowAnyException();
    assertThatCode(() -> writer.event(EVENT)).doesNotThrowAnyException();
    assertThatThrownBy(writer::close)
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("No space left on device");
    assertThat(disk.open).isFalse();
    assertThatCode(writer::close).doesNotThrowAnyException();
  }

  @Test
  void aFailureInCloseIsThrownAndTheChannelIsClosed() {
    SmallDisk disk = new SmallDisk(400);
    TraceWriter writer = writerTo(disk);
    writer.begin(TraceFiles.HEADER);
    writer.event(EVENT);

    assertThatThrownBy(writer::close).isInstanceOf(KernelException.class);
    assertThat(disk.open).isFalse();
  }

  @Test
  void tryWithResourcesKeepsTheFirstFailure() {
    SmallDisk disk = new SmallDisk(1000);

    assertThatThrownBy(
            () -> {
              try (TraceWriter writer = writerTo(disk)) {
                writer.begin(TraceFiles.HEADER);
                fill(writer);
              }
            })
        .isInstanceOf(KernelException.class)
        .satisfies(e -> assertThat(e.getSuppressed()).hasOnlyElementsOfType(KernelException.class));
  }

  @Test
  void usingItWrongFails() {
    TraceWriter writer = writerTo(new SmallDisk(1 << 20));
    writer.begin(TraceFiles.HEADER);
    assertThatThrownBy(() -> writer.begin(TraceFiles.HEADER))
        .isInstanceOf(IllegalStateException.class);
    writer.close();
    assertThatThrownBy(() -> writer.event(EVENT)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aDirectoryThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> TraceWriter.create(directory.resolve("a/b.bts")))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("its directory does not exist");
  }
}
