/** YAML files that people write: read whole, within bounds, with errors that say where. */
@NullMarked
package dev.bts.cli.yaml;

import org.jspecify.annotations.NullMarked;
