// The policies of the completion loop against simulated machines: lanes, submission, waiting.

import { assert, assertEquals, assertFalse, assertGreaterOrEqual, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Descriptor } from "../../engine/descriptor.ts";
import { IdleThreads } from "../../engine/lanes/idle_threads.ts";
import { Lane } from "../../engine/lanes/lane.ts";
import { LANE_DEPTH, LanePolicy, LANES_MAX } from "../../engine/lanes/lane_policy.ts";
import { SubmitPolicy } from "../../engine/lanes/submit_policy.ts";
import { WaitPolicy } from "../../engine/waiting/wait_policy.ts";

/** The time, in milliseconds. */
let now = 0;

/** How often the completion loop turns. */
const STEP_MS = 1 / 8;

/** Lets a policy see a descriptor with a rate (requests each millisecond) that depends on its lanes. */
function simulate(policy: LanePolicy, rateOf: (lanes: number) => number, milliseconds: number, held: number): number[] {
  const chosen: number[] = [];
  let debt = 0;
  for (let left = milliseconds; left > 0; left -= STEP_MS) {
    now += STEP_MS;
    debt += rateOf(policy.lanes) * STEP_MS;
    const inFlight = Math.min(held, policy.lanes * LANE_DEPTH);
    const count = Math.min(inFlight - 1, Math.floor(debt));
    debt -= count;
    policy.observe(count, now, inFlight, false);
    chosen.push(policy.lanes);
  }
  return chosen;
}

/** The lanes in force most of the time in the second half. */
function settled(chosen: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const lanes of chosen.slice(chosen.length / 2)) counts.set(lanes, (counts.get(lanes) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0][0];
}

describe("LanePolicy", () => {
  it("keeps one lane where requests end within microseconds", () => {
    const policy = new LanePolicy();
    assertEquals(new Set(simulate(policy, (lanes) => 400 / lanes, 1000, 32)), new Set([1]));
    assert(policy.quick);
  });

  it("takes many where they overlap on a device", () => {
    const policy = new LanePolicy();
    assertEquals(settled(simulate(policy, (lanes) => lanes * 8, 3000, 128)), LANES_MAX);
    assert(!policy.quick);
  });

  it("takes no more than pay off", () => {
    assertEquals(settled(simulate(new LanePolicy(), (lanes) => Math.min(lanes, 4) * 10, 3000, 128)), 4);
    assertEquals(settled(simulate(new LanePolicy(), (lanes) => 20 / lanes, 3000, 128)), 1);
  });

  it("leaves each lane two requests, so that libc's threads do not run out of them", () => {
    const most = (held: number) => Math.max(...simulate(new LanePolicy(), (lanes) => lanes * 8, 3000, held));
    assertEquals([2, 4, 8, 32].map(most), [2, 2, 4, 16]);
  });

  it("keeps them for a program that waits for all of its requests before it makes new ones", () => {
    const policy = new LanePolicy();
    simulate(policy, (lanes) => lanes * 8, 2000, 128);
    const chosen = new Set<number>();
    for (let turn = 0; turn < 2000; turn++) {
      now += STEP_MS;
      policy.observe(32, now, 128 - turn % 4 * 40, turn % 4 === 3);
      chosen.add(policy.lanes);
    }
    assertGreaterOrEqual(Math.min(...[...chosen].filter((lanes) => lanes > 1)), LANES_MAX / 2);
  });

  it("adapts a number again that another file has got", () => {
    const policy = new LanePolicy();
    policy.fix(3);
    policy.release();
    assertEquals(settled(simulate(policy, (lanes) => Math.min(lanes, 4) * 10, 3000, 128)), 4);
  });

  it("chooses by what lanes gain, not by the moods of the device", () => {
    const policy = new LanePolicy();
    simulate(policy, (lanes) => Math.min(lanes, 4) * 10, 1000, 128);
    assertEquals(settled(simulate(policy, (lanes) => Math.min(lanes, 4) * 2, 2000, 128)), 4);
    assertEquals(settled(simulate(policy, (lanes) => Math.min(lanes, 4) * 10, 2000, 128)), 4);
  });

  it("comes back to one lane when the data are in the page cache now", () => {
    const policy = new LanePolicy();
    simulate(policy, (lanes) => lanes * 8, 2000, 128);
    assertEquals(settled(simulate(policy, (lanes) => 400 / lanes, 3000, 128)), 1);
  });

  it("keeps one lane where libc has ended everything whenever the program looks", () => {
    const policy = new LanePolicy();
    for (let turn = 0; turn < 1000; turn++) policy.observe(32, now++, 32, turn % 3 > 0); // 31 us each
    assertEquals([policy.lanes, policy.quick], [1, false]);
    const chosen = new Set<number>();
    for (let turn = 0; turn < 1000; turn++) {
      policy.observe(32, now++, 32, turn % 3 === 0);
      chosen.add(policy.lanes);
    }
    assertEquals([...chosen], [1, 2, 4, 8, 16]);
  });

  it("comes back to one lane when only the program was slow, until it was compiled", () => {
    const policy = new LanePolicy();
    simulate(policy, () => 10, 40, 128);
    const chosen = simulate(policy, () => 30, 300, 128);
    assertGreaterOrEqual(Math.max(...chosen), 2);
    // many lanes share the processors: twice as slow as one, and all alike
    assertEquals(settled(simulate(policy, (lanes) => lanes === 1 ? 400 : 200, 2000, 128)), 1);
  });

  it("leaves a device alone that many lanes keep busy, but for some part of the time", () => {
    const chosen = simulate(new LanePolicy(), (lanes) => lanes * 8, 10_000, 128);
    assertLess(chosen.filter((lanes) => lanes === 1).length / chosen.length, 0.03);
  });

  it("keeps a fixed number", () => {
    const policy = new LanePolicy();
    policy.fix(3);
    assertEquals(new Set(simulate(policy, (lanes) => lanes * 8, 1000, 128)), new Set([3]));
  });
});

describe("Descriptor", () => {
  /** Turns that each find all requests ended, and a program that makes as many new ones after a pause. */
  function take(descriptor: Descriptor, inFlight: number, pauseMs: number, turns: number): void {
    for (let turn = 0; turn < turns; turn++) {
      descriptor.resume(now);
      descriptor.held = inFlight;
      descriptor.adapt(now);
      descriptor.ended += inFlight;
      descriptor.held = 0;
      descriptor.idleSince = now;
      now += pauseMs;
    }
  }

  it("counts what turns took that left nothing in flight, and the time that they took", () => {
    const [slow, quick] = [new Descriptor(-1, true), new Descriptor(-1, true)];
    take(slow, 8, 0.4, 1000); // 50 us each
    take(quick, 32, 0.1, 1000); // 3 us each
    assertFalse(slow.policy.quick);
    assert(quick.policy.quick);
    assertEquals(slow.policy.lanes, 1); // the program is slow, not libc
  });

  it("measures nothing over the time in which nothing was in flight", () => {
    const descriptor = new Descriptor(-1, true);
    take(descriptor, 32, 100, 100);
    assertFalse(descriptor.policy.quick);
    take(descriptor, 32, 0.1, 100);
    assert(descriptor.policy.quick);
  });
});

describe("IdleThreads", () => {
  /** Descriptors with so many lanes. */
  function active(lanes: number, quick: boolean, stream = false): Pick<Descriptor, "stream" | "lanes" | "policy"> {
    const descriptor = new Descriptor(-1, true);
    while (descriptor.lanes.length < lanes) descriptor.lanes.push(new Lane(-1, true));
    descriptor.stream = stream;
    descriptor.policy.quick = quick;
    return descriptor;
  }

  /** What is set, and when, in turns of a millisecond. */
  function watch(turns: readonly (readonly [count: number, active: readonly ReturnType<typeof active>[]])[]): string[] {
    const changes: string[] = [];
    let time = 0;
    const threads = new IdleThreads((atOnce) => changes.push(`${atOnce} at ${time}`));
    for (const [count, descriptors] of turns) {
      for (let turn = 0; turn < count; turn++, time++) threads.observe(descriptors, time);
    }
    return changes;
  }

  const [device, cached, pipe] = [active(16, false), active(1, true), active(2, false, true)];

  it("lets threads end for 20 ms when the requests of many lanes are followed by those of one that end quickly", () => {
    assertEquals(watch([[50, [device]], [100, [cached]]]), ["true at 50", "false at 70"]);
    assertEquals(watch([[50, [device]], [100, [pipe, cached]]]), ["true at 50", "false at 70"]);
  });

  it("stops at once when requests wait for a device again", () => {
    assertEquals(watch([[50, [device]], [5, [cached]], [100, [device, cached]]]), ["true at 50", "false at 55"]);
  });

  it("leaves them alone while a lane waits, and where there are hardly more than needed", () => {
    assertEquals(watch([[50, [device]], [100, [device, cached]], [100, [active(1, false)]], [100, []]]), []);
    assertEquals(watch([[50, [cached, cached]], [100, [cached]], [50, [cached, cached]], [100, [cached]]]), []);
  });

  it("does so once a second at most", () => {
    const changes = watch(Array.from({ length: 100 }, () => [[25, [device]], [25, [cached]]] as const).flat());
    assertEquals(changes.length, 10);
  });
});

describe("SubmitPolicy", () => {
  const share = (batch: number, single: number) => {
    const policy = new SubmitPolicy();
    let singles = 0;
    for (let count = 0; count < 1000; count++) {
      if (policy.single) singles++;
      policy.observe(policy.single ? single : batch);
    }
    return singles / 1000;
  };

  it("keeps to the faster way and goes on trying the other", () => {
    assertGreaterOrEqual(share(300, 500), 0.9);
    assertLess(share(300, 500), 1);
    assertLess(share(500, 300), 0.1);
    assertGreaterOrEqual(share(500, 300), 0.02);
  });

  it("changes when the machine does", () => {
    const policy = new SubmitPolicy();
    for (let count = 0; count < 100; count++) policy.observe(policy.single ? 500 : 300);
    assert(policy.single);
    for (let count = 0; count < 100; count++) policy.observe(policy.single ? 100 : 300);
    assert(!policy.single);
  });
});

describe("WaitPolicy", () => {
  /** One turn: whether it was ready to spin, with what a spin would have found. */
  const turn = (policy: WaitPolicy, found: number) => {
    policy.begin(true);
    const spins = policy.spins;
    if (spins) policy.spinOn();
    policy.end(spins ? found : 0);
    return spins;
  };

  it("spins while it pays off", () => {
    const policy = new WaitPolicy(() => {});
    let spins = 0;
    for (let count = 0; count < 200; count++) if (turn(policy, 4)) spins++;
    assertEquals(spins, 200);
  });

  it("stops when it does not, and tries again now and then", () => {
    const policy = new WaitPolicy(() => {});
    for (let count = 0; count < 20; count++) turn(policy, 0);
    let spins = 0;
    for (let count = 0; count < 640; count++) if (turn(policy, 0)) spins++;
    assert(spins >= 10 && spins <= 30, `${spins} spins of 640`);
  });

  it("does not spin where nothing could be gained", () => {
    const policy = new WaitPolicy(() => {});
    policy.begin(false);
    assert(!policy.spins);
    assert(!policy.spinOn());
  });

  it("leaves the waiting to the thread after a poll, but not before a program had its first moments", () => {
    const policy = new WaitPolicy(() => {});
    policy.begin(true);
    policy.end(0);
    assert(policy.poll(true));
    policy.begin(true);
    policy.end(0);
    assert(!policy.poll(true));
    assert(policy.poll(false));
  });
});
