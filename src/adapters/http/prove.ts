import { err, ok, type Result } from "neverthrow";
import type {
  Authenticate,
  AuthenticateByHead,
  AuthenticationRefusal,
  ExplainedRefusal,
  HeadFirst,
  ProvenHead,
  WithBody,
} from "./authentication.ts";
import type { Bytes } from "./bytes.ts";
import { createDeadline } from "./deadline.ts";
import type { RequestNotes } from "./events.ts";
import type { Configuration } from "./handler-options.ts";
import type { ProblemCode } from "./problem.ts";
import { isSmallBody, readBody, readSmallBody, type UnreadBody } from "./read-body.ts";
import { createTurns } from "./turns.ts";

/** A request whose installation is known. */
export interface ProvenRequest extends Pick<ProvenHead, "installation" | "connectionId"> {
  /** Returns the body, up to the bound. It is read once and checked against the head. */
  body(maxBytes: number): Promise<Result<Bytes, ProblemCode>>;
  /** Releases the resources of the proof. */
  release(): void;
}

/**
 * Returns the proven request, or the problem with which it is refused. Rejects if a part of the host's throws.
 *
 * @param notes record the reason of a refusal; null if it is not needed
 */
export type Prove = (
  request: Request,
  notes: RequestNotes | null,
) => Promise<Result<ProvenRequest, ProblemCode>>;

const GIVEN_UP = "`authenticate` did not answer within `callTimeoutMs`: look at what it waits for.";
const SPENT =
  "Too many calls of `authenticate` have not come back (`maxGivenUp`): look at what they wait for.";
const NO_TURN =
  "Too many heads wait to be proven (`maxHeads`), or too many unproven bodies are read (`maxUnproven`).";

/** The problems for a body that was not read to its end. */
const UNREAD: { readonly [Why in UnreadBody]: ProblemCode } = {
  "too-large": "body-too-large",
  incomplete: "body-incomplete",
  "too-slow": "body-timeout",
};

/** How many heads may wait for each head that is proven. Proving a head takes less than a millisecond. */
const WAITING_HEADS = 16;

/**
 * Returns the function that proves requests, in whichever form the host's `authenticate` comes.
 *
 * Only a limited number of heads is proven at once, and each call of the host's has a deadline. A call that is given up
 * proves nothing, and has changed nothing that counts.
 */
export function createProof(configuration: Configuration): Prove {
  const { authenticate, maxHeads, maxUnproven, callTimeoutMs, maxGivenUp } = configuration;
  const deadline = createDeadline(callTimeoutMs, maxGivenUp, maxGivenUp);
  const form = formOf(authenticate);
  const turns =
    form.type === "with-body" ? createTurns(maxUnproven, 0) : createTurns(maxHeads, WAITING_HEADS * maxHeads);

  async function ask<Value>(
    notes: RequestNotes | null,
    call: () => PromiseLike<Result<Value, AuthenticationRefusal>>,
    onLate?: (late: Result<Value, AuthenticationRefusal>) => void,
  ): Promise<Result<Value, ProblemCode>> {
    const answered = await deadline.call(null, call, onLate);
    if (answered.isErr()) {
      if (notes) notes.why = GIVEN_UP;
      return err("authentication-unavailable");
    }
    if (answered.value.isOk()) return ok(answered.value.value);
    const { error } = answered.value;
    if (notes) note(notes, error);
    return err(error.type);
  }

  async function proveHead(
    head: HeadFirst,
    request: Request,
    notes: RequestNotes | null,
  ): Promise<Result<ProvenRequest, ProblemCode>> {
    const proven = await ask<ProvenHead>(
      notes,
      () => head.head(request),
      (late) => {
        if (late.isOk()) late.value.release();
      },
    );
    if (proven.isErr()) return err(proven.error);
    const { installation, connectionId, release } = proven.value;
    return ok({
      installation,
      connectionId,
      release,
      body: async (maxBytes) => {
        const body = await read(request, maxBytes, configuration);
        if (body.isErr()) return body;
        const admitted = await ask(notes, () => proven.value.admit(body.value));
        return admitted.isErr() ? err(admitted.error) : body;
      },
    });
  }

  async function proveByHead(
    byHead: AuthenticateByHead,
    request: Request,
    notes: RequestNotes | null,
  ): Promise<Result<ProvenRequest, ProblemCode>> {
    const installation = await ask(notes, () => byHead(request));
    if (installation.isErr()) return err(installation.error);
    const body = (maxBytes: number): Promise<Result<Bytes, ProblemCode>> =>
      read(request, maxBytes, configuration);
    return ok({ installation: installation.value, body, release: () => undefined });
  }

  async function proveBody(
    withBody: WithBody,
    request: Request,
    notes: RequestNotes | null,
  ): Promise<Result<ProvenRequest, ProblemCode>> {
    const body = await read(request, configuration.maxBodyBytes, configuration);
    if (body.isErr()) return err(body.error);
    const bytes = body.value;
    const installation = await ask(notes, () => withBody.withBody(request, bytes));
    if (installation.isErr()) return err(installation.error);
    return ok({
      installation: installation.value,
      body: (maxBytes) => Promise.resolve(bytes.byteLength > maxBytes ? err("body-too-large") : ok(bytes)),
      release: () => undefined,
    });
  }

  const prove: Prove = (request, notes) => {
    switch (form.type) {
      case "head-first":
        return proveHead(form.authenticate, request, notes);
      case "by-head":
        return proveByHead(form.authenticate, request, notes);
      case "with-body":
        return proveBody(form.authenticate, request, notes);
    }
  };

  return async (request, notes) => {
    if (!(await turns.take())) {
      if (notes) notes.why = NO_TURN;
      return err("too-many-requests");
    }
    try {
      if (!deadline.isSpent()) return await prove(request, notes);
      if (notes) notes.why = SPENT;
      return err("authentication-unavailable");
    } finally {
      turns.end();
    }
  };
}

/** A host's part in plain JavaScript can return anything. */
function note(notes: RequestNotes, refusal: ExplainedRefusal): void {
  notes.why = typeof refusal.message === "string" ? refusal.message : null;
  notes.keyId = typeof refusal.keyId === "string" ? refusal.keyId : null;
  if (refusal.cause !== undefined) notes.thrown = { cause: refusal.cause };
}

type Form =
  | { readonly type: "head-first"; readonly authenticate: HeadFirst }
  | { readonly type: "by-head"; readonly authenticate: AuthenticateByHead }
  | { readonly type: "with-body"; readonly authenticate: WithBody };

function formOf(authenticate: Authenticate): Form {
  if ("head" in authenticate) return { type: "head-first", authenticate };
  if ("withBody" in authenticate) return { type: "with-body", authenticate };
  return { type: "by-head", authenticate };
}

const LENGTH = /^\d{1,10}$/;

async function read(
  request: Request,
  maxBytes: number,
  { bodyTimeoutMs, bodyIdleMs, minBytesPerSecond }: Configuration,
): Promise<Result<Bytes, ProblemCode>> {
  const declared = request.headers.get("content-length") ?? "";
  const length = LENGTH.test(declared) ? Number(declared) : Number.POSITIVE_INFINITY;
  const pace = { totalMs: bodyTimeoutMs, idleMs: bodyIdleMs, bytesPerSecond: minBytesPerSecond };
  const bytes = isSmallBody(length)
    ? await readSmallBody(request, maxBytes, pace)
    : await readBody(request.body, maxBytes, pace, Math.min(length, maxBytes));
  return bytes.isOk() ? ok(bytes.value) : err(UNREAD[bytes.error]);
}
