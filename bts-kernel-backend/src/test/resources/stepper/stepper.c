// The ground truth of branch traces: an independent single-stepper.
//
// It runs a command without address space randomisation, one instruction at a time, and writes every taken branch of the
// command's main thread as a line "from to" in hexadecimal. Whether an instruction is a branch, and whether it is taken,
// is decided from the registers before the step with Zydis, a decoder that bts has nothing in common with; where the step
// led must agree. Nothing here is tuned to agree with bts.
//
//   stepper [--output FILE] [--count-only] [--pin] [--skip-vdso] [--max-steps N] [--] COMMAND [ARGUMENT...]
//
// --count-only   writes no branches
// --pin          puts tracer and tracee on one CPU, which makes a step about four times as fast
// --skip-vdso    leaves out branches from or to the vDSO, which differ from run to run
// --max-steps N  kills the command after N instructions; the exit status is then 0
//
// At the end one line on standard error gives steps, branches, seconds, steps per second and where the vDSO was last. A
// repetition of a string instruction counts as one step. The exit status is the command's, as a shell shows it; 125 for
// errors of the stepper.
//
// What stops mean (Linux, x86-64): after an instruction the trap says TRAP_TRACE; after a system call TRAP_BRKPT; at the
// first instruction of a signal handler, before it is executed, SIGTRAP (ptrace_notify). Any other stop comes before the
// instruction has been executed. Threads and children of the command are not followed.

#define _GNU_SOURCE
#include <Zydis/Zydis.h>
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { STATUS_OWN_ERROR = 125, STATUS_NOT_FOUND = 127, STATUS_SIGNAL_BASE = 128 };

// RFLAGS, Intel SDM volume 1, 3.4.3.
enum { CF = 1 << 0, PF = 1 << 2, ZF = 1 << 6, SF = 1 << 7, OF = 1 << 11 };

struct options {
  const char *output;
  bool pin;
  bool skip_vdso;
  uint64_t max_steps;
  char **command;
};

// What the instruction at an address will do.
enum kind { STRAIGHT, CONDITIONAL_NOT_TAKEN, CONDITIONAL_TAKEN, ALWAYS_TAKEN, LOADS_STACK_SEGMENT };

// What a stop says about the step that it ends.
enum stop { INSTRUCTION_EXECUTED, SYSTEM_CALL_EXECUTED, NOTHING_EXECUTED, SIGNAL, EXEC };

struct instruction {
  enum kind kind;
  uint64_t address;
  uint64_t length;
  uint64_t target;  // of a CONDITIONAL_TAKEN
};

static ZydisDecoder decoder;
static uint64_t vdso_start, vdso_end;

static void die(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "stepper: ");
  vfprintf(stderr, format, arguments);
  fprintf(stderr, "\n");
  exit(STATUS_OWN_ERROR);
}

static bool condition_holds(ZydisMnemonic mnemonic, const struct user_regs_struct *regs) {
  bool cf = regs->eflags & CF, pf = regs->eflags & PF, zf = regs->eflags & ZF;
  bool sf = regs->eflags & SF, of = regs->eflags & OF;
  switch (mnemonic) {
    case ZYDIS_MNEMONIC_JO: return of;
    case ZYDIS_MNEMONIC_JNO: return !of;
    case ZYDIS_MNEMONIC_JB: return cf;
    case ZYDIS_MNEMONIC_JNB: return !cf;
    case ZYDIS_MNEMONIC_JZ: return zf;
    case ZYDIS_MNEMONIC_JNZ: return !zf;
    case ZYDIS_MNEMONIC_JBE: return cf || zf;
    case ZYDIS_MNEMONIC_JNBE: return !cf && !zf;
    case ZYDIS_MNEMONIC_JS: return sf;
    case ZYDIS_MNEMONIC_JNS: return !sf;
    case ZYDIS_MNEMONIC_JP: return pf;
    case ZYDIS_MNEMONIC_JNP: return !pf;
    case ZYDIS_MNEMONIC_JL: return sf != of;
    case ZYDIS_MNEMONIC_JNL: return sf == of;
    case ZYDIS_MNEMONIC_JLE: return zf || sf != of;
    case ZYDIS_MNEMONIC_JNLE: return !zf && sf == of;
    default: die("a conditional branch that is unknown here: %s", ZydisMnemonicGetString(mnemonic));
  }
  return false;
}

// loop, loope and loopne count first and then compare; jrcxz and jecxz compare only.
static bool counter_holds(const ZydisDecodedInstruction *decoded, const struct user_regs_struct *regs) {
  uint64_t mask = decoded->address_width == 32 ? UINT32_MAX : UINT64_MAX;
  bool zf = regs->eflags & ZF;
  bool counts_on = ((regs->rcx - 1) & mask) != 0;
  switch (decoded->mnemonic) {
    case ZYDIS_MNEMONIC_LOOP: return counts_on;
    case ZYDIS_MNEMONIC_LOOPE: return counts_on && zf;
    case ZYDIS_MNEMONIC_LOOPNE: return counts_on && !zf;
    default: return (regs->rcx & mask) == 0;
  }
}

static bool is_counter_branch(ZydisMnemonic mnemonic) {
  return mnemonic == ZYDIS_MNEMONIC_LOOP || mnemonic == ZYDIS_MNEMONIC_LOOPE || mnemonic == ZYDIS_MNEMONIC_LOOPNE ||
         mnemonic == ZYDIS_MNEMONIC_JRCXZ || mnemonic == ZYDIS_MNEMONIC_JECXZ;
}

static bool loads_stack_segment(const ZydisDecodedInstruction *decoded, const ZydisDecodedOperand *operands) {
  return decoded->mnemonic == ZYDIS_MNEMONIC_MOV && operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER &&
         operands[0].reg.value == ZYDIS_REGISTER_SS;
}

// Says what the instruction at an address will do. Code that cannot be read or decoded will fault: it is no branch.
static struct instruction decode(pid_t pid, uint64_t address, const struct user_regs_struct *regs) {
  struct instruction instruction = {.kind = STRAIGHT, .address = address};
  uint8_t code[ZYDIS_MAX_INSTRUCTION_LENGTH];
  struct iovec local = {code, sizeof code};
  uint64_t in_page = 4096 - (address & 4095);
  struct iovec remote[2] = {{(void *)address, in_page < sizeof code ? in_page : sizeof code}, {0}};
  remote[1].iov_base = (void *)(address + remote[0].iov_len);
  remote[1].iov_len = sizeof code - remote[0].iov_len;
  ssize_t length = process_vm_readv(pid, &local, 1, remote, remote[1].iov_len > 0 ? 2 : 1, 0);
  if (length <= 0) return instruction;

  ZydisDecodedInstruction decoded;
  ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
  ZydisDecoderContext context;
  if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, &context, code, length, &decoded))) return instruction;
  instruction.length = decoded.length;
  switch (decoded.meta.category) {
    case ZYDIS_CATEGORY_COND_BR: {
      bool taken =
          is_counter_branch(decoded.mnemonic) ? counter_holds(&decoded, regs) : condition_holds(decoded.mnemonic, regs);
      instruction.kind = taken ? CONDITIONAL_TAKEN : CONDITIONAL_NOT_TAKEN;
      instruction.target = address + decoded.length + decoded.raw.imm[0].value.s;
      break;
    }
    case ZYDIS_CATEGORY_UNCOND_BR:
    case ZYDIS_CATEGORY_CALL:
    case ZYDIS_CATEGORY_RET:
      instruction.kind = ALWAYS_TAKEN;
      break;
    case ZYDIS_CATEGORY_DATAXFER:
      if (decoded.mnemonic == ZYDIS_MNEMONIC_MOV &&
          ZYAN_SUCCESS(ZydisDecoderDecodeOperands(&decoder, &context, &decoded, operands, ZYDIS_MAX_OPERAND_COUNT)) &&
          loads_stack_segment(&decoded, operands)) {
        instruction.kind = LOADS_STACK_SEGMENT;
      }
      break;
    default:
      break;
  }
  return instruction;
}

// Says what the next step will do. A load of SS takes the instruction behind it along: no trap comes between them.
static struct instruction next_step(pid_t pid, const struct user_regs_struct *regs) {
  struct instruction instruction = decode(pid, regs->rip, regs);
  if (instruction.kind == LOADS_STACK_SEGMENT) {
    instruction = decode(pid, instruction.address + instruction.length, regs);
  }
  return instruction;
}

static void find_vdso(pid_t pid) {
  char path[64], line[512];
  snprintf(path, sizeof path, "/proc/%d/maps", pid);
  FILE *maps = fopen(path, "r");
  if (maps == NULL) die("%s: %s", path, strerror(errno));
  vdso_start = vdso_end = 0;
  while (fgets(line, sizeof line, maps) != NULL) {
    if (strstr(line, "[vdso]") != NULL && sscanf(line, "%" SCNx64 "-%" SCNx64, &vdso_start, &vdso_end) != 2) {
      die("cannot read %s", line);
    }
  }
  fclose(maps);
}

static bool in_vdso(uint64_t address) {
  return address >= vdso_start && address < vdso_end;
}

static void pin_to_this_cpu(void) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  if (sched_setaffinity(0, sizeof one, &one) != 0) die("sched_setaffinity: %s", strerror(errno));
}

static pid_t launch(char **command) {
  pid_t pid = fork();
  if (pid < 0) die("fork: %s", strerror(errno));
  if (pid == 0) {
    if (personality(personality(0xffffffff) | ADDR_NO_RANDOMIZE) < 0) die("personality: %s", strerror(errno));
    if (ptrace(PTRACE_TRACEME, 0, 0, 0) != 0) die("PTRACE_TRACEME: %s", strerror(errno));
    execvp(command[0], command);
    fprintf(stderr, "stepper: %s: %s\n", command[0], strerror(errno));
    _exit(STATUS_NOT_FOUND);
  }
  return pid;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static struct user_regs_struct registers(pid_t pid) {
  struct user_regs_struct regs = {0};
  if (ptrace(PTRACE_GETREGS, pid, 0, &regs) != 0 && errno != ESRCH) die("PTRACE_GETREGS: %s", strerror(errno));
  return regs;
}

static enum stop meaning_of_stop(pid_t pid, int status) {
  if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8)) return EXEC;
  siginfo_t info;
  if (ptrace(PTRACE_GETSIGINFO, pid, 0, &info) != 0) {
    if (errno == EINVAL || errno == ESRCH) return NOTHING_EXECUTED;  // a group stop, or killed meanwhile
    die("PTRACE_GETSIGINFO: %s", strerror(errno));
  }
  if (WSTOPSIG(status) != SIGTRAP) return SIGNAL;
  switch (info.si_code) {
    case TRAP_TRACE: return INSTRUCTION_EXECUTED;
    case TRAP_BRKPT: return SYSTEM_CALL_EXECUTED;
    case SIGTRAP: return NOTHING_EXECUTED;  // at the first instruction of a signal handler
    default: return SIGNAL;
  }
}

// Says whether an executed instruction was a taken branch, after checking that it led where it had to.
static bool led_elsewhere(const struct instruction *instruction, uint64_t next) {
  uint64_t behind = instruction->address + instruction->length;
  bool right = true;
  switch (instruction->kind) {
    case STRAIGHT:
    case LOADS_STACK_SEGMENT:
      // A repeated string instruction stays where it is.
      right = next == behind || next == instruction->address || instruction->length == 0;
      break;
    case CONDITIONAL_NOT_TAKEN:
      right = next == behind;
      break;
    case CONDITIONAL_TAKEN:
      right = next == instruction->target;
      break;
    case ALWAYS_TAKEN:
      break;
  }
  if (!right) die("the instruction at %" PRIx64 " cannot have led to %" PRIx64, instruction->address, next);
  return instruction->kind == CONDITIONAL_TAKEN || instruction->kind == ALWAYS_TAKEN;
}

// Steps the command to its end and returns its exit status.
static int run(const struct options *options) {
  FILE *output = NULL;
  if (options->output != NULL) {
    output = fopen(options->output, "we");
    if (output == NULL) die("%s: %s", options->output, strerror(errno));
    setvbuf(output, NULL, _IOFBF, 1 << 20);
  }
  if (options->pin) pin_to_this_cpu();
  pid_t pid = launch(options->command);

  int status;
  if (waitpid(pid, &status, 0) != pid) die("waitpid: %s", strerror(errno));
  if (!WIFSTOPPED(status)) return WIFEXITED(status) ? WEXITSTATUS(status) : STATUS_OWN_ERROR;
  if (ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC) != 0) {
    die("PTRACE_SETOPTIONS: %s", strerror(errno));
  }
  find_vdso(pid);

  uint64_t steps = 0, branches = 0;
  double start = now();
  int deliver = 0;
  struct user_regs_struct regs = registers(pid);
  while (steps < options->max_steps) {
    struct instruction instruction = next_step(pid, &regs);
    if (ptrace(PTRACE_SINGLESTEP, pid, 0, deliver) != 0 && errno != ESRCH) {
      die("PTRACE_SINGLESTEP: %s", strerror(errno));
    }
    deliver = 0;
    if (waitpid(pid, &status, __WALL) != pid) die("waitpid: %s", strerror(errno));
    if (!WIFSTOPPED(status)) break;
    regs = registers(pid);
    switch (meaning_of_stop(pid, status)) {
      case EXEC:
        find_vdso(pid);
        break;
      case SIGNAL:
        deliver = WSTOPSIG(status);
        break;
      case NOTHING_EXECUTED:
        break;
      case SYSTEM_CALL_EXECUTED:
        steps++;
        break;
      case INSTRUCTION_EXECUTED:
        steps++;
        if (led_elsewhere(&instruction, regs.rip) &&
            !(options->skip_vdso && (in_vdso(instruction.address) || in_vdso(regs.rip)))) {
          branches++;
          if (output != NULL) fprintf(output, "%" PRIx64 " %llx\n", instruction.address, regs.rip);
        }
        break;
    }
  }
  if (WIFSTOPPED(status)) {
    kill(pid, SIGKILL);
    waitpid(pid, &status, __WALL);
    status = 0;
  }
  double seconds = now() - start;
  if (output != NULL && fclose(output) != 0) die("%s: %s", options->output, strerror(errno));
  fprintf(stderr,
          "stepper: steps=%" PRIu64 " branches=%" PRIu64 " seconds=%.3f steps_per_second=%.0f vdso=%" PRIx64 "-%" PRIx64 "\n",
          steps, branches, seconds, steps / seconds, vdso_start, vdso_end);
  return WIFSIGNALED(status) ? STATUS_SIGNAL_BASE + WTERMSIG(status) : WEXITSTATUS(status);
}

static const char *value_of(char ***argument) {
  if ((*argument)[1] == NULL) die("%s needs a value", **argument);
  return *++*argument;
}

int main(int argc, char **argv) {
  struct options options = {.max_steps = UINT64_MAX};
  bool count_only = false;
  char **argument = argv + (argc > 0);
  for (; *argument != NULL && strncmp(*argument, "--", 2) == 0; argument++) {
    if (strcmp(*argument, "--") == 0) {
      argument++;
      break;
    } else if (strcmp(*argument, "--output") == 0) {
      options.output = value_of(&argument);
    } else if (strcmp(*argument, "--count-only") == 0) {
      count_only = true;
    } else if (strcmp(*argument, "--pin") == 0) {
      options.pin = true;
    } else if (strcmp(*argument, "--skip-vdso") == 0) {
      options.skip_vdso = true;
    } else if (strcmp(*argument, "--max-steps") == 0) {
      char *end;
      options.max_steps = strtoull(value_of(&argument), &end, 10);
      if (*end != '\0' || options.max_steps == 0) die("--max-steps needs a positive number");
    } else {
      die("unknown option %s", *argument);
    }
  }
  if (*argument == NULL) die("no command was given");
  if (count_only == (options.output != NULL)) die("give either --output or --count-only");
  options.command = argument;
  if (!ZYAN_SUCCESS(ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64))) {
    die("this Zydis has another version than its headers");
  }
  return run(&options);
}
