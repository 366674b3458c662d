// Reads file names, one a line; prints, as JSON, which of their terms a JSON-LD processor would lose: file → names.
//
// ActivityStreams 2.0 gives undefined terms blank names ("@vocab": "_:"), which no reader of RDF keeps. Contexts come
// from Fedify's own store; one that is not there would have to be fetched by every reader, and is an error.

import { readFileSync } from "node:fs";
import { preloadedContexts } from "@fedify/vocab-runtime";
import jsonld from "jsonld";

function documentLoader(url) {
  if (!(url in preloadedContexts)) throw new Error(`nobody has the context ${url} at hand`);
  return { documentUrl: url, document: preloadedContexts[url] };
}

function* lost(value) {
  if (Array.isArray(value)) for (const part of value) yield* lost(part);
  else if (value !== null && typeof value === "object") {
    for (const type of [value["@type"] ?? []].flat()) if (type.startsWith("_:")) yield type.slice(2);
    for (const [name, part] of Object.entries(value)) {
      if (name.startsWith("_:")) yield name.slice(2);
      yield* lost(part);
    }
  }
}

const found = {};
for (const file of readFileSync(0, "utf-8").split("\n").filter(Boolean)) {
  const document = JSON.parse(readFileSync(file, "utf-8"));
  const expanded = await jsonld.expand(document, { documentLoader });
  found[file] = [...new Set(lost(expanded))];
}
console.log(JSON.stringify(found));
