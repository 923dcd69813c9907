// What the author of a destination says, so that the suite can play her vendor.
import type { ActionDelivery } from '../destination-action.ts';
import type { MemberDelivery } from '../destination-audience.ts';
import type { EventDelivery } from '../destination-event.ts';
import type { ProfileDelivery } from '../destination-profile.ts';
import type { ChangeDelivery, EraseDelivery } from '../destination.ts';
import type { OldSettings } from './old-settings-checks.ts';
import type { DeliveryOutcome } from '../outcome.ts';
import type { VendorAnswer, VendorRequest } from './loopback-vendor.ts';

/** As the hub hands it over; a `changeId` that an example leaves out is made of the handle. */
export type ExampleOf<Delivery extends ChangeDelivery> = Omit<Delivery, 'changeId'> & {
  readonly changeId?: string;
};

/** One call of the plugin, as the hub makes it. */
export type DestinationInput =
  | {
      readonly call: 'audiences.add' | 'audiences.remove';
      readonly list: string;
      readonly deliveries: readonly ExampleOf<MemberDelivery>[];
    }
  | { readonly call: 'profiles.upsert'; readonly deliveries: readonly ExampleOf<ProfileDelivery>[] }
  | { readonly call: 'events.forward'; readonly deliveries: readonly EventDelivery[] }
  | {
      readonly call: 'actions';
      readonly action: string;
      readonly deliveries: readonly ActionDelivery[];
    }
  | { readonly call: 'erase'; readonly deliveries: readonly ExampleOf<EraseDelivery>[] };

/** A request that the vendor must see. */
export interface ExpectedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Those that matter, names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, compared by what it means; a text is compared as it is. Left out: not compared. */
  readonly body?: unknown;
}

/**
 * A call, and what it comes to at the vendor. Test, fixture and documentation at once; titles are unique.
 */
export interface DestinationExample {
  readonly title: string;
  readonly in: DestinationInput;
  readonly out: {
    /** What the vendor must see, in any order. */
    readonly requests: readonly ExpectedRequest[];
    /** Default: everything delivered. A job counts as what it came to when it was polled. */
    readonly outcomes?: readonly DeliveryOutcome[];
  };
}

/** A list as `audiences.list` reads it back from the vendor, which holds just these members. */
export interface ListExample {
  readonly title: string;
  readonly in: { readonly list: string };
  /** In any order. A `vendorId` that is left out is not compared. */
  readonly out: {
    readonly members: readonly { readonly key: string; readonly vendorId?: string }[];
  };
}

/** What the vendor is to do with the requests that come. */
export type VendorScenario =
  /** Takes everything. */
  | { readonly kind: 'accept' }
  /** Everything asked for has been so before: already on the list, already gone. */
  | { readonly kind: 'again' }
  /** Refuses this one person for ever, and takes the rest where its interface can tell them apart. */
  | { readonly kind: 'refuse'; readonly key: string; readonly handle: string };

/** The vendor's dialect. */
export interface VendorDialect {
  /** Answers as the vendor would. */
  respond(request: VendorRequest, scenario: VendorScenario): VendorAnswer | Promise<VendorAnswer>;
  /** «Too fast», where the vendor does not say it with status 429 and `Retry-After`. */
  rateLimited?(waitMs: number, now: number): VendorAnswer;
  /** «Wrong credentials», where the vendor does not say it with status 401. */
  unauthorised?(): VendorAnswer;
  /** «This will never do», where the vendor does not say it with status 400 and a text. */
  refused?(): VendorAnswer;
  /** True where the status is all there is: any 2xx means delivered, whatever the body. Default false. */
  readonly statusAlone?: boolean;
  /**
   * What the vendor dedupes a request by; undefined where it does not. Needed where the plugin calls an
   * action or events idempotent, and where it hands on the `changeId` of changes.
   */
  idempotencyKey?(request: VendorRequest): string | undefined;
}

/**
 * All that the suite needs to know of a destination: settings, how its vendor talks, and what comes of what.
 */
export interface DestinationCases {
  /** Settings of an instance that talks to the suite's vendor, secrets included. */
  settings(vendorUrl: string): Readonly<Record<string, unknown>>;
  /**
   * The same without leave to reach addresses that are not public, such as the suite's vendor. Of a plugin that
   * calls whatever address somebody types: it must refuse (see `AddressGuard`).
   */
  guardedSettings?(vendorUrl: string): Readonly<Record<string, unknown>>;
  readonly vendor: VendorDialect;
  /** Settings of older versions, one for each step of `migrations` at least. */
  readonly oldSettings?: readonly OldSettings[];
  /** Needed where the plugin has `audiences.list`: the first is also read in every kind of trouble. */
  readonly lists?: readonly ListExample[];
  /**
   * At least one for each thing the plugin can do, with all delivered, of two deliveries or more where it takes
   * batches; where it has `poll`, one whose vendor takes a job.
   */
  readonly examples: readonly DestinationExample[];
}
