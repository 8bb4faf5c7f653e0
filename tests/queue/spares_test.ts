// Operations are used again for other requests: nothing of one request may show in the next, and none is used again that
// something may still refer to.

import { AioQueue } from "@posix/aio";
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Descriptor } from "../../engine/descriptor.ts";
import { Operation } from "../../engine/operation.ts";
import { giveOperation, takeOperation } from "../../engine/spares.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";

const owner = { ended() {} };

function begin(operation: Operation): Operation {
  return operation.begin(owner, "write", 5, null, 3, new Uint8Array(3), null, false, 7, "tag");
}

/** An operation that has ended well. */
function ended(): Operation {
  const operation = begin(new Operation());
  operation.descriptor = new Descriptor(5, true);
  operation.state = "done";
  return operation;
}

describe("giveOperation()", () => {
  it("keeps an operation that ended well for takeOperation(), one after the other", () => {
    const [first, second] = [ended(), ended()];
    giveOperation(first);
    giveOperation(second);
    assertStrictEquals(takeOperation(), second);
    assertStrictEquals(takeOperation(), first);
  });

  const changes: Record<string, Partial<Operation>> = {
    "was cancelled": { cancelled: true },
    "was given up": { abandoned: true },
    "failed": { error: new Error("no") },
    "listens to a signal": { signal: new AbortController().signal },
    "never got its turn": { descriptor: null },
    "has not ended": { state: "in libc" },
  };
  for (const [what, change] of Object.entries(changes)) {
    it(`keeps none that ${what}`, () => {
      const operation = Object.assign(ended(), change);
      giveOperation(operation);
      assert(takeOperation() !== operation);
    });
  }
});

describe("an operation that is used again", () => {
  it("is like a new one in every member", () => {
    const used = new Operation();
    // whatever a request may have left, in every member there is
    for (const name of Object.keys(used)) (used as unknown as Record<string, unknown>)[name] = `left in ${name}`;
    used.clear();
    assertEquals({ ...begin(used), spare: null }, { ...begin(new Operation()) });
  });

  it("keeps nothing of its caller's meanwhile", () => {
    const used = begin(new Operation());
    used.clear();
    const kept = Object.entries(used).filter(([, value]) => typeof value === "object" && value !== null);
    assertEquals(kept.map(([name]) => name), ["owner"]);
    assert(used.owner !== owner);
    assertEquals([used.tag, used.error], [undefined, undefined]);
  });
});

describe("a queue whose requests are cancelled, aborted and refused among others that end", () => {
  it("ends each of 20,000 exactly once, with its own tag and bytes", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(1 << 16);
    folder.write("file", content);
    const fd = folder.open("file");
    await using queue = new AioQueue({ depth: 16 });
    const counts = new Uint8Array(20_000);
    let wrong = 0;
    const one = async (tag: number) => {
      const offset = (tag * 37) % (content.length - 16);
      const controller = new AbortController();
      const way = tag % 7;
      const read = queue.read(way === 1 ? 1_000_000 : fd, {
        offset,
        length: 16,
        signal: way === 2 || way === 3 ? controller.signal : undefined,
        priority: tag % 3,
      });
      if (way === 2) controller.abort();
      if (way === 4) queue.cancel({ fd: 1_000_000 });
      try {
        const { bytes, buffer } = await read;
        if (bytes !== 16 || !buffer.every((byte, index) => byte === content[offset + index])) wrong++;
        if (way === 1) wrong++;
      } catch (error) {
        if (way !== 1 && way !== 2) throw error;
        const { code, name } = error as { code: string; name: string };
        if (name !== "AbortError" && !["ECANCELED", "EBADF"].includes(code)) throw error;
      }
      counts[tag]++;
    };
    for (let begin = 0; begin < counts.length; begin += 200) {
      await Promise.all(Array.from({ length: 200 }, (_, index) => one(begin + index)));
    }
    assertEquals([wrong, counts.every((count) => count === 1)], [0, true]);
  });
});
