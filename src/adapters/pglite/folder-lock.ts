import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";

/** How many times a lock is asked for if other processes take and leave it at the same moment. */
const MAX_TRIES = 10;

/**
 * The folders that this thread holds. A lock in the name of this process that is not among them is another thread's.
 */
const held = new Set<string>();

/** Gives a folder back. */
export type Unlock = () => Promise<void>;

/**
 * Locks a folder for this process, or returns null if another process of this machine, or another thread, has it.
 *
 * The lock is a file beside the folder that holds the process's number and start. A lock whose process has died is
 * taken over, even if another process has its number by now. Only Linux says when a process started. Elsewhere a living
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
      // The lock was given back between the two looks.
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
 * Writes the whole file or none: a complete draft is linked to its name. Returns false if the file is there already.
 *
 * The draft has a name that cannot be guessed. It is never written over a file or through a symbolic link.
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

/** Whether the process that a lock names is alive. A lock that names none has no living process. */
async function isAlive(holder: string): Promise<boolean> {
  const [number = "", beginning = ""] = holder.split(" ");
  const pid = Number(number);
  if (!(Number.isSafeInteger(pid) && pid > 0 && isRunning(pid))) return false;
  const found = await beginningOf(pid);
  // A lock in the name of this process without a start is from an earlier process with its number.
  return beginning === "" ? pid !== process.pid : found === "" || found === beginning;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // There is such a process, and it belongs to another user.
    return (error as { readonly code?: unknown }).code === "EPERM";
  }
}

/**
 * Returns when a process started: the boot of the machine, and the clock ticks since (proc(5), field 22).
 *
 * It is empty if the platform does not say.
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

/** Removes a dead process's lock. If a living process has replaced it meanwhile, that process gets its lock back. */
async function breakLock(file: string, holder: string): Promise<void> {
  const broken = `${file}.${crypto.randomUUID()}`;
  await rename(file, broken).catch(() => undefined);
  const found = await readFile(broken, "utf8").catch(() => holder);
  if (found !== holder) await link(broken, file).catch(() => undefined);
  await rm(broken, { force: true });
}
