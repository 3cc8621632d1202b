/**
 * Messages over HTTPS: a transport for the server that sends, and a Fetch-API handler for the cloud that receives.
 *
 * It runs on every platform with the Fetch API. docs/wire.md describes the wire for other implementations.
 *
 * @packageDocumentation
 */

export type {
  AnswerHead,
  Authenticate,
  AuthenticationProblem,
  AuthenticationRefusal,
  ExplainedRefusal,
  HeadFirst,
  MessageHead,
  Sign,
  SignAnswer,
  VerifyAnswer,
  WithBody,
} from "./authentication.ts";
export type { HttpHandlerEvent, HttpTransportEvent } from "./events.ts";
export { createHttpHandler, type HttpHandler } from "./handler.ts";
export type { HttpHandlerOptions } from "./handler-options.ts";
export { PROBLEM_TYPE, type ProblemCode } from "./problem.ts";
export { createHttpTransport, type HttpFetch, type HttpTransportOptions } from "./transport.ts";
