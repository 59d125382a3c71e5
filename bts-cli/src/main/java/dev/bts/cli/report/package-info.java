/** What {@code bts report} says about a trace: counting, and two ways to print it. */
@NullMarked
package dev.bts.cli.report;

import org.jspecify.annotations.NullMarked;
