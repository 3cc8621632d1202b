// The JSON Schema and the OpenAPI document of the wire, made of the same schemas that read it.
import * as z from "zod";
import { PROBLEM_TYPE, PROBLEMS } from "../../src/adapters/http/problem.ts";
import { CONTRIBUTION_WINDOW_DAYS, MAX_DAILY_COUNT } from "../../src/domain/contribution-window.ts";
import { MAX_FOLLOWED, MAX_RECORDS, PROTOCOL_VERSION } from "../../src/domain/message.ts";
import { answers } from "../../src/domain/parse-answer.ts";
import { messages, records } from "../../src/domain/parse-message.ts";
import { MAX_SIGNATURE_LENGTH } from "../../src/domain/receipt.ts";
import {
  attempt,
  choice,
  code,
  counts,
  date,
  entryId,
  featureSwitch,
  follows,
  instant,
  ledgerPlace,
  linkId,
  receiptSignature,
  requestId,
  sessionId,
  unreadRecords,
} from "../../src/domain/wire-schema.ts";

type Json = Record<string, unknown>;

const DIALECT = "https://json-schema.org/draft/2020-12/schema";

/** The id of the schema of this version. It never changes, and neither does the schema. */
const SCHEMA_ID = `urn:unified-contributions:wire:${PROTOCOL_VERSION}`;

const OPAQUE_ID = { type: "string", pattern: "^[A-Za-z0-9_-]{16,64}$" };
const LAST_INSTANT = 253_402_300_799_999;

/** The checks that are written by hand, which zod cannot describe, with the description of each. */
const SCALARS: readonly (readonly [schema: z.ZodType, name: string, json: Json])[] = [
  [
    attempt,
    "AttemptId",
    { ...OPAQUE_ID, description: "The random id of one attempt to connect, minted by the sender." },
  ],
  [
    code,
    "ConsentCode",
    { ...OPAQUE_ID, description: "The code that a browser has brought back, for one redemption." },
  ],
  [
    choice,
    "Choice",
    { description: "One choice to send under a link: 1 for the first time that the user selects it." },
  ],
  [linkId, "LinkId", { ...OPAQUE_ID, description: "The random id of one consent, minted by the receiver." }],
  [
    sessionId,
    "SessionId",
    { ...OPAQUE_ID, description: "The random id of a session, minted by the receiver." },
  ],
  [
    requestId,
    "RequestId",
    { ...OPAQUE_ID, description: "The random id of one request, minted by the sender." },
  ],
  [
    entryId,
    "EntryId",
    { ...OPAQUE_ID, description: "The random id of one deletion that the receiver has written down." },
  ],
  [
    ledgerPlace,
    "LedgerPlace",
    { description: "Up to where the receiver has named the deleted links. A sender returns it as it is." },
  ],
  [
    date,
    "CalendarDate",
    {
      type: "string",
      format: "date",
      pattern: "^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
      description: "A day that exists, without a zone: YYYY-MM-DD.",
    },
  ],
  [
    instant,
    "Instant",
    {
      type: "integer",
      minimum: 0,
      maximum: LAST_INSTANT,
      description: "Milliseconds since 1970-01-01T00:00:00Z.",
    },
  ],
  [
    receiptSignature,
    "ReceiptSignature",
    {
      type: "string",
      maxLength: MAX_SIGNATURE_LENGTH,
      pattern: "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$",
      description:
        "A compact JWS (RFC 7515) over the receipt, its link and its installation. Left out if the receiver signs none.",
    },
  ],
  [
    counts,
    "Counts",
    {
      type: "array",
      minItems: 1,
      maxItems: CONTRIBUTION_WINDOW_DAYS,
      items: { type: "integer", minimum: 0, maximum: MAX_DAILY_COUNT },
      description: "One absolute count per day, from the first day on.",
    },
  ],
  [follows, "Follows", { type: "array", maxItems: MAX_FOLLOWED, items: { $ref: "#/$defs/RequestId" } }],
  [
    featureSwitch,
    "Switch",
    {
      description: "Whether the installation may send at all. Epoch 0 is always off.",
      anyOf: [
        { properties: { epoch: { type: "integer", minimum: 1 } } },
        { properties: { status: { const: "off" } } },
      ],
    },
  ],
  [
    unreadRecords,
    "Records",
    {
      type: "array",
      maxItems: MAX_RECORDS,
      items: { $ref: "#/$defs/Record" },
      description:
        "Each record is answered separately. A wrong one is refused by name, and the others are applied.",
    },
  ],
];

/** `attach-refused` → `AttachRefused`. */
function pascal(type: string): string {
  return type.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function namesOf(schemas: Readonly<Record<string, z.ZodType>>, suffix: string) {
  return Object.entries(schemas).map(([type, schema]) => [schema, pascal(type) + suffix] as const);
}

const MESSAGES = namesOf(messages, "Message");
const RECORDS = namesOf(records, "Record");
const ANSWERS = namesOf(answers, "Answer");

/** Returns the JSON Schema (2020-12) of everything that crosses the wire. */
export function jsonSchema(): Json {
  const registry = z.registry<{ id: string }>();
  for (const [schema, id] of [...SCALARS, ...RECORDS, ...MESSAGES, ...ANSWERS]) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    uri: (id) => `#/$defs/${id}`,
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema: made }) => {
      Object.assign(made, SCALARS.find(([schema]) => Object.is(schema, zodSchema))?.[2]);
    },
  });
  const defs = Object.entries(schemas).map(([name, { $schema: _, $id: __, ...schema }]) => [name, schema]);
  return {
    $schema: DIALECT,
    $id: SCHEMA_ID,
    title: `Unified contributions: what crosses the wire, protocol version ${PROTOCOL_VERSION}`,
    oneOf: [{ $ref: "#/$defs/Message" }, { $ref: "#/$defs/Answer" }],
    $defs: {
      Message: oneOf("All that a GitHub Enterprise Server ever says.", MESSAGES),
      Record: oneOf("One entry of a `deliver`.", RECORDS),
      Answer: oneOf("All that a receiver ever answers with status 200.", ANSWERS),
      ...Object.fromEntries(defs),
    },
  };
}

function oneOf(description: string, named: readonly (readonly [unknown, string])[]): Json {
  return { description, oneOf: named.map(([, name]) => ({ $ref: `#/$defs/${name}` })) };
}

/** Returns the OpenAPI 3.1 document of the one endpoint. */
export function openApi(): Json {
  const { $defs } = jsonSchema();
  const schemas = JSON.parse(JSON.stringify($defs).replaceAll("#/$defs/", "#/components/schemas/")) as Json;
  return {
    openapi: "3.1.0",
    info: {
      title: "Unified contributions",
      version: String(PROTOCOL_VERSION),
      description:
        "How a GitHub Enterprise Server reports daily contribution counts to GitHub Enterprise Cloud. The version is " +
        "that of the protocol, not of any package. docs/wire.md tells the rest.",
    },
    jsonSchemaDialect: DIALECT,
    paths: { "/unified-contributions": { post: operation() } },
    components: {
      schemas: { ...schemas, Problem: problem() },
      headers: Object.fromEntries(
        SIGNED_FIELDS.map(([name, description]) => [name, { description, schema: { type: "string" } }]),
      ),
    },
  };
}

/** The fields of signed requests and answers, each with its description. */
const SIGNED_FIELDS: readonly (readonly [name: string, description: string])[] = [
  ["Content-Digest", "RFC 9530: the SHA-256 of the body as it is sent, if the message is signed."],
  ["Signature-Input", "RFC 9421: what is signed. docs/http-signatures.md lists the components."],
  ["Signature", "RFC 9421: the signature."],
];

const CLAIM: (typeof SIGNED_FIELDS)[number] = [
  "Unified-Contributions-Deletion",
  "`?1` if the message is a `disable`, or a `deliver` of withdrawals alone: reports then cannot hold it back.",
];

/** The fields of an answer of a cloud that signs its answers. */
const ANSWER_FIELDS: Json = Object.fromEntries(
  SIGNED_FIELDS.map(([name]) => [name, { $ref: `#/components/headers/${name}` }]),
);

function operation(): Json {
  return {
    operationId: "say",
    summary: "Says one message, and hears its answer.",
    parameters: [...SIGNED_FIELDS, CLAIM].map(([name, description]) => ({
      ...{ name, in: "header", required: false, description, schema: { type: "string" } },
    })),
    requestBody: {
      required: true,
      description: "At most 1 MiB, before and after decompression; `Content-Encoding: gzip` is understood.",
      content: { "application/json": { schema: { $ref: "#/components/schemas/Message" } } },
    },
    responses: {
      200: {
        description: "The message arrived. Whether it was understood and applied is what the answer says.",
        headers: ANSWER_FIELDS,
        content: { "application/json": { schema: { $ref: "#/components/schemas/Answer" } } },
      },
      ...Object.fromEntries(problemStatuses().map((status) => [status, problemResponse(status)])),
    },
  };
}

function problemStatuses(): readonly number[] {
  return [...new Set(Object.values(PROBLEMS).map(({ status }) => status))].sort();
}

function problemResponse(status: number): Json {
  const codes = Object.entries(PROBLEMS).filter(([, kind]) => kind.status === status);
  const isRetried = codes.every(([, { retryAfterSeconds }]) => retryAfterSeconds !== undefined);
  const retry = isRetried
    ? { "Retry-After": { required: true, schema: { type: "integer", minimum: 0 } } }
    : {};
  return {
    description: codes.map(([code, { title }]) => `\`${code}\`: ${title}.`).join(" "),
    headers: { ...retry, ...ANSWER_FIELDS },
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
  };
}

function problem(): Json {
  return {
    description: "RFC 9457. Other types may come with later releases: go by the status then.",
    type: "object",
    properties: {
      type: { type: "string", examples: Object.keys(PROBLEMS).map((code) => PROBLEM_TYPE + code) },
      title: { type: "string" },
      status: { type: "integer" },
      detail: { type: "string" },
    },
    required: ["type", "title", "status", "detail"],
  };
}
