import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";

/** How often a lock is asked for when others take and leave it at the same moment. */
const MAX_TRIES = 10;

/** The folders that this thread holds: a lock in the name of this process that is not among them is another thread's. */
const held = new Set<string>();

/** Gives a folder back. */
export type Unlock = () => Promise<void>;

/**
 * Takes a folder for this process, by a file beside it that holds the process's number and when that process began;
 * null if another process of this machine has it, or another thread of this process. A lock whose process has died is
 * taken over, also if another process has its number by now. Only Linux says when a process began: elsewhere a living
 * process with the number keeps the lock.
 *
 * @param folder its absolute path
 */
export async function lockFolder(folder: string): Promise<Unlock | null> {
  const file = `${folder}.lock`;
  if (held.has(file)) return null;
  held.add(file);
  try {
    await mkdir(dirname(folder), { recursive: true });
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      if (await take(file)) return () => unlock(file);
      const holder = await readFile(file, "utf8").catch(() => null);
      // Given back between the two looks.
      if (holder === null) continue;
      if (await isAlive(holder)) break;
      await breakLock(file, holder);
    }
  } catch (error) {
    held.delete(file);
    throw error;
  }
  held.delete(file);
  return null;
}

async function unlock(file: string): Promise<void> {
  await rm(file, { force: true });
  held.delete(file);
}

/**
 * Writes the file whole or not at all: it is linked to its name when it is complete. It is written under a name that
 * nobody can guess, and never over a file or through a symbolic link that is there already.
 */
async function take(file: string): Promise<boolean> {
  const draft = `${file}.${crypto.randomUUID()}`;
  await writeFile(draft, `${process.pid} ${await beginningOf(process.pid)}`, { flag: "wx", mode: 0o600 });
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Whether the process that a lock names lives; what names none is of no living process. */
async function isAlive(holder: string): Promise<boolean> {
  const [number = "", beginning = ""] = holder.split(" ");
  const pid = Number(number);
  if (!(Number.isSafeInteger(pid) && pid > 0 && isRunning(pid))) return false;
  const found = await beginningOf(pid);
  // A lock without a beginning in the name of this process is of an earlier life of its number.
  return beginning === "" ? pid !== process.pid : found === "" || found === beginning;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // There is such a process, and it is somebody else's.
    return (error as { readonly code?: unknown }).code === "EPERM";
  }
}

/**
 * When a process began: the boot of the machine, and the clock ticks since (proc(5), field 22). Empty if the platform
 * does not say.
 */
async function beginningOf(pid: number): Promise<string> {
  try {
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in brackets, and may itself hold spaces and brackets.
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return ticks === undefined ? "" : `${boot.trim()}/${ticks}`;
  } catch {
    return "";
  }
}

/** Removes a dead process's lock, and gives one back that somebody living has taken in its place meanwhile. */
async function breakLock(file: string, holder: string): Promise<void> {
  const broken = `${file}.${crypto.randomUUID()}`;
  await rename(file, broken).catch(() => undefined);
  const found = await readFile(broken, "utf8").catch(() => holder);
  if (found !== holder) await link(broken, file).catch(() => undefined);
  await rm(broken, { force: true });
}
