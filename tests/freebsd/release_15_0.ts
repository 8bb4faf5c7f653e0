/** Chooses the functions and answers of FreeBSD 15.0. Imported before choose.ts. */
(globalThis as { standInRelease?: number }).standInRelease = 1500;
