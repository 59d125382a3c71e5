/**
 * The file {@code perf.data} of Linux perf: a {@link dev.bts.cli.perfdata.PerfDataReader} hands
 * what it tells of branches to a sink.
 *
 * <p>The format is that of {@code tools/perf/Documentation/perf.data-file-format.txt} and {@code
 * tools/perf/util/header.h} of Linux; the records of the kernel in it are those of {@link
 * dev.bts.kernel.perf.PerfRecord}.
 */
@NullMarked
package dev.bts.cli.perfdata;

import org.jspecify.annotations.NullMarked;
