/** Experiments as files: what is asked, and the results as a table, CSV, JSON and a page. */
@NullMarked
package dev.bts.cli.experiment;

import org.jspecify.annotations.NullMarked;
