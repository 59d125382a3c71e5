package dev.bts.kernel.x86;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StepFactsTest {
  @ParameterizedTest(name = "{2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          9c                         | pushes flags   | pushf
          66 9c                      | pushes flags   | pushfw
          9d                         | pops flags     | popf
          8e d0                      | loads ss       | mov %eax,%ss
          44 8e 10                   | loads ss       | rex.R mov (%rax),%ss
          8e d8                      | none           | mov %eax,%ds
          8c d0                      | none           | mov %ss,%eax
          0f b2 00                   | none           | lss (%rax),%eax
          f3 a4                      | repeats        | rep movsb
          f2 ae                      | repeats        | repnz scas
          f3 48 ab                   | repeats        | rep stos
          f3 6c                      | repeats        | rep insb
          f2 66 a7                   | repeats        | repnz cmpsw
          a4                         | none           | movsb
          f3 a8 00                   | none           | repz test $0x0,%al
          f3 90                      | none           | pause
          f3 0f a4 c0 01             | none           | repz shld
          f3 48 0f ae c8             | uses gs        | rdgsbase %rax
          f3 48 0f ae d8             | uses gs        | wrgsbase %rax
          f3 48 0f ae c0             | none           | rdfsbase %rax
          0f ae 08                   | none           | fxrstor (%rax)
          0f 01 f8                   | uses gs        | swapgs
          0f 01 f9                   | none           | rdtscp
          8e e8                      | uses gs        | mov %eax,%gs
          8c e8                      | uses gs        | mov %gs,%eax
          0f a8                      | uses gs        | push %gs
          0f a9                      | uses gs        | pop %gs
          0f b5 00                   | uses gs        | lgs (%rax),%eax
          65 48 8b 04 25 28 00 00 00 | uses gs        | mov %gs:0x28,%rax
          65 f3 a4                   | repeats uses gs | rep movsb %gs:(%rsi),%es:(%rdi)
          65 c5 f8 28 00             | uses gs        | vmovaps %gs:(%rax),%xmm0
          64 65 8b 00                | uses gs        | mov %gs:(%rax),%eax
          65 64 8b 00                | none           | gs mov %fs:(%rax),%eax
          65 2e 8b 00                | uses gs        | cs mov %gs:(%rax),%eax
          64 8b 00                   | none           | mov %fs:(%rax),%eax
          f3 0f 1e fa                | end branch     | endbr64
          f3 0f 1e fb                | end branch     | endbr32
          f3 48 0f 1e c8             | none           | rdsspq %rax
          0f 1e fa                   | none           | nop %edx
          """)
  void factsHoldForTheInstructionsTheyAreAboutAndNoOthers(String hex, String facts, String text) {
    Instruction instruction = Code.decode(hex);
    List<String> found = new ArrayList<>();
    if (StepFacts.pushesFlags(instruction)) {
      found.add("pushes flags");
    }
    if (StepFacts.popsFlags(instruction)) {
      found.add("pops flags");
    }
    if (StepFacts.loadsStackSegment(instruction)) {
      found.add("loads ss");
    }
    if (StepFacts.isRepeatedString(instruction)) {
      found.add("repeats");
    }
    if (StepFacts.usesGs(instruction)) {
      found.add("uses gs");
    }
    if (StepFacts.isEndBranch(instruction)) {
      found.add("end branch");
    }
    assertThat(found.isEmpty() ? "none" : String.join(" ", found)).as(text).isEqualTo(facts);
  }
}
