package dev.bts.kernel.ptrace;

import dev.bts.api.KernelException;
import dev.bts.kernel.software.Translation;
import dev.bts.kernel.sys.Mapping;
import dev.bts.kernel.x86.Decoder;
import dev.bts.kernel.x86.Vendor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a process needs before it may run translated, and what is done if it must not. */
final class Admission {
  private final Stops stops;
  private final InjectedCalls calls;
  private final Errands errands;
  private final Observer observer;
  private final SharedPages pages;
  private final Decoder decoder = new Decoder(Vendor.ofThisMachine());

  Admission(
      Stops stops, InjectedCalls calls, Errands errands, Observer observer, SharedPages pages) {
    this.stops = stops;
    this.calls = calls;
    this.errands = errands;
    this.observer = observer;
    this.pages = pages;
  }

  /**
   * Returns a translation for the process of a task that stands, null if it must not have one.
   *
   * @param takesEverybodyOut is called before translated code is forgotten
   */
  @Nullable Translation begin(Task task, Consumer<AddressSpace> takesEverybodyOut) {
    String obstacle = Translatable.obstacle(task.tid());
    if (obstacle != null) {
      giveUp(task, obstacle);
      return null;
    }
    AddressSpace memory = task.tracee().memory();
    Translation translation =
        new Translation(
            new ProgramCode(task.tracee()), decoder, new ArenaPlaces(task.tracee(), pages));
    memory.setTranslation(translation, takesEverybodyOut);
    return translation;
  }

  /** Has a process single-stepped from now on. */
  void giveUp(Task task, String reason) {
    AddressSpace memory = task.tracee().memory();
    if (memory.cave() != 0) {
      stops.pokeWord(
          task.tid(),
          memory.cave() + CaveLayout.TRAP_VECTOR,
          memory.cave() + CaveLayout.TRAP_SORTER);
    }
    memory.giveUpTranslation();
    pages.release(task.tracee());
    observer.untranslatable(task, reason);
  }

  /** Has the writes to code watched when a task comes to code that its program can write to. */
  void watchWrites(Task task, Translation translation) {
    AddressSpace memory = task.tracee().memory();
    if (memory.writtenCode() != null || memory.writesUnwatched()) {
      return;
    }
    MemoryArea area = memory.areaOf(task.address);
    if (area == null || !area.writtenCode()) {
      return;
    }
    try {
      memory.setWrittenCode(
          WrittenCode.open(
              task, calls, errands, page -> memory.forgetCode(page, page + Mapping.PAGE_BYTES)));
      translation.reconsider();
    } catch (KernelException refused) {
      memory.leaveWritesUnwatched();
      observer.untranslatable(task, "in code that its program writes: " + refused.explanation());
    }
  }
}
