/*
 * What Zydis makes of bytes. Standard input: records of 15 bytes. Standard output: a record of 16
 * bytes for each, see ZydisOpinion.java. The argument is "amd" or "intel".
 */
#include <Zydis/Zydis.h>
#include <stdio.h>
#include <string.h>

enum { CODE = 15, ANSWER = 16 };

static const char *flow(const ZydisDecodedInstruction *in)
{
  int relative = in->raw.imm[0].is_relative;

  switch (in->mnemonic) {
  case ZYDIS_MNEMONIC_JMP:
    if (in->meta.branch_type == ZYDIS_BRANCH_TYPE_FAR)
      return "F";
    return relative ? "j" : "J";
  case ZYDIS_MNEMONIC_CALL:
    if (in->meta.branch_type == ZYDIS_BRANCH_TYPE_FAR)
      return "G";
    return relative ? "c" : "C";
  case ZYDIS_MNEMONIC_RET:
    return in->meta.branch_type == ZYDIS_BRANCH_TYPE_FAR ? "H" : "R";
  case ZYDIS_MNEMONIC_LOOP:
  case ZYDIS_MNEMONIC_LOOPE:
  case ZYDIS_MNEMONIC_LOOPNE:
  case ZYDIS_MNEMONIC_JRCXZ:
  case ZYDIS_MNEMONIC_JECXZ:
    return "l";
  case ZYDIS_MNEMONIC_IRET:
  case ZYDIS_MNEMONIC_IRETD:
  case ZYDIS_MNEMONIC_IRETQ:
  case ZYDIS_MNEMONIC_UIRET:
    return "I";
  case ZYDIS_MNEMONIC_SYSCALL:
    return "s";
  case ZYDIS_MNEMONIC_SYSENTER:
    return "e";
  case ZYDIS_MNEMONIC_SYSRET:
  case ZYDIS_MNEMONIC_SYSEXIT:
  case ZYDIS_MNEMONIC_RSM:
    return "S";
  case ZYDIS_MNEMONIC_INT:
    return "i";
  case ZYDIS_MNEMONIC_INT3:
    return "3";
  case ZYDIS_MNEMONIC_INT1:
    return "1";
  case ZYDIS_MNEMONIC_UD0:
  case ZYDIS_MNEMONIC_UD1:
  case ZYDIS_MNEMONIC_UD2:
    return "u";
  case ZYDIS_MNEMONIC_HLT:
    return "h";
  case ZYDIS_MNEMONIC_XBEGIN:
    return "t";
  case ZYDIS_MNEMONIC_XABORT:
    return "a";
  case ZYDIS_MNEMONIC_ENCLU:
    return "n";
  case ZYDIS_MNEMONIC_XEND: /* Zydis has it among the conditional branches. */
    return ".";
  default:
    return in->meta.category == ZYDIS_CATEGORY_COND_BR ? "b" : ".";
  }
}

static int is_knights_corner(const ZydisDecodedInstruction *in)
{
  return in->meta.isa_ext == ZYDIS_ISA_EXT_KNC || in->meta.isa_ext == ZYDIS_ISA_EXT_KNCE
         || in->meta.isa_ext == ZYDIS_ISA_EXT_KNCV;
}

int main(int argc, char **argv)
{
  ZydisDecoder decoder;
  ZydisDecodedInstruction in;
  ZydisDecodedOperand op[ZYDIS_MAX_OPERAND_COUNT];
  unsigned char code[CODE];
  unsigned char answer[ANSWER];

  ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  if (argc > 1 && !strcmp(argv[1], "amd"))
    ZydisDecoderEnableMode(&decoder, ZYDIS_DECODER_MODE_AMD_BRANCHES, ZYAN_TRUE);
  while (fread(code, CODE, 1, stdin) == 1) {
    ZyanStatus status = ZydisDecoderDecodeFull(&decoder, code, CODE, &in, op);

    memset(answer, 0, sizeof answer);
    answer[0] = (unsigned char)ZYAN_STATUS_CODE(status);
    if (ZYAN_SUCCESS(status)) {
      int i;
      int rip = 0;
      long long relative = in.raw.imm[0].is_relative ? in.raw.imm[0].value.s : 0;

      for (i = 0; i < in.operand_count; i++)
        rip |= op[i].type == ZYDIS_OPERAND_TYPE_MEMORY
               && (op[i].mem.base == ZYDIS_REGISTER_RIP || op[i].mem.base == ZYDIS_REGISTER_EIP);
      answer[0] = is_knights_corner(&in) ? 0xff : 0;
      answer[1] = in.length;
      answer[2] = *flow(&in);
      answer[3] = in.raw.disp.offset;
      answer[4] = in.raw.disp.size / 8;
      answer[5] = in.raw.imm[0].size ? in.raw.imm[0].offset : 0;
      answer[6] = (in.raw.imm[0].size + in.raw.imm[1].size) / 8;
      answer[7] = (unsigned char)rip;
      memcpy(answer + 8, &relative, sizeof relative);
    }
    if (fwrite(answer, ANSWER, 1, stdout) != 1)
      return 1;
  }
  return fflush(stdout) ? 1 : 0;
}
