// The addon, and its classes with constructors that are good to write.

import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';

export const native = createRequire(import.meta.url)('../build/portcullis.node');

/** Monotonic milliseconds, whole, since this thread began. */
export const monotonicMs = () => Math.floor(performance.now());

/** What decides. `config` is an object, JSON, or nothing for the defaults. */
export class Policy extends native.Policy {
  constructor(config, { sealKey } = {}) {
    const isText = typeof config === 'string' || config instanceof Uint8Array;
    super(config == null || isText ? config : JSON.stringify(config), sealKey);
  }
}

/** A guard between one client and one server, verb by verb. */
export class Engine extends native.Engine {
  constructor(policy, options = {}) {
    const { limits, wanted = 0, ledger } = options;
    const { monotonicMs: monotonic = monotonicMs(), wallMs = Date.now() } = options;
    super(policy, limits, wanted, ledger, monotonic, wallMs);
  }
}

/** What URLs, paths, clients and their pages may be. `config` as for a Policy, or a Policy itself. */
export class NetGuard extends native.NetGuard {
  constructor(config) {
    const isText = typeof config === 'string' || config instanceof Uint8Array;
    if (config instanceof native.Policy) super(undefined, config);
    else super(config == null || isText ? config : JSON.stringify(config));
  }

  checkIp(address, wallMs = Date.now()) {
    return super.checkIp(address, wallMs);
  }

  cors({ method, origin, requestMethod, requestHeaders, privateNetwork = false }) {
    return super.cors(method, origin, requestMethod, requestHeaders, privateNetwork);
  }
}

export const { Ledger, Finder, Redactor } = native;
