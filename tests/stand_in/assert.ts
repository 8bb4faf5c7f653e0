// The part of `@std/assert` that the tests use, with the same signatures and meaning, for Bun, for Node, and for Deno
// where JSR cannot be reached. Two things are stricter than in std: errors are compared by name and message too, and
// an object without a prototype is not equal to a plain one.

import { inspect, isDeepStrictEqual } from "node:util";

// deno-lint-ignore no-explicit-any
type Constructor<T> = abstract new (...args: any[]) => T;
// deno-lint-ignore no-explicit-any
type ErrorConstructor<E extends Error> = new (...args: any[]) => E;
type Falsy = false | 0 | 0n | "" | null | undefined;

/** What every function here throws. */
export class AssertionError extends Error {
  override name = "AssertionError";
}

function check(holds: boolean, text: string, message: string | undefined): void {
  if (!holds) throw new AssertionError(message ? `${text}: ${message}` : text);
}

function show(value: unknown): string {
  return inspect(value, { depth: 6, maxArrayLength: 40, maxStringLength: 2_000 });
}

function equal(left: unknown, right: unknown): boolean {
  return left === right || isDeepStrictEqual(left, right);
}

export function assert(value: unknown, message = ""): asserts value {
  if (!value) throw new AssertionError(message);
}

export function assertFalse(value: unknown, message?: string): asserts value is Falsy {
  check(!value, `Expected a falsy value, got ${show(value)}`, message);
}

export function fail(message?: string): never {
  throw new AssertionError(message ? `Failed assertion: ${message}` : "Failed assertion");
}

export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  if (equal(actual, expected)) return;
  check(false, `Values are not equal\n  actual:   ${show(actual)}\n  expected: ${show(expected)}`, message);
}

export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  if (equal(actual, expected)) check(false, `Expected values to differ, both are ${show(actual)}`, message);
}

export function assertStrictEquals<T>(actual: unknown, expected: T, message?: string): asserts actual is T {
  if (Object.is(actual, expected)) return;
  check(false, `Values are not the same\n  actual:   ${show(actual)}\n  expected: ${show(expected)}`, message);
}

export function assertExists<T>(actual: T, message?: string): asserts actual is NonNullable<T> {
  check(actual !== undefined && actual !== null, `Expected a value, got ${actual}`, message);
}

export function assertInstanceOf<T>(actual: unknown, type: Constructor<T>, message?: string): asserts actual is T {
  check(actual instanceof type, `Expected an instance of ${type.name}, got ${show(actual)}`, message);
}

export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  check(actual.includes(expected), `Expected ${show(actual)} to contain ${show(expected)}`, message);
}

export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  check(expected.test(actual), `Expected ${show(actual)} to match ${expected}`, message);
}

export function assertGreater<T>(actual: T, expected: T, message?: string): void {
  check(actual > expected, `Expected ${show(actual)} > ${show(expected)}`, message);
}

export function assertGreaterOrEqual<T>(actual: T, expected: T, message?: string): void {
  check(actual >= expected, `Expected ${show(actual)} >= ${show(expected)}`, message);
}

export function assertLess<T>(actual: T, expected: T, message?: string): void {
  check(actual < expected, `Expected ${show(actual)} < ${show(expected)}`, message);
}

export function assertLessOrEqual<T>(actual: T, expected: T, message?: string): void {
  check(actual <= expected, `Expected ${show(actual)} <= ${show(expected)}`, message);
}

/** The default tolerance is a ten-millionth of the expected value. */
export function assertAlmostEquals(actual: number, expected: number, tolerance?: number, message?: string): void {
  const allowed = tolerance ?? (Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  const holds = Object.is(actual, expected) || Math.abs(expected - actual) <= allowed;
  check(holds, `Expected ${actual} to be within ${allowed} of ${expected}`, message);
}

/** `actual` holds at least what `expected` holds, however deep. */
export function assertObjectMatch(
  // deno-lint-ignore no-explicit-any
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  message?: string,
): void {
  check(matches(actual, expected), `Expected ${show(actual)} to contain ${show(expected)}`, message);
}

function matches(actual: unknown, expected: unknown): boolean {
  if (!isContainer(actual) || !isContainer(expected)) return equal(actual, expected);
  return Reflect.ownKeys(expected).every((key) => key in actual && matches(actual[key], expected[key]));
}

function isContainer(value: unknown): value is Record<PropertyKey, unknown> {
  return Array.isArray(value) || Object.prototype.toString.call(value) === "[object Object]";
}

export function assertIsError<E extends Error = Error>(
  error: unknown,
  type?: Constructor<E>,
  text?: string | RegExp,
  message?: string,
): asserts error is E {
  const got = error instanceof Error ? `${error.constructor.name} ${show(error.message)}` : show(error);
  check(error instanceof (type ?? Error), `Expected an error of class ${type?.name ?? "Error"}, got ${got}`, message);
  const said = (error as Error).message;
  const holds = text === undefined || (typeof text === "string" ? said.includes(text) : text.test(said));
  check(holds, `Expected the error's message to contain ${text}, got ${show(said)}`, message);
}

/** `fn` throws, and what it throws is returned. */
export function assertThrows(fn: () => unknown, message?: string): unknown;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  type: ErrorConstructor<E>,
  text?: string,
  message?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  type?: ErrorConstructor<Error> | string,
  text?: string,
  message?: string,
): unknown {
  try {
    fn();
  } catch (error) {
    if (typeof type === "function") assertIsError(error, type, text, message);
    return error;
  }
  return check(false, "Expected the function to throw", typeof type === "string" ? type : message);
}

/** The promise that `fn` returns is rejected, and its reason is returned. `fn` itself must not throw. */
export function assertRejects(fn: () => PromiseLike<unknown>, message?: string): Promise<unknown>;
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  type: ErrorConstructor<E>,
  text?: string,
  message?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  type?: ErrorConstructor<Error> | string,
  text?: string,
  message?: string,
): Promise<unknown> {
  const note = typeof type === "string" ? type : message;
  let promise: PromiseLike<unknown> | undefined;
  try {
    promise = fn();
  } catch (error) {
    check(false, `Expected the function to return a promise, it threw ${show(error)}`, note);
  }
  check(typeof promise?.then === "function", `Expected the function to return a promise, got ${show(promise)}`, note);
  try {
    await promise;
  } catch (error) {
    if (typeof type === "function") assertIsError(error, type, text, message);
    return error;
  }
  return check(false, "Expected the promise to be rejected", note);
}
