// Shows that the test command itself works on every runtime: a plain test, an asynchronous one, a skipped one, and hooks
// that run in their order. Nothing of the library is needed here.

import { assertEquals, assertRejects } from "@std/assert";
import { afterEach, beforeAll, beforeEach, describe, it } from "@std/testing/bdd";

describe("the test command", () => {
  const order: string[] = [];
  beforeAll(() => void order.push("beforeAll"));
  beforeEach(() => void order.push("beforeEach"));
  afterEach(() => void order.push("afterEach"));

  it("runs the hooks before a test", () => {
    assertEquals(order, ["beforeAll", "beforeEach"]);
  });

  it("waits for an asynchronous test", async () => {
    const error = await assertRejects(() => Promise.reject(new RangeError("too far")), RangeError, "far");
    assertEquals(error.message, "too far");
    assertEquals(order.slice(2), ["afterEach", "beforeEach"]);
  });

  it.skip("lists a skipped test with its reason (skipped: shows how it is done)", () => {
    throw new Error("a skipped test ran");
  });
});
