package dev.bts.cli.export;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DictionaryPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Util;

/**
 * Writes a Parquet file (the Apache Parquet format, 2.x): row groups, whose columns are each a page
 * and maybe a dictionary before it, compressed with Zstandard, and the metadata at the end.
 */
final class ParquetFile implements Closeable {
  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION = 2;
  private static final int COMPRESSION_LEVEL = 3;

  private final OutputStream out;
  private final List<RowGroup> rowGroups = new ArrayList<>();
  private final List<SchemaElement> schema = new ArrayList<>();
  private long position;
  private long rows;

  ParquetFile(OutputStream out, List<ParquetColumn> columns) throws IOException {
    this.out = out;
    SchemaElement root = new SchemaElement("branches");
    root.setNum_children(columns.size());
    schema.add(root);
    columns.forEach(column -> schema.add(column.schema()));
    write(MAGIC);
  }

  /** Writes what the columns have as a row group, and clears them. */
  void writeRowGroup(List<ParquetColumn> columns) throws IOException {
    int count = columns.get(0).rows();
    List<ColumnChunk> chunks = new ArrayList<>();
    long bytes = 0;
    for (ParquetColumn column : columns) {
      ColumnMetaData metadata = write(column);
      bytes += metadata.getTotal_uncompressed_size();
      ColumnChunk chunk = new ColumnChunk(0);
      chunk.setMeta_data(metadata);
      chunks.add(chunk);
      column.clear();
    }
    rowGroups.add(new RowGroup(chunks, bytes, count));
    rows += count;
  }

  /** Writes the metadata. */
  void finish(String createdBy) throws IOException {
    FileMetaData metadata = new FileMetaData(VERSION, schema, rows, rowGroups);
    metadata.setCreated_by(createdBy);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Util.writeFileMetaData(metadata, bytes);
    write(bytes.toByteArray());
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      out.write(bytes.size() >>> shift);
    }
    write(MAGIC);
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  private ColumnMetaData write(ParquetColumn column) throws IOException {
    long begin = position;
    long uncompressed = 0;
    if (column.dictionarySize() > 0) {
      PageHeader header = new PageHeader(PageType.DICTIONARY_PAGE, 0, 0);
      header.setDictionary_page_header(
          new DictionaryPageHeader(column.dictionarySize(), Encoding.PLAIN));
      uncompressed += write(header, column.dictionary());
    }
    long dataBegin = position;
    PageHeader header = new PageHeader(PageType.DATA_PAGE, 0, 0);
    header.setData_page_header(
        new DataPageHeader(column.rows(), column.encoding(), Encoding.RLE, Encoding.RLE));
    uncompressed += write(header, column.page());
    ColumnMetaData metadata =
        new ColumnMetaData(
            column.type(),
            List.of(Encoding.PLAIN, Encoding.RLE, Encoding.RLE_DICTIONARY),
            List.of(column.name()),
            CompressionCodec.ZSTD,
            column.rows(),
            uncompressed,
            position - begin,
            dataBegin);
    if (dataBegin != begin) {
      metadata.setDictionary_page_offset(begin);
    }
    return metadata;
  }

  /** Writes a page and returns its size with its header if it were not compressed. */
  private long write(PageHeader header, byte[] content) throws IOException {
    byte[] compressed = Zstd.compress(content, COMPRESSION_LEVEL);
    header.setUncompressed_page_size(content.length);
    header.setCompressed_page_size(compressed.length);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Util.writePageHeader(header, bytes);
    write(bytes.toByteArray());
    write(compressed);
    return bytes.size() + (long) content.length;
  }

  private void write(byte[] bytes) throws IOException {
    out.write(bytes);
    position += bytes.length;
  }
}
