package dev.bts.cli.trace;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;

/** Zstandard (RFC 8878), one frame per block. Holds native memory until closed. */
final class Compression implements AutoCloseable {
  /** Level 3 is 3 % smaller than level 1 on real traces and still far from being the bottleneck. */
  private static final int LEVEL = 3;

  private final ZstdCompressCtx compressor = new ZstdCompressCtx().setLevel(LEVEL);
  private final ZstdDecompressCtx decompressor = new ZstdDecompressCtx();

  /** Returns how long the compressed form of so many bytes may be: ZSTD_COMPRESSBOUND of zstd.h. */
  static int maxStoredBytes(int contentBytes) {
    int smallInputMargin = contentBytes < (128 << 10) ? ((128 << 10) - contentBytes) >>> 11 : 0;
    return contentBytes + (contentBytes >>> 8) + smallInputMargin;
  }

  /** Compresses and returns the number of bytes written to {@code to} from {@code at} on. */
  int compress(byte[] from, int length, byte[] to, int at) {
    return compressor.compressByteArray(to, at, to.length - at, from, 0, length);
  }

  /**
   * Decompresses one frame that must yield exactly {@code contentBytes}.
   *
   * @throws CorruptBlockException if it does not
   */
  void decompress(byte[] from, int length, byte[] to, int contentBytes)
      throws CorruptBlockException {
    long got;
    try {
      got = decompressor.decompressByteArray(to, 0, contentBytes, from, 0, length);
    } catch (ZstdException e) {
      throw new CorruptBlockException("its payload is not a zstd frame: " + e.getMessage(), e);
    }
    if (got != contentBytes || Zstd.isError(got)) {
      throw new CorruptBlockException("its payload has " + got + " bytes and not " + contentBytes);
    }
  }

  @Override
  public void close() {
    compressor.close();
    decompressor.close();
  }
}
