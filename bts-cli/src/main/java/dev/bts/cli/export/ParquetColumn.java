package dev.bts.cli.export;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.IntType;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.StringType;
import org.apache.parquet.format.Type;

/** A column of a row group of a Parquet file: the values of so many rows, all of them present. */
final class ParquetColumn {
  private static final int BITS_PER_LONG = 64;
  private static final int VALUES_PER_PACK = 8;

  private final String name;
  private final Kind kind;
  private final long[] values;
  private final Map<String, Integer> numberOfText = new HashMap<>();
  private final List<String> texts = new ArrayList<>();
  private int rows;

  /** What values are, and so how they are stored. */
  enum Kind {
    /** Numbers of 32 bits with sign, plainly. */
    INT,
    /** Numbers of 64 bits without sign, plainly. */
    UNSIGNED_LONG,
    /** One bit each. */
    BOOLEAN,
    /** Texts: numbers into a dictionary. */
    TEXT
  }

  ParquetColumn(String name, Kind kind, int rowsMax) {
    this.name = name;
    this.kind = kind;
    values = new long[rowsMax];
  }

  String name() {
    return name;
  }

  int rows() {
    return rows;
  }

  /** Appends a value: a number, 1 for true, or what {@link #number} gave for a text. */
  void add(long value) {
    values[rows++] = value;
  }

  /** Returns the number of a text in the dictionary of this row group. */
  int number(String text) {
    Integer known = numberOfText.get(text);
    if (known == null) {
      known = texts.size();
      texts.add(text);
      numberOfText.put(text, known);
    }
    return known;
  }

  /** Begins a new row group. */
  void clear() {
    rows = 0;
    texts.clear();
    numberOfText.clear();
  }

  Type type() {
    return switch (kind) {
      case INT -> Type.INT32;
      case UNSIGNED_LONG -> Type.INT64;
      case BOOLEAN -> Type.BOOLEAN;
      case TEXT -> Type.BYTE_ARRAY;
    };
  }

  Encoding encoding() {
    return kind == Kind.TEXT ? Encoding.RLE_DICTIONARY : Encoding.PLAIN;
  }

  SchemaElement schema() {
    SchemaElement schema = new SchemaElement(name);
    schema.setType(type());
    schema.setRepetition_type(FieldRepetitionType.REQUIRED);
    if (kind == Kind.UNSIGNED_LONG) {
      schema.setConverted_type(ConvertedType.UINT_64);
      schema.setLogicalType(
          LogicalType.INTEGER(new IntType((byte) BITS_PER_LONG, /* isSigned= */ false)));
    } else if (kind == Kind.TEXT) {
      schema.setConverted_type(ConvertedType.UTF8);
      schema.setLogicalType(LogicalType.STRING(new StringType()));
    }
    return schema;
  }

  /** Returns how many texts the dictionary has; 0 for columns without one. */
  int dictionarySize() {
    return texts.size();
  }

  /** Returns the texts of the dictionary, each with its length in 4 bytes before it. */
  byte[] dictionary() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String text : texts) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      ByteBuffer length = buffer(Integer.BYTES).putInt(0, bytes.length);
      out.writeBytes(bytes(length));
      out.writeBytes(bytes);
    }
    return out.toByteArray();
  }

  /** Returns the values as the content of a page. */
  byte[] page() {
    return switch (kind) {
      case INT -> {
        ByteBuffer page = buffer(rows * Integer.BYTES);
        for (int i = 0; i < rows; i++) {
          page.putInt((int) values[i]);
        }
        yield bytes(page);
      }
      case UNSIGNED_LONG -> {
        ByteBuffer page = buffer(rows * Long.BYTES);
        for (int i = 0; i < rows; i++) {
          page.putLong(values[i]);
        }
        yield bytes(page);
      }
      case BOOLEAN -> packed(1);
      case TEXT -> indices();
    };
  }

  /** One byte with the width, then one run of packed values (the RLE/bit-packing hybrid). */
  private byte[] indices() {
    int width = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, texts.size() - 1));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(width);
    int header = packs() << 1 | 1;
    while (header > 0x7F) {
      out.write((header & 0x7F) | 0x80);
      header >>>= 7;
    }
    out.write(header);
    out.writeBytes(packed(width));
    return out.toByteArray();
  }

  private int packs() {
    return (rows + VALUES_PER_PACK - 1) / VALUES_PER_PACK;
  }

  /** Packs the values into so many bits each, the lowest first. */
  private byte[] packed(int width) {
    byte[] packed = new byte[packs() * width];
    long bit = 0;
    for (int i = 0; i < rows; i++) {
      for (int b = 0; b < width; b++, bit++) {
        packed[(int) (bit / Byte.SIZE)] |= (byte) ((values[i] >>> b & 1) << (bit % Byte.SIZE));
      }
    }
    return packed;
  }

  private static ByteBuffer buffer(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.capacity()];
    buffer.get(0, bytes);
    return bytes;
  }
}
