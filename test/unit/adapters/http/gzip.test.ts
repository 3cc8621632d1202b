import { crc32, gunzipSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, it, vi } from "vitest";
import { gunzip, gzip, isWorthCompressing } from "../../../../src/adapters/http/gzip.ts";

const CONTENT = '{"version":1}';
const MEMBER = gzipSync(CONTENT);
const NO_BOUND = 1_000_000;

/** The three bytes with which another member would begin. */
const BEGINNING = "\x1f\x8b\x08";

afterEach(() => void vi.unstubAllGlobals());

function together(...parts: (Uint8Array | string)[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(
    Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : part))),
  );
}

/** What is read of these bytes, as text, or the reason why nothing is. */
async function read(packed: Uint8Array, maxBytes = NO_BOUND): Promise<string> {
  return (await gunzip(together(packed), maxBytes)).match(
    (bytes) => Buffer.from(bytes).toString(),
    (problem) => problem,
  );
}

/** The parts of a header by their flags (RFC 1952, section 2.3.1), in the order in which they come. */
const PARTS: readonly (readonly [flag: number, part: string])[] = [
  [4, `\x2c\x02${BEGINNING.padEnd(556, "x")}`],
  [8, `${BEGINNING}name\0`],
  [16, `comment ${BEGINNING}\0`],
  [2, "sum"],
];

/** The member with the parts that these flags name in its header. */
function withParts(flags: number): Uint8Array<ArrayBuffer> {
  const header = together(MEMBER.subarray(0, 10));
  header[3] = flags;
  let whole = header;
  for (const [flag, part] of PARTS) {
    if (!(flags & flag)) continue;
    const sum = crc32(whole) & 0xffff;
    whole = together(whole, flag === 2 ? new Uint8Array([sum & 0xff, sum >> 8]) : part);
  }
  return together(whole, MEMBER.subarray(10));
}

/** Counts from now on how often this platform is asked to inflate something. */
function countInflating(): { times: number } {
  const counted = { times: 0 };
  const Inflating = DecompressionStream;
  vi.stubGlobal(
    "DecompressionStream",
    class extends Inflating {
      constructor(format: "gzip" | "deflate-raw") {
        super(format);
        counted.times++;
      }
    },
  );
  return counted;
}

describe("what is compressed", () => {
  it("is worth it from 1,024 bytes on", () => {
    expect(isWorthCompressing(new Uint8Array(1_023))).toBe(false);
    expect(isWorthCompressing(new Uint8Array(1_024))).toBe(true);
  });

  it.each([0, 1, 16_384, 16_385, 100_000])("is read again, by others, too: %i bytes", async (length) => {
    const body = Uint8Array.from({ length }, (_, index) => (index * index) % 251);

    const packed = await gzip(body);

    expect(gunzipSync(packed).equals(body)).toBe(true);
    expect(Buffer.from((await gunzip(packed, length))._unsafeUnwrap()).equals(body)).toBe(true);
  });

  it("is refused one byte above the bound", async () => {
    expect(await read(MEMBER, CONTENT.length)).toBe(CONTENT);
    expect(await read(MEMBER, CONTENT.length - 1)).toBe("too-large");
  });
});

describe("one member", () => {
  it.each(Array.from({ length: 16 }, (_, parts) => parts * 2))(
    "is read with the parts of its header that the flags %i name, though another seems to begin in them",
    async (flags) => {
      expect(gunzipSync(withParts(flags)).toString()).toBe(CONTENT);
      expect(await read(withParts(flags))).toBe(CONTENT);
    },
  );

  /** A member that holds these bytes as they are. */
  function stored(content: string): Uint8Array {
    return gzipSync(Buffer.from(content, "latin1"), { level: 0 });
  }

  it.each([
    ["no other seems to begin in it", MEMBER],
    ["another seems to begin where none has room", stored(`12345678901234567890${BEGINNING}123456`)],
    [
      "only two of three bytes are those of a beginning",
      stored("12345\x1f\x8b\x0767890\x1f\x8a\x081234567890"),
    ],
  ])("is inflated once if %s", async (_, packed) => {
    const counted = countInflating();

    expect((await read(packed)).length).toBeGreaterThan(10);
    expect(counted.times).toBe(1);
  });

  it.each([
    ["in its first bytes", stored(`${BEGINNING}${"x".repeat(200_000)}`)],
    ["after a byte that is like its first", stored(`1\x1f2\x1f${BEGINNING}1234567890`)],
    ["where it just has room", stored(`12345678901234567890${BEGINNING}1234567`)],
  ])("is inflated to its first byte again if another seems to begin %s", async (_, packed) => {
    const counted = countInflating();

    expect((await read(packed)).length).toBeGreaterThan(10);
    expect(counted.times).toBe(2);
  });
});

describe("what is not one member", () => {
  const EMPTY = gzipSync("");

  it.each([
    ["nothing at all", ""],
    ["no gzip", CONTENT],
    ["a member without its last byte", MEMBER.subarray(0, -1)],
    ["a member without its trailer", MEMBER.subarray(0, -8)],
    ["two members", together(MEMBER, MEMBER)],
    ["a member and an empty one", together(MEMBER, EMPTY)],
    ["an empty member and another", together(EMPTY, MEMBER)],
    ["two empty members", together(EMPTY, EMPTY)],
    ["two empty members and another", together(EMPTY, EMPTY, MEMBER)],
    ["an empty member with all parts of a header, and another", together(emptyWithParts(), MEMBER)],
    ["a member and text", together(MEMBER, "text")],
    ["a member, text and the length of its content", together(MEMBER, "text", "\x0d\0\0\0")],
    ["a member and zeros", together(MEMBER, "\0\0\0\0")],
  ])("is incomplete: %s", async (_, packed) => {
    expect(await read(together(packed))).toBe("incomplete");
  });

  it("is incomplete on a platform, too, that fails where the first member ends", async () => {
    const Inflating = DecompressionStream;
    vi.stubGlobal("DecompressionStream", function inflating(format: "gzip" | "deflate-raw") {
      if (format === "gzip") return new Inflating(format);
      return new TransformStream({
        transform: () => undefined,
        flush: (controller) => controller.error(new TypeError("trailing data")),
      });
    });

    expect(await read(together(EMPTY, MEMBER))).toBe("incomplete");
  });

  /** An empty member in whose header the parts of a header stand. */
  function emptyWithParts(): Uint8Array {
    return together(withParts(30).subarray(0, -(MEMBER.length - 10)), EMPTY.subarray(10));
  }
});
