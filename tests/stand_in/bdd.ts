// The part of `@std/testing/bdd` that the tests use, over each runtime's own test runner. Bun and Node have no std, and
// Deno has none where JSR cannot be reached. Every `it` becomes one flat test named "group > test" and the hooks run
// here, so that all runtimes count the same tests. AIO_TEST_FILTER leaves only the tests whose full name contains it.

import { writeFileSync } from "node:fs";
import process from "node:process";

type Body = () => void | Promise<void>;

interface Group {
  name: string;
  parent: Group | undefined;
  hooks: Record<"beforeAll" | "afterAll" | "beforeEach" | "afterEach", Body[]>;
  started: Promise<void> | undefined;
  remaining: number;
}

interface Runner {
  test(name: string, body: Body): void;
  skip(name: string): void;
}

interface Globals {
  Deno?: { test: { (name: string, body: Body): void; ignore: Runner["test"] } };
  Bun?: { gc(force: boolean): void };
  gc?: (() => void) | undefined;
}

const runner = await findRunner();
const filter = process.env.AIO_TEST_FILTER ?? "";
/** Where the test command reads which test is running, should it have to kill this process. */
const runningFile = process.env.AIO_TEST_RUNNING;
let current: Group | undefined;
let onlySeen = false;

async function findRunner(): Promise<Runner> {
  const globals: Globals = globalThis;
  const { Deno, Bun } = globals;
  if (Deno) return { test: (name, body) => Deno.test(name, body), skip: (name) => Deno.test.ignore(name, () => {}) };
  // The specifiers are variables so that no runtime's type checker looks for another one's module.
  const bunTest = "bun:test", nodeTest = "node:test";
  if (Bun) {
    globals.gc ??= () => Bun.gc(true); // "bun test" has no --expose-gc
    const { test } = await import(bunTest);
    return { test, skip: (name) => test.skip(name, () => {}) };
  }
  const { test } = await import(nodeTest);
  return { test: (name, body) => void test(name, () => body()), skip: (name) => void test(name, { skip: true }) };
}

function fullName(group: Group | undefined, name: string): string {
  return group ? `${fullName(group.parent, group.name)} > ${name}` : name;
}

/** From the outermost group to the innermost. */
function chain(group: Group | undefined): Group[] {
  return group ? [...chain(group.parent), group] : [];
}

async function runAll(hooks: Body[]): Promise<void> {
  for (const hook of hooks) await hook();
}

async function runWithHooks(groups: Group[], body: Body): Promise<void> {
  const [group, ...inner] = groups;
  if (!group) return await body();
  await runAll(group.hooks.beforeEach);
  try {
    await runWithHooks(inner, body);
  } finally {
    await runAll(group.hooks.afterEach);
  }
}

/** The first test of a group runs its `beforeAll`, the last one its `afterAll`. */
async function runTest(groups: Group[], body: Body): Promise<void> {
  try {
    for (const group of groups) await (group.started ??= runAll(group.hooks.beforeAll));
    await runWithHooks(groups, body);
  } finally {
    for (const group of groups.toReversed()) {
      if (--group.remaining === 0) await runAll(group.hooks.afterAll);
    }
  }
}

function register(name: string, body: Body, only = false): void {
  const title = fullName(current, name);
  if (!title.includes(filter)) return;
  const groups = chain(current);
  for (const group of groups) group.remaining++;
  onlySeen ||= only;
  runner.test(title, () => {
    if (runningFile) writeFileSync(runningFile, title);
    return runTest(groups, () => {
      if (onlySeen && !only) throw new Error("Not run: another test of this file says it.only");
      return body();
    });
  });
}

function skip(name: string, _body?: Body): void {
  skipTitle(fullName(current, name));
}

function skipTitle(title: string): void {
  if (title.includes(filter)) runner.skip(title);
}

function addHook(kind: keyof Group["hooks"], body: Body): void {
  if (!current) throw new Error(`Cannot add ${kind}: it stands outside of describe`);
  current.hooks[kind].push(body);
}

function group(name: string, body: () => void): void {
  const hooks = { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] };
  current = { name, parent: current, hooks, started: undefined, remaining: 0 };
  try {
    body();
  } finally {
    current = current.parent;
  }
}

function skipGroup(name: string, _body?: () => void): void {
  skipTitle(name);
}

/** {@linkcode describe}. */
export interface Describe {
  (name: string, body: () => void): void;
  skip(name: string, body?: () => void): void;
  ignore(name: string, body?: () => void): void;
}

/** A group of tests. As in std, `describe.skip` counts as one skipped test under its own name, without the groups around it. */
export const describe: Describe = Object.assign(group, { skip: skipGroup, ignore: skipGroup });

/** {@linkcode it}. */
export interface It {
  (name: string, body: Body): void;
  skip(name: string, body?: Body): void;
  ignore(name: string, body?: Body): void;
  only(name: string, body: Body): void;
}

/** One test. The name of a skipped one ends in "(skipped: reason)". With `it.only` the file always fails, as in Deno. */
export const it: It = Object.assign((name: string, body: Body): void => register(name, body), {
  skip,
  ignore: skip,
  only: (name: string, body: Body): void => register(name, body, true),
});

/** Runs before the first test of the surrounding `describe`. */
export const beforeAll = (body: Body): void => addHook("beforeAll", body);
/** Runs after the last test of the surrounding `describe`. */
export const afterAll = (body: Body): void => addHook("afterAll", body);
/** Runs before each test of the surrounding `describe`. */
export const beforeEach = (body: Body): void => addHook("beforeEach", body);
/** Runs after each test of the surrounding `describe`. */
export const afterEach = (body: Body): void => addHook("afterEach", body);
