/** What is to happen, in the order of its instants; at one instant in the order in which it was added. */
export interface Agenda {
  /** Adds something that is to happen at an instant. */
  add(at: number, what: Appointment["what"]): void;
  /** Takes out the next thing, or null where nothing is left. */
  next(): Appointment | null;
}

/** One thing that is to happen. */
export interface Appointment {
  readonly at: number;
  readonly what: () => void | Promise<void>;
}

interface Entry extends Appointment {
  readonly order: number;
}

/** Makes an empty agenda: a binary heap. */
export function createAgenda(): Agenda {
  const heap: Entry[] = [];
  let added = 0;
  return {
    add: (at, what) => {
      heap.push({ at, what, order: added++ });
      rise(heap, heap.length - 1);
    },
    next: () => {
      const first = heap[0];
      const last = heap.pop();
      if (!first || !last) return null;
      if (heap.length > 0) {
        heap[0] = last;
        sink(heap, 0);
      }
      return first;
    },
  };
}

function rise(heap: Entry[], from: number): void {
  let at = from;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(heap[at] as Entry, heap[parent] as Entry)) return;
    swap(heap, at, parent);
    at = parent;
  }
}

function sink(heap: Entry[], from: number): void {
  let at = from;
  for (;;) {
    let first = at;
    for (const child of [2 * at + 1, 2 * at + 2]) {
      if (child < heap.length && isBefore(heap[child] as Entry, heap[first] as Entry)) first = child;
    }
    if (first === at) return;
    swap(heap, at, first);
    at = first;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

function swap(heap: Entry[], one: number, other: number): void {
  const entry = heap[one] as Entry;
  heap[one] = heap[other] as Entry;
  heap[other] = entry;
}
