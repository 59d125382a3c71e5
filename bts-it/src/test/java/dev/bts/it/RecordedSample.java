package dev.bts.it;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The recording of branch stacks that bts-cli's tests have: 119,424 branches of real hardware. */
final class RecordedSample {
  private static final String FILE =
      "bts-cli/src/test/resources/dev/bts/cli/perfdata/data/lbr-sample.perf.data.zst";

  private RecordedSample() {}

  /** Writes it to a directory as perf wrote it. */
  static Path unpackTo(Path directory) throws IOException {
    byte[] packed = Files.readAllBytes(Repository.root().resolve(FILE));
    byte[] whole = Zstd.decompress(packed, (int) Zstd.getFrameContentSize(packed));
    return Files.write(directory.resolve("lbr-sample.perf.data"), whole);
  }
}
