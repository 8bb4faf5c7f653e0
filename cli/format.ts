/**
 * Sizes, rates and times as people read them.
 *
 * @module
 */

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/**
 * A size, such as `1.5 GiB`.
 *
 * @param bytes The size.
 * @returns Its text.
 */
export function formatBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/**
 * A number of things, such as `1 file` or `2 files`.
 *
 * @param count How many.
 * @param thing What one of them is called.
 * @returns The text.
 */
export function formatCount(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}

/**
 * A rate, such as `850 MiB/s`.
 *
 * @param bytes What was moved.
 * @param milliseconds In what time.
 * @returns Its text.
 */
export function formatRate(bytes: number, milliseconds: number): string {
  return `${formatBytes(bytes / Math.max(milliseconds, 0.001) * 1000)}/s`;
}

/**
 * A time, such as `0.25 s` or `3:07`.
 *
 * @param milliseconds The time.
 * @returns Its text.
 */
export function formatTime(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (!Number.isFinite(seconds)) return "?";
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const whole = Math.round(seconds);
  const pad = (part: number) => String(part).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}
