import type { Clock, InstallationId, Random, UserId } from "unified-contributions";
import type { ContributionSource, Sender, Terms } from "unified-contributions/ghes";
import type { SignIn } from "../web/host.ts";

/** The parts that a host brings for the pages of GitHub Enterprise Server. */
export interface ServerHost {
  readonly sender: Sender;
  /** The same source that the sender reads: the preview shows what it would send. */
  readonly source: ContributionSource;
  readonly clock: Clock;
  readonly random: Random;
  readonly signIn: SignIn<UserId>;
  readonly cloud: CloudPlace;
  /** Whether the enterprise has accepted the current terms; the server asks the cloud, which answers null if it cannot be reached. */
  readonly terms: () => Promise<Terms | null>;
  /** The last messages that have left, as they left, newest last. */
  readonly sent: () => readonly string[];
}

/** The cloud as the pages of the server name it and lead to it. */
interface CloudPlace {
  /** `GitHub.com`, or `SUBDOMAIN.ghe.com`. */
  readonly name: string;
  /** The origin of its pages. */
  readonly url: string;
  /** The name by which the cloud knows this server. */
  readonly installation: InstallationId;
}

/** The user's page. */
export const USER_PAGE = "/settings/github-connect";

/** The owner's page. */
export const OWNER_PAGE = "/enterprise/github-connect";
