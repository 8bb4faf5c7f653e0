// A process on FreeBSD whose queue loses its kqueue with a request in flight, as to a wrong number given to close(); for
// ../refusals_test.ts.

import "../../choose.ts";

const { libc } = await import("../../../../ffi/libc.ts");
const { AioQueue } = await import("../../../../mod.ts");
const { Pair } = await import("../../raw.ts");

const pair = new Pair();
const lowest = libc().call.kqueue(); // the number that the queue's will get
libc().call.close(lowest);
const queue = new AioQueue();
queue.read(pair.fd, { length: 1 });
setTimeout(() => libc().call.close(lowest), 200); // the thread waits by then
