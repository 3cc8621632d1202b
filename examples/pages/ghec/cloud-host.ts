import type { AccountId, Clock, InstallationId, Random } from "unified-contributions";
import type { Receiver } from "unified-contributions/ghec";
import type { SignIn } from "../web/host.ts";
import type { Person } from "../web/session.ts";

/** The parts that a host brings for the pages of GitHub Enterprise Cloud. */
export interface CloudHost {
  readonly receiver: Receiver;
  readonly clock: Clock;
  readonly random: Random;
  readonly signIn: SignIn<AccountId>;
  /** The accounts that have profiles. */
  readonly accounts: readonly Person<AccountId>[];
  /** The one server that is connected with GitHub Connect; a real cloud has a table of them. */
  readonly server: ConnectedServer;
  readonly terms: EnterpriseTerms;
}

/** The enterprise's terms of service. The server asks over there whether they are accepted, before it enables. */
interface EnterpriseTerms {
  isAccepted(): boolean;
  accept(): void;
}

/** A GitHub Enterprise Server as its owner has registered it. */
interface ConnectedServer {
  readonly installation: InstallationId;
  /** The enterprise it belongs to, which pages name. */
  readonly enterprise: string;
  /** The origin of its pages: where a browser is led back to, whatever a request says. */
  readonly url: string;
}

/** Where an account's owner sees who sends for them. */
export const SERVERS_PAGE = "/settings/servers";

/** Where an account's profile is. */
export function profilePath(account: AccountId): string {
  return `/users/${encodeURIComponent(account)}`;
}
