package dev.bts.cli.export;

/**
 * Numbers of the fields and values that are used of Perfetto's schema (protos/perfetto/trace of
 * Perfetto: trace.proto, trace_packet.proto, track_event/*.proto).
 */
final class PerfettoLayout {
  static final int TRACE_PACKET = 1;

  static final int PACKET_TIMESTAMP = 8; // uint64, nanoseconds
  static final int PACKET_SEQUENCE_ID = 10; // uint32, trusted_packet_sequence_id
  static final int PACKET_TRACK_EVENT = 11;
  static final int PACKET_INTERNED_DATA = 12;
  static final int PACKET_SEQUENCE_FLAGS = 13; // uint32
  static final int PACKET_TRACK_DESCRIPTOR = 60;

  static final int SEQ_INCREMENTAL_STATE_CLEARED = 1;
  static final int SEQ_NEEDS_INCREMENTAL_STATE = 2;

  static final int DESCRIPTOR_UUID = 1; // uint64
  static final int DESCRIPTOR_PROCESS = 3;
  static final int DESCRIPTOR_THREAD = 4;

  static final int PROCESS_PID = 1; // int32
  static final int PROCESS_NAME = 6;

  static final int THREAD_PID = 1; // int32
  static final int THREAD_TID = 2; // int32
  static final int THREAD_NAME = 5;

  static final int EVENT_TYPE = 9; // enum
  static final int EVENT_NAME_IID = 10; // uint64
  static final int EVENT_TRACK_UUID = 11; // uint64
  static final int TYPE_SLICE_BEGIN = 1;
  static final int TYPE_SLICE_END = 2;

  static final int INTERNED_EVENT_NAMES = 2;
  static final int EVENT_NAME_IID_OF_NAME = 1; // uint64
  static final int EVENT_NAME_NAME = 2; // string

  private PerfettoLayout() {}
}
