// The numbers of structs/io_uring.ts against the header of the kernel, by the system's C compiler.

import { assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import process from "node:process";
import * as uring from "../../structs/io_uring.ts";
import { TemporaryFolder } from "../support/files.ts";
import { itUnless } from "../support/platform.ts";

/** The C expression of each number. */
function expressions(): [string, number][] {
  const { SETUP, FEATURES, SQ_FLAGS, OPERATIONS, OFFSETS, PARAMS, SQE, CQE, IO_URING_CALLS, REGISTER, CQ_FLAGS } =
    uring;
  const named = (prefix: string, numbers: Record<string, number>): [string, number][] =>
    Object.entries(numbers).map(([name, value]) => [`${prefix}${name}`, value]);
  const members = (struct: string, offsets: Record<string, unknown>): [string, number][] =>
    Object.entries(offsets).flatMap(([name, value]): [string, number][] => {
      if (typeof value === "object") {
        return Object.entries(value as Record<string, number>).map(([inner, at]) => [
          `offsetof(struct ${struct}, ${name}.${inner})`,
          at,
        ]);
      }
      if (name === "size") return [[`sizeof(struct ${struct})`, value as number]];
      return [[`offsetof(struct ${struct}, ${name === "op_flags" ? "rw_flags" : name})`, value as number]];
    });
  return [
    ...named("IORING_SETUP_", SETUP),
    ...named("IORING_FEAT_", FEATURES),
    ...named("IORING_SQ_", SQ_FLAGS),
    ...named("IORING_CQ_", CQ_FLAGS),
    ...named("IORING_REGISTER_", REGISTER),
    ...named("IORING_OP_", OPERATIONS),
    ...named("IORING_OFF_", OFFSETS),
    ...members("io_uring_params", PARAMS),
    ...members("io_uring_sqe", SQE),
    ...members("io_uring_cqe", CQE),
    ["IORING_ENTER_GETEVENTS", uring.ENTER_GETEVENTS],
    ["IOSQE_ASYNC", uring.IOSQE_ASYNC],
    ["IORING_FSYNC_DATASYNC", uring.FSYNC_DATASYNC],
    ["SYS_io_uring_setup", IO_URING_CALLS.setup],
    ["SYS_io_uring_enter", IO_URING_CALLS.enter],
    ["SYS_io_uring_register", IO_URING_CALLS.register],
    ["EFD_CLOEXEC | EFD_NONBLOCK", uring.EVENTFD_FLAGS],
  ];
}

/** Newer than the header may be. */
const LATER = new Set(["IORING_SETUP_NO_SQARRAY"]);

function missing(): string | undefined {
  if (process.platform !== "linux") return "only Linux has io_uring";
  using folder = new TemporaryFolder("/tmp");
  const source = folder.write("probe.c", "#include <linux/io_uring.h>\n#include <sys/syscall.h>\n");
  const { status } = spawnSync("cc", ["-fsyntax-only", source]);
  return status === 0 ? undefined : "there is no C compiler or no linux/io_uring.h";
}

describe("structs/io_uring.ts", () => {
  itUnless(missing(), "has the numbers and places of the kernel's header", () => {
    using folder = new TemporaryFolder("/tmp");
    const known = expressions();
    const lines = known.map(([expression]) => {
      const print = `  printf("%lld\\n", (long long)(${expression}));`;
      if (!LATER.has(expression)) return print;
      return `#ifdef ${expression}\n${print}\n#else\n  printf("none\\n");\n#endif`;
    });
    const source = folder.write(
      "numbers.c",
      [
        "#include <linux/io_uring.h>\n#include <stddef.h>\n#include <stdio.h>\n#include <sys/eventfd.h>\n#include <sys/syscall.h>",
        `int main(void) {\n${lines.join("\n")}\n  return 0;\n}\n`,
      ].join("\n"),
    );
    const { status, stderr } = spawnSync("cc", ["-o", folder.at("numbers"), source], { encoding: "utf8" });
    assertEquals([status, stderr], [0, ""]);
    const found = spawnSync(folder.at("numbers"), { encoding: "utf8" }).stdout.trim().split("\n");
    for (const [index, [expression, value]] of known.entries()) {
      if (found[index] !== "none") assertEquals([expression, Number(found[index])], [expression, value]);
    }
  });
});
