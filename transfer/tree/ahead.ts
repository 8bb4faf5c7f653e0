/**
 * What a copy of one file loads when it needs it, loaded ahead for many: among many files there may be no descriptor left
 * to load it with.
 *
 * @module
 */

import "../metadata/keep.ts";
import "../metadata/preserve.ts";
import "../single/take_up.ts";
import "../single/ways.ts";
import "../threads/copy_thread.ts";
