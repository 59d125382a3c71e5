package dev.bts.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bts.api.record.BranchCursor;
import dev.bts.api.record.SideEvent;
import dev.bts.api.record.TraceSink;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TraceRequestTest {
  private static final TraceSink SINK =
      new TraceSink() {
        @Override
        public void branches(BranchCursor cursor) {}

        @Override
        public void event(SideEvent event) {}
      };

  @Test
  void asksByDefaultForADrainedBufferOfSuitableSizePaidByTheTracer() {
    TraceRequest request = TraceRequest.command("ls", "-l").sink(SINK).build();
    assertThat(request.buffer()).isEqualTo(new BufferSpec(BufferSpec.AUTO, Overflow.DRAIN));
    assertThat(request.policy()).isEmpty();
    assertThat(request.mechanisms()).isEmpty();
    assertThat(request.followChildren()).isTrue();
    assertThat(request.onRefusal()).isEqualTo(OnRefusal.SHARE);
    assertThat(request.strict()).isFalse();
    assertThat(request.chargeOther()).isFalse();
    assertThat(request.killOnExit()).isFalse();
    assertThat(request.recordScheduling()).isFalse();
    assertThat(request.target())
        .isEqualTo(new Target.Command(List.of("ls", "-l"), null, null, true));
  }

  @Test
  void refusesToDrainWithoutASink() {
    assertThatThrownBy(() -> TraceRequest.command("ls").build())
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("no sink")
        .hasMessageContaining("Overflow.WRAP");
  }

  @Test
  void needsNoSinkWithoutABufferOrWithOneThatKeepsItsRecords() {
    assertThat(TraceRequest.command("ls").buffer(0, Overflow.DRAIN).build().sink()).isEmpty();
    assertThat(TraceRequest.command("ls").buffer(4096, Overflow.WRAP).build().sink()).isEmpty();
  }

  @Test
  void refusesNoCommandAndEmptyCommand() {
    assertThatThrownBy(() -> TraceRequest.command(List.of()))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> TraceRequest.command("")).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void refusesAnArgumentThatExecveCannotPass() {
    assertThatThrownBy(() -> TraceRequest.command("ls", "a\0b"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("NUL");
  }

  @Test
  void refusesPidsThatAreNone() {
    assertThatThrownBy(() -> TraceRequest.process(0)).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> TraceRequest.process(-5)).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void refusesSizesOutOfRange() {
    TraceRequest.Builder builder = TraceRequest.command("ls");
    assertThatThrownBy(() -> builder.buffer(-2, Overflow.WRAP))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> builder.buffer(BufferSpec.MAX_BYTES + 1, Overflow.WRAP))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("--buffer");
    assertThatThrownBy(() -> BtsConfig.of(-1)).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void settingsOfACommandDoNotApplyToARunningProcess() {
    TraceRequest.Builder builder = TraceRequest.process(1);
    assertThatThrownBy(builder::withoutRandomization).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> builder.directory(Path.of("/")))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> builder.environment(Map.of()))
        .isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void keepsEverySettingOfACommandTogether() {
    TraceRequest request =
        TraceRequest.command("ls")
            .environment(Map.of("A", "b"))
            .directory(Path.of("/"))
            .withoutRandomization()
            .buffer(4096, Overflow.STOP)
            .build();
    assertThat(request.target())
        .isEqualTo(new Target.Command(List.of("ls"), Map.of("A", "b"), Path.of("/"), false));
  }

  @Test
  void isNotChangedByItsBuilderOrByTheListItWasMadeFrom() {
    List<String> arguments = new ArrayList<>(List.of("ls"));
    TraceRequest.Builder builder = TraceRequest.command(arguments).buffer(4096, Overflow.STOP);
    TraceRequest request = builder.build();
    builder.buffer(8192, Overflow.WRAP).followChildren(false);
    arguments.add("-l");
    assertThat(request.buffer()).isEqualTo(new BufferSpec(4096, Overflow.STOP));
    assertThat(request.followChildren()).isTrue();
    assertThat(((Target.Command) request.target()).arguments()).containsExactly("ls");
  }

  @Test
  void sizesRoundUpToWholePages() {
    assertThat(BufferSpec.pages(0)).isZero();
    assertThat(BufferSpec.pages(1)).isEqualTo(1);
    assertThat(BufferSpec.pages(4096)).isEqualTo(1);
    assertThat(BufferSpec.pages(4097)).isEqualTo(2);
  }
}
