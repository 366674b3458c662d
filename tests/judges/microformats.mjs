// What microformats-parser reads on pages: {name: {html, url}} in, {name: parsed} out.
import { readFileSync } from "node:fs";
import { mf2 } from "microformats-parser";

const pages = Object.entries(JSON.parse(readFileSync(0, "utf8")));
console.log(
  JSON.stringify(
    Object.fromEntries(pages.map(([name, { html, url }]) => [name, mf2(html, { baseUrl: url })])),
  ),
);
