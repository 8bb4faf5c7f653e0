/** Chooses the functions of FreeBSD 12: nothing vectored, nothing at the file's position. Imported before choose.ts. */
(globalThis as { standInRelease?: number }).standInRelease = 1200;
