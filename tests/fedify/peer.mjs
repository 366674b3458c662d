// A small Fedify application: somebody else's server, for the tests of this directory.
//
// It serves ActivityPub over TLS on 127.0.0.1, as any application built on Fedify does, and takes orders
// from a test over plain HTTP on another port: POST {"order": NAME, …}, answered with JSON. Run as
// `node peer.mjs KEY.pem CERTIFICATE.pem`; prints one line, {"origin": …, "orders": …}, and nothing else;
// ends when its standard input does. Trust in the other side's CA comes from NODE_EXTRA_CA_CERTS.

import { readFileSync } from "node:fs";
import { createServer as createPlainServer } from "node:http";
import { createServer } from "node:https";
import {
  createFederationBuilder,
  generateCryptoKeyPair,
  MemoryKvStore,
  parseNodeInfo,
  SendActivityError,
  verifyObject,
} from "@fedify/fedify";
import * as vocab from "@fedify/vocab";
import { Temporal } from "@js-temporal/polyfill";

const RFC_9421 = "rfc9421";
const CAVAGE = "draft-cavage-http-signatures-12";

const followers = new Map(); // actor id → the actor, as a recipient
const published = new Map(); // path → an object that can be fetched
const received = []; // verified activities, as JSON-LD
const asked = []; // what came to the inboxes since we are in this temper: {spec, input, status, challenge}
const knocks = []; // what we sent: {method, url, spec, status}
let temper = "open"; // "challenge": no draft-cavage, says what it wants instead; "strict": says no more than 401

// ---------------------------------------------------------------------------- the application

const builder = createFederationBuilder();
const actors = { fern: vocab.Person, glade: vocab.Group, grove: vocab.Group };
const formerly = { grove: "glade" }; // where it says it lived before, so that a Move there can be believed
// As Fedify's manual has it, one pair for HTTP signatures and one for proofs; but RSA of 2048 bits and not 4096,
// and the same for all actors: making them takes a while.
const RSA = { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
const keys = [
  await crypto.subtle.generateKey(RSA, true, ["sign", "verify"]),
  await generateCryptoKeyPair("Ed25519"),
];

builder
  .setActorDispatcher("/users/{identifier}", async (ctx, identifier) => {
    if (!(identifier in actors)) return null;
    const pairs = await ctx.getActorKeyPairs(identifier);
    return new actors[identifier]({
      id: ctx.getActorUri(identifier),
      preferredUsername: identifier,
      name: `The ${identifier}`,
      summary: "Grows in a test.",
      url: ctx.getActorUri(identifier),
      inbox: ctx.getInboxUri(identifier),
      outbox: ctx.getOutboxUri(identifier),
      followers: ctx.getFollowersUri(identifier),
      endpoints: new vocab.Endpoints({ sharedInbox: ctx.getInboxUri() }),
      publicKey: pairs[0].cryptographicKey,
      assertionMethods: pairs.map((pair) => pair.multikey),
      aliases: formerly[identifier] ? [ctx.getActorUri(formerly[identifier])] : [],
    });
  })
  .setKeyPairsDispatcher(() => keys);

builder.setOutboxDispatcher("/users/{identifier}/outbox", () => ({ items: [] }));
builder
  .setFollowersDispatcher("/users/{identifier}/followers", () => ({ items: [...followers.values()] }))
  .setCounter(() => followers.size);

builder.setNodeInfoDispatcher("/nodeinfo/2.1", () => ({
  software: { name: "fern-and-glade", version: "2.3.6" },
  protocols: ["activitypub"],
  usage: { users: { total: 2 }, localPosts: 0, localComments: 0 },
}));

for (const type of [vocab.Event, vocab.Note]) {
  const folder = `/${type.name.toLowerCase()}s`;
  builder.setObjectDispatcher(type, `${folder}/{slug}`, (_, { slug }) => published.get(`${folder}/${slug}`) ?? null);
}

builder
  .setInboxListeners("/users/{identifier}/inbox", "/inbox")
  .setSharedKeyDispatcher(() => ({ identifier: "glade" }))
  .on(vocab.Activity, async (ctx, activity) => {
    received.push(await activity.toJsonLd(ctx));
    if (activity instanceof vocab.Follow) await accept(ctx, activity);
    else if (activity instanceof vocab.Undo) followers.delete(activity.actorId.href);
  });

async function accept(ctx, follow) {
  const { identifier } = ctx.parseUri(follow.objectId);
  const follower = await follow.getActor(ctx);
  followers.set(follower.id.href, follower);
  const answer = new vocab.Accept({
    id: new URL(`/accepts/${followers.size}-${crypto.randomUUID()}`, ctx.origin),
    actor: follow.objectId,
    object: follow,
  });
  await ctx.sendActivity({ identifier }, follower, answer, { immediate: true });
}

/** The application by how it knocks first, and one that says in a 401 how it wants to be signed to; all know nobody yet. */
async function found() {
  const options = { kv: new MemoryKvStore(), origin, allowPrivateAddress: true };
  return {
    [RFC_9421]: await builder.build(options), // which it knocks with first, as is Fedify's default
    [CAVAGE]: await builder.build({ ...options, kv: new MemoryKvStore(), firstKnock: CAVAGE }),
    challenge: await builder.build({ ...options, inboxChallengePolicy: { enabled: true, requestNonce: true } }),
  };
}

function context(knock = RFC_9421) {
  return federations[knock].createContext(new URL(origin), null);
}

// ---------------------------------------------------------------------------- orders of the test

const orders = {
  /** Build `activity` and have `name` send it `to` somebody; how we knocked at their inbox, and what came of it. */
  async send({ name, to, activity, knock }) {
    const ctx = context(knock);
    const recipient = await ctx.lookupObject(to);
    knocks.length = 0;
    const sent = ctx.sendActivity({ identifier: name }, recipient, build(activity), { immediate: true });
    await sent.catch((error) => error instanceof SendActivityError || Promise.reject(error));
    return knocks.filter(({ method }) => method === "POST");
  },

  /** Keep `object` where its id says, so that it can be fetched. */
  publish({ object }) {
    published.set(new URL(object.id).pathname, build(object));
  },

  remove({ id }) {
    published.delete(new URL(id).pathname);
  },

  /** An object or an actor (also by handle) as Fedify reads it, asked for by nobody or, signed, by `name`. */
  async lookup({ what, name }) {
    const ctx = context();
    const documentLoader = name ? await ctx.getDocumentLoader({ identifier: name }) : ctx.documentLoader;
    const found = await ctx.lookupObject(what, { documentLoader });
    return found && (await found.toJsonLd({ ...context(), format: "compact" }));
  },

  async webfinger({ what }) {
    return await context().lookupWebFinger(what);
  },

  /** What Fedify's strict reader makes of a NodeInfo document. (Its own look-up never asks loopback.) */
  nodeinfo({ document }) {
    return parseNodeInfo(document);
  },

  async traverse({ what }) {
    const ctx = context();
    const collection = await ctx.lookupObject(what);
    const ids = [];
    for await (const item of ctx.traverseCollection(collection)) ids.push(item.id?.href);
    return ids;
  },

  /** Whether Fedify believes the FEP-8b32 proof in `document`, without any HTTP signature. */
  async believes({ document }) {
    return (await verifyObject(vocab.Object, document, context())) != null;
  },

  received: () => received,
  asked: () => asked,
  followers: () => [...followers.keys()],
  temper({ to }) {
    temper = to;
    asked.length = 0;
  },
  /** As if it had just begun, but for its keys. */
  async forget() {
    federations = await found();
    for (const kept of [followers, published]) kept.clear();
    for (const list of [received, asked]) list.length = 0;
    temper = "open";
  },
};

/** {"type": "Event", "name": …} with the names of Fedify's properties → an instance of its class. */
function build(value) {
  if (Array.isArray(value)) return value.map(build);
  if (typeof value === "string") return scalar(value);
  if (typeof value !== "object" || value === null) return value;
  const { type, ...properties } = value;
  const built = Object.entries(properties).map(([key, part]) => [key, build(part)]);
  return new vocab[type](Object.fromEntries(built));
}

function scalar(text) {
  if (/^https?:\S+$/.test(text)) return new URL(text);
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? Temporal.Instant.from(text) : text;
}

// ---------------------------------------------------------------------------- HTTP

function specOf(headers) {
  if (headers.has("signature-input")) return RFC_9421;
  return headers.has("signature") ? CAVAGE : null;
}

const fetchAsEver = globalThis.fetch;
globalThis.fetch = async (resource, options) => {
  const request = new Request(resource, options);
  const response = await fetchAsEver(request);
  const { method, url } = request;
  knocks.push({ method, url, spec: specOf(request.headers), status: response.status });
  return response;
};

async function read(incoming, origin) {
  const body = [];
  for await (const part of incoming) body.push(part);
  const { method } = incoming;
  const headers = Object.entries(incoming.headers).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
  return new Request(new URL(incoming.url, origin), {
    method,
    headers,
    body: method === "POST" ? Buffer.concat(body) : undefined,
  });
}

async function write(outgoing, response) {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}

async function serve(incoming, outgoing) {
  const request = await read(incoming, origin);
  const spec = specOf(request.headers);
  if (temper !== "open" && spec === CAVAGE) request.headers.delete("signature");
  const response = await (federations[temper] ?? federations[RFC_9421]).fetch(request, { contextData: null });
  if (request.method === "POST") {
    const challenge = response.headers.get("accept-signature");
    asked.push({ spec, input: request.headers.get("signature-input"), status: response.status, challenge });
  }
  await write(outgoing, response);
}

async function obey(incoming, outgoing) {
  const { order, ...details } = await (await read(incoming, origin)).json();
  try {
    await write(outgoing, Response.json((await orders[order](details)) ?? null));
  } catch (error) {
    await write(outgoing, Response.json({ error: `${error.stack ?? error}` }, { status: 500 }));
  }
}

function listen(server) {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server.address().port)));
}

const [key, cert] = process.argv.slice(2).map((file) => readFileSync(file));
const origin = `https://127.0.0.1:${await listen(createServer({ key, cert }, serve))}`;
let federations = await found();

process.stdin.resume().on("end", () => process.exit());
const ordersPort = await listen(createPlainServer(obey));
console.log(JSON.stringify({ origin, orders: `http://127.0.0.1:${ordersPort}` }));
