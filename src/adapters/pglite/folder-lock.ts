import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";

/** How often a lock is asked for when others take and leave it at the same moment. */
const MOST_TRIES = 10;

/** The folders that this process holds: a lock with its own number that is not among them is of an earlier life. */
const held = new Set<string>();

/** Gives a folder back. */
export type Unlock = () => Promise<void>;

/**
 * Takes a folder for this process, by a file beside it that holds the process's number; null where another process of
 * this machine has it. A lock whose process has died is taken over.
 *
 * @param folder its absolute path
 */
export async function lockFolder(folder: string): Promise<Unlock | null> {
  const file = `${folder}.lock`;
  if (held.has(file)) return null;
  held.add(file);
  await mkdir(dirname(folder), { recursive: true });
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    if (await take(file)) return () => unlock(file);
    const holder = await readFile(file, "utf8").catch(() => null);
    // Given back between the two looks.
    if (holder === null) continue;
    if (isAlive(holder)) break;
    await breakLock(file, holder);
  }
  held.delete(file);
  return null;
}

async function unlock(file: string): Promise<void> {
  await rm(file, { force: true });
  held.delete(file);
}

/** Writes the file whole or not at all: it is linked to its name when it is complete. */
async function take(file: string): Promise<boolean> {
  const own = `${file}.${process.pid}`;
  await writeFile(own, String(process.pid));
  const isTaken = await link(own, file).then(
    () => true,
    (error: { readonly code?: unknown }) => {
      if (error.code === "EEXIST") return false;
      throw error;
    },
  );
  await rm(own, { force: true });
  return isTaken;
}

/** Whether the process that a lock names lives; what names none is of no living process. */
function isAlive(holder: string): boolean {
  const pid = Number(holder);
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // There is such a process, and it is somebody else's.
    return (error as { readonly code?: unknown }).code === "EPERM";
  }
}

/** Removes a dead process's lock, and gives one back that somebody living has taken in its place meanwhile. */
async function breakLock(file: string, holder: string): Promise<void> {
  const broken = `${file}.${process.pid}.broken`;
  await rename(file, broken).catch(() => undefined);
  const found = await readFile(broken, "utf8").catch(() => holder);
  if (found !== holder) await link(broken, file).catch(() => undefined);
  await rm(broken, { force: true });
}
