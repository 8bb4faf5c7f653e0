/** Chooses the functions of FreeBSD 13: vectored requests, none at the file's position. Imported before choose.ts. */
(globalThis as { standInRelease?: number }).standInRelease = 1300;
