/**
 * What makes a thread return from `aio_suspend` early: a sentinel, which is a read that can be made to end, as the last
 * entry of each list.
 *
 * Which kind of read depends on what the C library takes: {@linkcode TimerChannel} for glibc, {@linkcode PairChannel}
 * for musl (a pipe) and FreeBSD (two sockets, since it refuses pipes). Where only files can be read, as on macOS, the
 * thread's waits are short instead.
 *
 * @module
 */

import { AioError } from "../../ffi/errno.ts";
import { platform } from "../../structs/platform.ts";
import type { ControlBlocks } from "../backends/blocks.ts";
import type { WakeChannel } from "./wake_channel.ts";
import { PairChannel } from "./wake_pair.ts";
import { TimerChannel } from "./wake_timer.ts";

/** The longest that a thread blocks at a time, in milliseconds; a longer wait makes the process hang at its end. */
const WAIT_MS_MAX = 100;

/** The same where nothing can wake it: a new request waits that long for its end to be noticed. */
const BLIND_MS_MAX = 5;

/** What there is where nothing can wake the thread: the end of a new request is noticed a little later. */
const BLIND: WakeChannel = { waitMs: BLIND_MS_MAX, arm: () => 0, wake() {} };

/**
 * The channel that the running platform takes, if there are descriptors left for it.
 *
 * @param blocks Where the sentinels' control blocks are taken from.
 * @returns The channel.
 */
export function openWakeChannel(blocks: ControlBlocks): WakeChannel {
  try {
    switch (platform().behaviour.wakeUp) {
      case "timer":
        return new TimerChannel(blocks, WAIT_MS_MAX);
      case "pipe":
        return new PairChannel(blocks, "pipe", WAIT_MS_MAX);
      case "sockets":
        return new PairChannel(blocks, "socketpair", WAIT_MS_MAX);
      case "none":
        return BLIND;
    }
  } catch (error) {
    if (error instanceof AioError && ["EMFILE", "ENFILE"].includes(error.code)) return BLIND;
    throw error;
  }
}
