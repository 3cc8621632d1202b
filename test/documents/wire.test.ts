import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { isCalendarDate } from "unified-contributions";
import { parseAnswer, parseMessage, parseRecord } from "unified-contributions/wire";
import { describe, expect, it } from "vitest";
import { SHIPPED } from "../../scripts/wire/shipped.ts";
import { statedBy } from "../support/stating-signer.ts";

const read = (file: string) => JSON.parse(readFileSync(file, "utf8"));
const schema = read("wire/messages-1.schema.json");
const openApi = read("wire/openapi-1.json");
const vectors = read("wire/vectors-1.json");

/** A check of a value against one definition of the schema that is shipped. */
function checkOf(definition: string): (value: unknown) => boolean {
  const ajv = new Ajv2020({ formats: { date: isCalendarDate } });
  ajv.addSchema(schema);
  const check = ajv.getSchema(`${schema.$id}#/$defs/${definition}`);
  if (!check) throw new Error(`there is no ${definition}`);
  return (value) => check(value) === true;
}

const isMessage = checkOf("Message");
const isAnswer = checkOf("Answer");
const isReport = checkOf("ReportRecord");

interface Exchange {
  readonly title: string;
  readonly request: {
    readonly installation: string;
    readonly headers: Record<string, string>;
    readonly body: string;
  };
  readonly answer: { readonly status: number; readonly body?: string; readonly problem?: string };
}

const exchanges: readonly Exchange[] = vectors.steps.filter((step: Partial<Exchange>) => step.request);
const understood = exchanges.filter(
  ({ request, answer }) =>
    typeof request.body === "string" &&
    answer.status === 200 &&
    JSON.parse(answer.body ?? "").type !== "rejected",
);

describe("what is shipped for other implementations", () => {
  it.each([...SHIPPED])("%s is what the sources make; npm run generate writes it", async (file, make) => {
    expect(readFileSync(file, "utf8")).toBe(`${JSON.stringify(await make(), null, 2)}\n`);
  });

  it("holds the vectors of version 1 as they were released, to the byte", () => {
    const digest = createHash("sha256").update(readFileSync("wire/vectors-1.json")).digest("hex");

    expect(digest, 'CONTRIBUTING.md says under "Change the wire" when the digest may change').toBe(
      "c4ba5c6f70f4022a5951221d52854a05a2e5f3b081dc794e1a48ab6ab34bc6e5",
    );
  });

  it("has a vector of every message, every answer, every outcome and every reason", () => {
    const text = JSON.stringify(exchanges.map(({ answer }) => answer.body ?? answer.problem));

    const types = [...schema.$defs.Message.oneOf, ...schema.$defs.Answer.oneOf].map(
      ({ $ref }: { $ref: string }) => schema.$defs[$ref.split("/").at(-1) ?? ""].properties.type.const,
    );
    const outcomes = schema.$defs.DeliveredAnswer.properties.outcomes.items.oneOf;
    const refusals = outcomes.flatMap(
      ({ properties }: { properties: { reason?: { enum: string[] } } }) => properties.reason?.enum ?? [],
    );
    const rejections = schema.$defs.RejectedAnswer.properties.reason.enum;
    const said = new Set(text.match(/[a-z]+(?:-[a-z]+)*/g));
    for (const { request } of understood) said.add(JSON.parse(request.body).type);
    expect([...types, ...refusals, ...rejections].filter((word) => !said.has(word))).toEqual([]);
  });
});

describe("the signatures of the vectors", () => {
  const key = createPublicKey({ key: vectors.receiptKey, format: "jwk" });

  it("are by the key that is shipped with them, each over the receipt, link and installation of its answer", () => {
    let signed = 0;
    for (const { title, request, answer } of understood) {
      const { installation } = request;
      const { records = [] } = JSON.parse(request.body);
      const said = JSON.parse(answer.body ?? "");
      const outcomes = (said.outcomes ?? []).map((outcome: object, index: number) => ({
        ...records[index],
        ...outcome,
      }));
      const endings = [...outcomes, ...(said.ended ?? []), ...(said.type === "disabled" ? [said] : [])];
      for (const { linkId, choice, receipt } of endings.filter((ending) => ending.receipt)) {
        const { signature, ...content } = receipt;
        expect([title, signature !== undefined]).toEqual([title, installation === "server-1"]);
        if (signature === undefined) continue;
        const about = linkId
          ? { type: "deletion", installation, linkId, choice }
          : { type: "disabling", installation };
        expect([title, statedBy(signature)]).toEqual([title, { ...about, ...content }]);
        const [header, payload, bytes] = signature.split(".");
        const input = Buffer.from(`${header}.${payload}`);
        expect(verify(null, input, key, Buffer.from(bytes, "base64url"))).toBe(true);
        signed++;
      }
    }
    expect(signed).toBeGreaterThan(8);
  });
});

describe("the JSON Schema", () => {
  it("takes every message and every answer of the vectors, and what answers each", () => {
    for (const { title, request, answer } of understood) {
      const message = JSON.parse(request.body);
      const said = JSON.parse(answer.body ?? "");
      const records = message.records ?? [];
      expect([title, isMessage({ ...message, ...(message.records && { records: [] }) })]).toEqual([
        title,
        true,
      ]);
      expect([title, isAnswer(said)]).toEqual([title, true]);
      expect([title, parseAnswer({ ...message, records }, said).isOk()]).toEqual([title, true]);
    }
    expect(understood.length).toBeGreaterThan(12);
  });

  it("says of any message what the package itself says", () => {
    const messages = understood.map(({ request }) => JSON.parse(request.body));
    let taken = 0;
    fc.assert(
      fc.property(fc.constantFrom(...messages), fc.array(anyChange, { maxLength: 2 }), (message, changes) => {
        const changed = changes.reduce((value, change) => change(value), structuredClone(message));
        const isTaken = parseMessage(changed).match(
          (read) => read.type !== "deliver" || read.records.every((record) => parseRecord(record).isOk()),
          () => false,
        );
        if (isTaken) taken++;
        expect(isMessage(changed)).toBe(isTaken);
      }),
      { numRuns: 3_000 },
    );
    expect(taken).toBeGreaterThan(300);
  });

  it("says of any report what the package itself says", () => {
    const report = {
      type: "report",
      linkId: "link_0123456789",
      choice: 1,
      source: "GitHub Enterprise Server",
      first: "2026-02-28",
    };
    const anyCounts = fc.array(fc.oneof(fc.nat(70_000), fc.constantFrom(-1, 0.5, null, "1")), {
      maxLength: 92,
    });
    const anyDay = fc.oneof(
      fc.constantFrom("2026-02-29", "2024-02-29", "0999-12-31", "2026-1-1", "2026-13-01", "2026-04-31", ""),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10)),
    );
    fc.assert(
      fc.property(
        fc.oneof(anyCounts, fc.constant([1, 2])),
        fc.oneof(anyDay, fc.constant("2026-02-28")),
        (counts, first) => {
          const value = { ...report, counts, first };
          expect(isReport(value)).toBe(parseRecord(value).isOk());
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

type Change = (value: unknown) => unknown;

const anyValue = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    1,
    2,
    -1,
    0.5,
    2_147_483_647,
    2_147_483_648,
    "",
    "on",
    "off",
    [],
    {},
  ),
  fc.constantFrom(
    "request_0123456789",
    "short",
    "x".repeat(64),
    "x".repeat(65),
    "with space 0123456",
    "2026-02-30",
  ),
  fc.constant(Array.from({ length: 65 }, (_, at) => `request-${at}-0123456789`)),
  fc.constant({ epoch: 0, status: "on" }),
  fc.constant({ epoch: 1, status: "on" }),
);

/** One value somewhere in a message replaced, removed, or put in beside the others. */
const anyChange: fc.Arbitrary<Change> = fc
  .record({ at: fc.nat(), kind: fc.constantFrom("replace", "remove", "add"), value: anyValue })
  .map(({ at, kind, value }) => (message) => {
    const places = placesIn(message);
    const place = places[at % places.length];
    if (!place) return value;
    const [holder, key] = place;
    if (kind === "replace") holder[key] = structuredClone(value);
    else if (kind === "add")
      holder[Array.isArray(holder) ? String(holder.length) : "login"] = structuredClone(value);
    else if (!Array.isArray(holder)) delete holder[key];
    return message;
  });

type Holder = Record<string, unknown>;

function placesIn(value: unknown): readonly (readonly [Holder, string])[] {
  if (typeof value !== "object" || value === null) return [];
  const holder = value as Holder;
  return Object.keys(holder).flatMap((key) => [[holder, key] as const, ...placesIn(holder[key])]);
}

describe("the OpenAPI document", () => {
  it("refers only to what it has", () => {
    const refs = [...JSON.stringify(openApi).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];

    expect(refs.length).toBeGreaterThan(30);
    expect(refs.filter(([, name = ""]) => !(name in openApi.components.schemas))).toEqual([]);
  });

  it("says of every problem of the vectors that its status can be", () => {
    const statuses = exchanges.map(({ answer }) => String(answer.status));
    const { responses } = openApi.paths["/unified-contributions"].post;

    expect(statuses.filter((status) => !(status in responses))).toEqual([]);
  });
});
